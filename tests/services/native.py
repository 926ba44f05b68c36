"""Private instances of the installed RabbitMQ and PostgreSQL."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.services.account import account_for
from tests.services.native_broker import NativeBroker
from tests.services.native_database import NativeDatabase
from tests.services.services import Server

WATCHMAN = Path(__file__).with_name("watchman.py")


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Give a RabbitMQ and a PostgreSQL of our own, not started yet; remove them afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(server_folder())
        broker = NativeBroker(account_for("rabbitmq"), folder / "broker")
        stack.callback(broker.discard)
        database = NativeDatabase(account_for("postgres"), folder / "database")
        stack.callback(database.discard)
        yield broker, database


@contextmanager
def server_folder() -> Iterator[Path]:
    """Give a folder for servers; it goes, and they with it, at the end of the block and where we are killed."""
    folder = Path(tempfile.mkdtemp(prefix="orders-"))
    folder.chmod(0o755)  # the servers' users have to reach their own folders in it
    with _watched(folder):
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    group = [str(os.getpgrp())] if os.getpgrp() == os.getpid() else []  # else others' programs are in it, too
    command: list[str | Path] = [sys.executable, "-I", "-S", WATCHMAN, folder, *group]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield
