"""Waits until workers have done what was asked for, and says so where they do not begin."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from publisher.command_line.dead_letters.patience import QUIET_LIMIT_SECONDS, Patience
from publisher.command_line.dead_letters.progress import LetterProgress
from publisher.command_line.exit_codes import ExitCode
from publisher.command_line.failures import complain
from publisher.dead_letters import DeadLetters, Plan
from publisher.errors import OrderError

LOOK_INTERVAL_SECONDS = 0.2
"""Workers look twice a second."""

PAUSE_OF_A_LOOK = 5.0
"""A look at a million letters takes a while, and must not keep the database busy."""


class WaitedTooLong(Exception):
    """What was asked for is not done in the time that the operator gave it; it still goes on."""


async def follow_plan(ledger: DeadLetters, plan_id: int, timeout_seconds: float | None) -> Plan:
    """Return the plan when it has ended or pauses."""
    plan = await ledger.plan(plan_id)

    async def done() -> int | None:
        nonlocal plan
        plan = await ledger.plan(plan_id)
        return plan.matched - await ledger.plan_open_count(plan_id) if plan.is_at_work else None

    await _follow(f"plan {plan_id}", plan.matched, done, timeout_seconds)
    return plan


async def follow_requests(ledger: DeadLetters, letter_ids: tuple[int, ...], timeout_seconds: float | None) -> None:
    """Return when nothing is asked for about these letters any more."""

    async def done() -> int | None:
        open_count = await ledger.open_request_count(letter_ids)
        return len(letter_ids) - open_count if open_count else None

    await _follow("letters", len(letter_ids), done, timeout_seconds)


async def _follow(
    what: str, total: int, done: Callable[[], Awaitable[int | None]], timeout_seconds: float | None
) -> None:
    """Look again and again, until `done` returns None instead of how many letters are done."""
    clock = asyncio.get_running_loop().time
    patience = Patience(timeout_seconds, clock())
    with LetterProgress(what, total, shown=sys.stderr.isatty()) as bar:
        while True:
            began = clock()
            count = await done()
            if count is None:
                return
            bar.reach(count)
            if patience.is_over(clock()):
                raise WaitedTooLong
            if patience.is_quiet(count, clock()):
                complain(
                    f"nothing was done for {QUIET_LIMIT_SECONDS:g} s; `order-worker status` tells whether workers run"
                )
            await asyncio.sleep(max(LOOK_INTERVAL_SECONDS, PAUSE_OF_A_LOOK * (clock() - began)))


@dataclass(slots=True)
class Told:
    """What the operator is told where this program ends before what was asked for does."""

    sentence: str | None = None
    """None until something was asked for."""


@contextmanager
def goes_on() -> Iterator[Told]:
    """Let the block ask for something and wait for it, and say that it goes on where the waiting ends earlier."""
    told = Told()
    try:
        yield told
    except KeyboardInterrupt:
        complain(told.sentence or "broken off: look whether it was asked for before you ask again")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except WaitedTooLong:
        complain(f"{told.sentence}")
        raise typer.Exit(ExitCode.NO_ANSWER) from None
    except OrderError:
        if told.sentence is not None:
            complain(told.sentence)
        raise
