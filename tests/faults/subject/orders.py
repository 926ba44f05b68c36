"""What may be asked of a running worker, on its standard input.

{"lay": "committed", "action": "kill"}   a trap
{"clear": true}                          no traps
{"clock": -30.0}                         the clock is 30 s behind
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from tests.faults.subject.points import Action, Point, Traps
from tests.faults.subject.stepped import SteppedEnvironment


async def follow_orders(traps: Traps, clock: Callable[[], SteppedEnvironment]) -> None:
    """Read and obey until standard input ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        _obey(json.loads(line), traps, clock())


def _obey(order: dict[str, Any], traps: Traps, clock: SteppedEnvironment) -> None:
    match order:
        case {"lay": point, "action": action}:
            traps.lay(Point(point), Action(action))
        case {"clear": True}:
            traps.clear()
        case {"clock": offset_seconds}:
            clock.offset_seconds = offset_seconds
        case _:
            raise ValueError(f"no such order: {order}")
