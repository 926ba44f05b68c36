"""Makes the polite ways of ending a program equal: all of them clean up."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C within the block, so that servers are stopped either way.

    Does nothing outside the main thread, where Python takes no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    # Not by raising SIGINT: a program that a script starts in the background ignores it.
    handler = signal.getsignal(signal.SIGINT)
    handle = handler if callable(handler) else signal.default_int_handler
    handle(signal.SIGINT, frame)
