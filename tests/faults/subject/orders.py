"""What may be asked of a running worker, on its standard input.

{"lay": "committed", "action": "kill"}   a trap
{"clear": true}                          no traps
{"clock": -30.0}                         the clock is 30 s behind
"""

import json
from collections.abc import Callable
from typing import Any

from tests.faults.load.standard_input import standard_input
from tests.faults.subject.points import Action, Point, Traps
from tests.faults.subject.stepped import SteppedEnvironment


async def follow_orders(traps: Traps, clock: Callable[[], SteppedEnvironment]) -> None:
    """Read and obey until standard input ends."""
    async for line in await standard_input():
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
