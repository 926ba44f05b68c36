"""The program as a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from tests.publisher.answering_twin import PARTITION_COUNT


@dataclass(frozen=True, slots=True)
class Finished:
    """How the program ended, and what it wrote."""

    exit_code: int | None
    output: str
    errors: str


@asynccontextmanager
async def started_reading(stdin: int, *arguments: str, **environment: str) -> AsyncIterator[Process]:
    """Start it with `stdin` as its standard input; it is killed at the end of the block where it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "publisher", *arguments),
        stdin=stdin,
        stdout=PIPE,
        stderr=PIPE,
        env=os.environ | {"ORDERS_PARTITIONS": str(PARTITION_COUNT), "COLUMNS": "80"} | environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def started(*arguments: str, **environment: str) -> AbstractAsyncContextManager[Process]:
    """Start it with a pipe as its standard input."""
    return started_reading(PIPE, *arguments, **environment)


async def run(*arguments: str, given: str | None = None, **environment: str) -> Finished:
    """Run it to its end; `given` is its standard input."""
    async with started(*arguments, **environment) as process:
        output, errors = await process.communicate(None if given is None else given.encode())
    return Finished(process.returncode, output.decode(), errors.decode())
