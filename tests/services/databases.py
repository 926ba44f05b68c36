"""Databases of one's own on the provided server."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg


@asynccontextmanager
async def fresh_database(server_url: str, template: str | None = None) -> AsyncIterator[str]:
    """Give the URL of a new database, empty or a copy of the one called `template`; drop it afterwards."""
    name = f"orders_{uuid.uuid4().hex}"
    await _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        await _execute(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def database_name(database_url: str) -> str:
    """Return the name in a database's URL."""
    return urlsplit(database_url).path.removeprefix("/")


async def _execute(server_url: str, statement: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
