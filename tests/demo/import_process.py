"""`order-publisher import` as a process of its own, its results read while it runs."""

import asyncio
import json
import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tests.demo.errors import ImportBroken
from tests.demo.program import end, launch

DONE, DEAD_LETTERED, BAD_LINES = 0, 3, 6
COMPLETE = (DONE, DEAD_LETTERED, BAD_LINES)
"""The exit codes of an import that went through the whole file; what it met there, its results say."""

OnResult = Callable[[Mapping[str, Any]], None]


async def run_import(amqp_url: str, log: Path, options: Sequence[str], on_result: OnResult) -> None:
    """Import `log`, and call `on_result` with each result, which names its `line`, as it comes.

    Raises `ImportBroken`, with what the import said, where it did not reach the end.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as results:
        try:
            process = await _launch(amqp_url, log, options, writing)
        finally:
            os.close(writing)  # so that the results end when the import does
        try:
            async for result in _json_lines(results):
                on_result(result)
            _, said = await process.communicate()
        finally:
            await end(process)
    if process.returncode not in COMPLETE:
        raise ImportBroken(f"the import ended with {process.returncode}: {said.decode(errors='replace').strip()}")


async def _launch(amqp_url: str, log: Path, options: Sequence[str], results: int) -> Process:
    arguments = ["import", str(log), "--no-progress", f"--results=/dev/fd/{results}", *options]
    return await launch("order-publisher", arguments, {"ORDERS_AMQP_URL": amqp_url}, inherited=[results])


async def _json_lines(file: BinaryIO) -> AsyncIterator[Mapping[str, Any]]:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    try:
        async for line in reader:
            yield json.loads(line)
    finally:
        transport.close()
