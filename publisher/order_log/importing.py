"""An order log through a client: everything that is good sent in order, every answer counted."""

from collections.abc import Callable, Iterable, Iterator

from publisher.client import OrderClient
from publisher.order_log.lines import BadLine
from publisher.order_log.logged_commands import LoggedCommand
from publisher.order_log.summary import ImportSummary
from schemas.commands import Command
from schemas.results import Result


class LogImport:
    """One pass over what a log holds; `summary` is always that of what has happened so far.

    `on_bad` is told of each line and order that cannot be sent, `on_answer` of
    each answer with its command; answers of different SKUs overtake each other.
    """

    def __init__(
        self,
        logged: Iterable[LoggedCommand | BadLine],
        *,
        on_bad: Callable[[BadLine], None],
        on_answer: Callable[[LoggedCommand, Result], None],
    ) -> None:
        self.summary = ImportSummary()
        self._logged = logged
        self._on_bad = on_bad
        self._on_answer = on_answer
        self._under_way: dict[int, LoggedCommand] = {}

    async def send(self, client: OrderClient, *, timeout_seconds: float, outstanding_limit: int) -> None:
        """Send everything that is good and wait for the answers. Raises as `OrderClient.request_many` does.

        After an error, the same import may be run again: it goes on, and
        applies nothing twice.
        """
        async with client.request_many(
            self._commands(), timeout_seconds=timeout_seconds, outstanding_limit=outstanding_limit
        ) as answers:
            async for answered in answers:
                self.summary.add_result(answered.command, answered.result)
                self._on_answer(self._under_way.pop(answered.position), answered.result)

    def read_only(self) -> None:
        """Read everything and send nothing."""
        for _ in self._commands():
            self._under_way.clear()

    def _commands(self) -> Iterator[Command]:
        position = 0
        for logged in self._logged:
            if isinstance(logged, BadLine):
                self.summary.add_bad(logged)
                self._on_bad(logged)
                continue
            self.summary.add_command(logged)
            self._under_way[position] = logged
            position += 1
            yield logged.command
