"""An order log through a client: every good line sent in order, every answer counted."""

from collections.abc import Callable, Iterable, Iterator

from publisher.client import OrderClient
from publisher.order_log.lines import BadLine
from publisher.order_log.orders import Order
from publisher.order_log.summary import ImportSummary
from schemas.commands import Command
from schemas.results import Result


class LogImport:
    """One pass over `orders`; `summary` is always that of what has happened so far.

    `on_bad_line` is told of each bad line, `on_answer` of each answer with the
    number of its line; answers of different SKUs overtake each other.
    """

    def __init__(
        self,
        orders: Iterable[Order | BadLine],
        *,
        on_bad_line: Callable[[BadLine], None],
        on_answer: Callable[[int, Result], None],
    ) -> None:
        self.summary = ImportSummary()
        self._orders = orders
        self._on_bad_line = on_bad_line
        self._on_answer = on_answer
        self._lines: dict[int, int] = {}

    async def send(self, client: OrderClient, *, timeout_seconds: float) -> None:
        """Send all good lines and wait for their answers. Raises as `OrderClient.request_many` does.

        After an error, the same import may be run again: it goes on, and
        applies nothing twice.
        """
        async with client.request_many(self._commands(), timeout_seconds=timeout_seconds) as answers:
            async for answered in answers:
                self.summary.add_result(answered.result)
                self._on_answer(self._lines.pop(answered.position), answered.result)

    def read_only(self) -> None:
        """Read everything and send nothing."""
        for _ in self._commands():
            self._lines.clear()

    def _commands(self) -> Iterator[Command]:
        position = 0
        for order in self._orders:
            if isinstance(order, BadLine):
                self.summary.bad_line_count += 1
                self._on_bad_line(order)
                continue
            self.summary.add_command(order.command)
            self._lines[position] = order.line
            position += 1
            yield order.command
