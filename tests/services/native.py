"""Private instances of the installed RabbitMQ and PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.services.account import account_for
from tests.services.native_broker import NativeBroker
from tests.services.native_database import NativeDatabase
from tests.services.services import Server


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Give a RabbitMQ and a PostgreSQL of our own, not started yet; remove them afterwards."""
    with ExitStack() as stack:
        folder = stack.enter_context(_temporary_folder())
        broker = NativeBroker(account_for("rabbitmq"), folder / "broker")
        stack.callback(broker.discard)
        database = NativeDatabase(account_for("postgres"), folder / "database")
        stack.callback(database.discard)
        yield broker, database


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="orders-"))
    folder.chmod(0o755)  # the servers' users have to reach their own folders in it
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
