"""Where a trap can be laid in a worker, and what it does to it."""

import asyncio
import os
import signal
from enum import StrEnum

import structlog


class Point(StrEnum):
    """A place on the way of a command, or of the end of a reservation."""

    CLAIMED = "claimed"
    """A partition is owned, and the batch for which it was claimed is decided."""
    BEFORE_STATEMENT = "before_statement"
    INSIDE_STATEMENT = "inside_statement"
    """The statement has been sent, its answer has not come."""
    COMMITTED = "committed"
    """Durable, and not published."""
    PUBLISHED = "published"
    """Confirmed by the broker, and not acknowledged."""
    HANDOVER = "handover"
    """A lane has finished its last batch, and its channel is open still."""
    EXPIRY_FOUND = "expiry_found"
    """A reservation is due, and nothing has been sent."""
    EXPIRY_SENT = "expiry_sent"
    EXPIRY_COMMITTED = "expiry_committed"
    """A reservation has ended, and nobody has been told."""
    ORDER_PLACED = "order_placed"
    """A whole order is durable, and nothing has been asked of its lines."""
    ORDER_ASKED = "order_asked"
    """What an order asks of its lines is at the broker, and what led to it is not acknowledged."""
    LINE_HELD = "line_held"
    """Units are held for a line, and its order has not been told."""
    LINE_SOLD = "line_sold"
    """The last line of an order is sold, which decides the order, and its order has not been told."""
    ORDER_DECIDED = "order_decided"
    """An order is sold or refused, in its own lane, too; nobody has been told, and its units are still held."""
    LINE_SETTLED = "line_settled"
    """Held units are sold or given back, and nobody has been told."""


class Action(StrEnum):
    """What happens to the worker there."""

    KILL = "kill"
    STOP = "stop"
    CANCEL = "cancel"


class Traps:
    """The traps of one process. Each springs once."""

    def __init__(self) -> None:
        self._laid: dict[Point, Action] = {}
        self._log = structlog.get_logger()

    def lay(self, point: Point, action: Action) -> None:
        """Let `action` happen when `point` is next reached."""
        self._laid[point] = action

    def clear(self) -> None:
        """Take away what has not sprung."""
        self._laid.clear()

    def is_laid(self, point: Point) -> bool:
        """Return whether something springs at `point`."""
        return point in self._laid

    def reach(self, point: Point) -> None:
        """Spring the trap at `point`, if there is one."""
        action = self._laid.pop(point, None)
        if action is None:
            return
        self._log.warning("trap.sprung", point=point, action=action)
        match action:
            case Action.KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            case Action.STOP:
                os.kill(os.getpid(), signal.SIGSTOP)
            case Action.CANCEL:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
