"""Lets coroutines take their turns in a given order, and no other."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from tests.races.schedules import Schedule

TURN_LIMIT = 1_000
"""Of one coroutine. Who needs more waits for something that never comes."""

Program = Coroutine[Any, Any, None]


async def pause() -> None:
    """End a turn: what follows happens in the next one."""
    await asyncio.sleep(0)


def take_turn(program: Program) -> bool:
    """Let `program` run until it awaits; return whether it goes on after that.

    There is no event loop: nothing runs but what is called here.
    """
    try:
        program.send(None)
    except StopIteration:
        return False
    return True


def take_turns(programs: Sequence[Program], schedule: Schedule) -> None:
    """Let `programs` take turns as `schedule` says, then, in their order, all that they still need."""
    going = dict(enumerate(programs))
    for person in schedule:
        if person in going and not take_turn(going[person]):
            del going[person]
    for _ in range(TURN_LIMIT):
        going = {person: program for person, program in going.items() if take_turn(program)}
        if not going:
            return
    raise AssertionError(f"{sorted(going)} wait for ever after {schedule}")
