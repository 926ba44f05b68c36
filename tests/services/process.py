"""A server program as a child process of ours."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.services.account import Account
from tests.services.errors import ServerStartError, log_text
from tests.services.polling import poll_until

STOP_TIMEOUT_SECONDS = 30.0
"""Either server is gone after two seconds; one that hangs is killed after this."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to launch a server."""

    name: str
    command: Sequence[str | Path]
    account: Account
    environment: Mapping[str, str]
    folder: Path
    log: Path

    def run(self) -> None:
        """Run it to its end; raise `ServerStartError` where it fails."""
        process = ServerProcess(self)
        if process.wait() != 0:
            raise ServerStartError(self.name, "failed", log_text(self.log))


class ServerProcess:
    """A launched program, in a session of its own: Ctrl-C reaches us alone, and we stop it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env={**_base_environment(), **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=program.account.user,
                group=program.account.group_id,
                extra_groups=None if program.account.user is None else [],
            )
        self._number = program.folder / f"{self._process.pid}.process"
        """Tells the watchman whom to kill, should we be killed."""
        self._number.touch()

    def wait(self) -> int:
        """Wait for its end, however long it takes; return its exit status."""
        try:
            return self._process.wait()
        except BaseException:
            self._kill_with_children()
            raise
        finally:
            self._forget()

    def wait_until(self, ready: Callable[[], bool], timeout_seconds: float) -> None:
        """Wait until `ready()`; raise `ServerStartError` if it ends or hangs before that."""
        name, log = self._program.name, self._program.log
        if not poll_until(lambda: self._process.poll() is not None or ready(), timeout_seconds):
            raise ServerStartError(name, f"did not answer within {timeout_seconds:.0f} s", log_text(log))
        if self._process.poll() is not None:
            raise ServerStartError(name, f"ended with status {self._process.returncode}", log_text(log))

    def end(self, request: signal.Signals) -> None:
        """Send it `request`, and wait until it has ended."""
        self._process.send_signal(request)
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def _forget(self) -> None:
        # Its number may become somebody else's.
        self._number.unlink(missing_ok=True)

    def _kill_with_children(self) -> None:
        # initdb works through children, which would go on writing into the folder that is removed next.
        with suppress(ProcessLookupError):  # it may have ended by itself meanwhile
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _base_environment() -> dict[str, str]:
    """Return little: a RABBITMQ_ or PG variable of the user's would lead to their servers."""
    return {"PATH": os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
