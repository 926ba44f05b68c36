"""`python -m tests.services [-- COMMAND ...]`: servers from the shell.

Runs the command with ORDERS_AMQP_URL and ORDERS_DATABASE_URL naming provided
servers and a new, empty database, and exits as it did. Without a command it prints
both and keeps them up until Ctrl-C.
"""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from contextlib import suppress

from tests.services import Services, ServicesError, provide
from tests.services.databases import fresh_database

COMMAND_STOP_TIMEOUT_SECONDS = 30.0
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Provide the servers, and return the exit status."""
    if arguments and arguments[0] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return _run(arguments[1:])
    except ServicesError as error:
        print(f"services: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(command: list[str]) -> int:
    with provide() as services:
        return asyncio.run(_run_on(services, command))


async def _run_on(services: Services, command: list[str]) -> int:
    async with fresh_database(services.database_url) as database_url:
        urls = {"ORDERS_AMQP_URL": services.amqp_url, "ORDERS_DATABASE_URL": database_url}
        return await (_run_command(command, urls) if command else _print_and_wait(urls))


async def _print_and_wait(urls: dict[str, str]) -> int:
    for name, url in urls.items():
        print(f"export {name}={url}", flush=True)
    print("Ctrl-C stops the servers.", file=sys.stderr)
    await asyncio.Event().wait()
    return 0


async def _run_command(command: list[str], urls: dict[str, str]) -> int:
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **urls})
    try:
        return await process.wait()
    except asyncio.CancelledError:
        await _terminate(process)
        raise


async def _terminate(process: Process) -> None:
    """End the command before its servers; Ctrl-C may have done so already."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), COMMAND_STOP_TIMEOUT_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
