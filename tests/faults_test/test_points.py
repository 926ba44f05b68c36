"""A trap springs once, where it was laid."""

import asyncio

import pytest

from tests.faults.subject.points import Action, Point, Traps


async def _go_on(traps: Traps) -> None:
    traps.reach(Point.COMMITTED)
    await asyncio.sleep(0)


async def test_a_trap_springs_at_its_point_and_once() -> None:
    traps = Traps()
    traps.lay(Point.COMMITTED, Action.CANCEL)
    traps.reach(Point.PUBLISHED)
    task = asyncio.create_task(_go_on(traps))
    with pytest.raises(asyncio.CancelledError):
        await task
    await _go_on(traps)


async def test_a_trap_that_was_taken_away_does_not_spring() -> None:
    traps = Traps()
    traps.lay(Point.COMMITTED, Action.KILL)
    traps.clear()
    await _go_on(traps)
