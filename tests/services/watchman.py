"""`python watchman.py FOLDER [GROUP]`: clears away what a process that was killed has left.

Nothing is written to its standard input. Whoever started it holds the other end, so
that it ends with them, in whichever way. Then every process of GROUP is killed, every
server whose number is in FOLDER (see `process`) is ended, and FOLDER removed. After one
that ended well there is no FOLDER any more.

The standard library only, and nothing of ours: it is started with each set of servers.
"""

import os
import select
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

SERVER_NUMBERS = "*.process"
STOP_TIMEOUT_SECONDS = 5.0
"""Without clients either server is gone after two seconds, and leaves no shared memory behind."""


def main(folder: Path, *groups: int) -> None:
    """Wait for the end of the standard input, and clear away."""
    sys.stdin.buffer.read()
    if not folder.exists():
        return
    for group in groups:
        _signal(group, signal.SIGKILL)
    servers = [int(path.stem) for path in folder.rglob(SERVER_NUMBERS)]
    for server in servers:
        _signal(server, signal.SIGTERM)
    for server in servers:
        _wait(server, STOP_TIMEOUT_SECONDS)
        _signal(server, signal.SIGKILL)
        _wait(server, None)
    while folder.exists():  # a server's children may write a last time
        shutil.rmtree(folder, ignore_errors=True)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _wait(process: int, timeout_seconds: float | None) -> None:
    with suppress(ProcessLookupError):
        ended = os.pidfd_open(process)
        select.select([ended], [], [], timeout_seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
