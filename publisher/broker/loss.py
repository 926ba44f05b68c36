"""Tells the loss of a connection from the cancellation of a task.

aiormq cancels its own futures when a connection goes, so whoever awaits one
gets a CancelledError although nobody has cancelled the task. Let through, it
would end the task quietly.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.errors import BrokerUnavailable


@contextmanager
def loss_is_no_cancellation() -> Iterator[None]:
    """Raise `BrokerUnavailable` for a CancelledError that is not of this task."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BrokerUnavailable("the connection was lost") from error
