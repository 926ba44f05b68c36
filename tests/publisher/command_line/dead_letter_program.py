"""`order-publisher dead-letters ...` as a process of its own."""

import json
from typing import Any

from rich.cells import cell_len

from tests.publisher.command_line.program import Finished, run

SIGNED = ("--operator", "ann", "--why", "fixed in 1.4")


async def dead_letters(url: str, *arguments: str, given: str | None = None, **environment: str) -> Finished:
    finished = await run("dead-letters", *arguments, given=given, ORDERS_DATABASE_URL=url, **environment)
    assert "Traceback" not in finished.errors
    if "--json" not in arguments and arguments[0] != "export":
        assert max((cell_len(line) for line in finished.output.splitlines()), default=0) <= 80
    return finished


def objects(finished: Finished) -> list[Any]:
    return [json.loads(line) for line in finished.output.splitlines()]
