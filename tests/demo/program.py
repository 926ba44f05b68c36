"""The project's programs as processes of their own, as a user starts them."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.demo.errors import DemoError


async def launch(
    name: str, arguments: Sequence[str], settings: Mapping[str, str], inherited: Collection[int] = ()
) -> Process:
    """Start the program `name` with a pipe for what it says on standard error.

    It sees `settings` and none of the user's own ORDERS_ variables, and has the
    file descriptors `inherited`. Raises `DemoError` where it is not installed.
    """
    environment = {variable: value for variable, value in os.environ.items() if not variable.startswith("ORDERS_")}
    program = Path(sys.executable).with_name(name)
    try:
        return await asyncio.create_subprocess_exec(
            program,
            *arguments,
            env={**environment, **settings},
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            pass_fds=inherited,
            start_new_session=True,  # so that Ctrl-C reaches the demo alone, which then ends it
        )
    except FileNotFoundError as error:
        raise DemoError(f"{program} is missing: install the project first (`make venv`)") from error


async def end(process: Process) -> None:
    """Kill the process, where it runs, and wait until it is gone."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
