"""The named points at which something can go wrong.

Each twin tells where it is: before an operation (`commit`), and after it
(`committed`), when it has taken effect and its caller does not know yet.

    take, taken            of the source        acknowledge, acknowledged
    claim, claimed         of the store         load, loaded, commit, committed
    publish, published     of the outbox        pause
    holds, count, file, filed, open_letters, settle, settled   of the ledger
"""

from collections import deque
from collections.abc import Callable

Action = Callable[[str], None]
"""Does something at a point, or raises what the caller of the twin shall see."""


class Faults:
    """What goes wrong at which point. Nothing does unless it was planned."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        """Every point that was reached, in order."""
        self._planned: dict[str, deque[Action]] = {}
        self._everywhere: Action | None = None

    def plan(self, point: str, *actions: Action | BaseException) -> None:
        """Let the next times at `point` go wrong, one action or error each."""
        self._planned.setdefault(point, deque()).extend(
            _raising(action) if isinstance(action, BaseException) else action for action in actions
        )

    def everywhere(self, action: Action | None) -> None:
        """Call `action` at every point from now on, or nothing any more."""
        self._everywhere = action

    def reach(self, point: str) -> None:
        """Tell that a twin is at `point`."""
        self.passed.append(point)
        planned = self._planned.get(point)
        if planned:
            planned.popleft()(point)
        if self._everywhere is not None:
            self._everywhere(point)


def _raising(error: BaseException) -> Action:
    def action(_point: str) -> None:
        raise error

    return action
