"""On what the figures were measured."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aio_pika
import asyncpg

from tests.services import ServicesKind

_LIBRARIES = ("aio-pika", "asyncpg", "pydantic", "uvloop")
_GIBIBYTE_BYTES = 1024**3


async def described(amqp_url: str, database_url: str, kind: ServicesKind) -> dict[str, Any]:
    """Return the machine, the versions and the date."""
    connection = await asyncpg.connect(database_url)
    try:
        database_version = await connection.fetchval("SHOW server_version")
        synchronous_commit = await connection.fetchval("SHOW synchronous_commit")
    finally:
        await connection.close()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gibibytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIBIBYTE_BYTES),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "servers": kind,
        "versions": {
            "RabbitMQ": await _broker_version(amqp_url),
            "PostgreSQL": database_version,
            "Python": platform.python_version(),
            **{library: version(library) for library in _LIBRARIES},
        },
        "synchronous_commit": synchronous_commit,
    }


async def _broker_version(amqp_url: str) -> str:
    async with await aio_pika.connect(amqp_url) as connection:
        properties = connection.transport.connection.server_properties  # type: ignore[union-attr]
    return str(properties["version"])


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
