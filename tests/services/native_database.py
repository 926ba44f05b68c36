"""A private PostgreSQL: its own data, port and socket folder."""

import signal
import subprocess
from functools import partial
from pathlib import Path

from tests.services.account import Account
from tests.services.ports import LOOPBACK, ReservedPort
from tests.services.process import Program, ServerProcess
from tests.services.programs import database_programs

START_TIMEOUT_SECONDS = 60.0
"""PostgreSQL takes a second; recovery after a kill under load takes a few."""
CONNECTION_LIMIT = 300
SUPERUSER = "postgres"


class NativeDatabase:
    """One PostgreSQL cluster, durable as in production: `fsync` stays on."""

    def __init__(self, account: Account, folder: Path) -> None:
        self._port = ReservedPort()
        self._programs = database_programs()
        self._data = account.make_folder(folder) / "data"
        launch = partial(Program, account=account, environment={}, folder=folder, log=folder.with_suffix(".log"))
        self._tool = partial(launch, "a tool of PostgreSQL")
        self._initialisation = launch("initdb", _initialisation(self._programs.initdb, self._data))
        self._server = launch("PostgreSQL", _server(self._programs.postgres, self._data, folder, self._port.number))
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"postgresql://{SUPERUSER}@{LOOPBACK}:{self._port.number}/postgres"

    def start(self) -> None:
        """Launch the server; the first time, make its cluster before that."""
        if self._process is None:
            self._initialisation.run()
        self._process = ServerProcess(self._server)

    def wait_until_ready(self) -> None:
        """Wait until the server takes clients."""
        if self._process is not None:
            self._process.wait_until(self._answers, START_TIMEOUT_SECONDS)

    def stop(self) -> None:
        """Shut the server down in order (PostgreSQL's "fast" shutdown)."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Shut the server down at once, without a checkpoint (PostgreSQL's "immediate" shutdown).

        SIGKILL would leave its children and its shared memory behind for a while.
        """
        self._end(signal.SIGQUIT)

    def run(self, *command: str) -> None:
        """Run a tool of the server's version."""
        self._tool([str(self._programs.postgres.with_name(command[0])), *command[1:]]).run()

    def discard(self) -> None:
        """Take the server away."""
        self.kill()
        self._port.close()

    def _answers(self) -> bool:
        probe = [str(self._programs.pg_isready), "--quiet", f"--host={LOOPBACK}", f"--port={self._port.number}"]
        return subprocess.run(probe, check=False).returncode == 0

    def _end(self, request: signal.Signals) -> None:
        if self._process is not None:
            self._process.end(request)


def _initialisation(initdb: Path, data: Path) -> list[str]:
    return [str(initdb), f"--pgdata={data}", f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--no-sync"]


def _server(postgres: Path, data: Path, socket_folder: Path, port: int) -> list[str]:
    settings = {
        "port": port,
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": socket_folder,
        "max_connections": CONNECTION_LIMIT,
        "track_commit_timestamp": "on",  # the benchmark asks when something was committed
    }
    return [str(postgres), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]
