"""The servers' programs: where they are, and getting them where they are not."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian_packages import install_packages
from tests.services.errors import ServicesError

PACKAGES = ("rabbitmq-server", "postgresql")

BROKER_FOLDERS = (Path("/usr/lib/rabbitmq/bin"),)
"""Debian's `rabbitmq-server` on the PATH is a wrapper that changes the user and the log; here is what it wraps."""
DATABASE_FOLDER = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, outside the PATH."""


@dataclass(frozen=True, slots=True)
class BrokerPrograms:
    """What a RabbitMQ node is run with."""

    server: Path
    name_server: Path


@dataclass(frozen=True, slots=True)
class DatabasePrograms:
    """What a PostgreSQL cluster is made and run with, all of one version."""

    initdb: Path
    postgres: Path
    pg_isready: Path


def install_missing_programs() -> None:
    """Install the servers where they are missing and we may; raise `ServicesError` where we may not."""
    if _find_broker() and _find_database():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ServicesError(_missing())
    install_packages(PACKAGES)


def broker_programs() -> BrokerPrograms:
    """Return RabbitMQ's programs; raise `ServicesError` where they are missing."""
    found = _find_broker()
    if found is None:
        raise ServicesError(_missing())
    return found


def database_programs() -> DatabasePrograms:
    """Return PostgreSQL's programs; raise `ServicesError` where they are missing."""
    found = _find_database()
    if found is None:
        raise ServicesError(_missing())
    return found


def _missing() -> str:
    return (
        f"RabbitMQ or PostgreSQL is not installed: install both (Debian packages: {', '.join(PACKAGES)}), start a "
        "Docker engine, or set ORDERS_TEST_AMQP_URL and ORDERS_TEST_DATABASE_URL to servers of your own"
    )


def _find_broker() -> BrokerPrograms | None:
    server = _find("rabbitmq-server", BROKER_FOLDERS)
    name_server = _find("epmd", ())
    return BrokerPrograms(server, name_server) if server and name_server else None


def _find_database() -> DatabasePrograms | None:
    folders = sorted(DATABASE_FOLDER.glob("*/bin"), key=_version, reverse=True)
    postgres = _find("postgres", folders)
    if postgres is None:
        return None
    folder = postgres.resolve().parent  # a link on the PATH has no siblings
    found = DatabasePrograms(folder / "initdb", folder / "postgres", folder / "pg_isready")
    return found if found.initdb.exists() and found.pg_isready.exists() else None


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def _find(program: str, folders: tuple[Path, ...] | list[Path]) -> Path | None:
    candidates = [folder / program for folder in folders]
    on_path = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    candidates += [Path(on_path)] if on_path else []
    return next((candidate for candidate in candidates if candidate.exists()), None)
