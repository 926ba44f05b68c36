"""`order-publisher dead-letters replay`: a plan, and what becomes of it."""

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
import uvloop

from publisher.command_line.dead_letters.confirming import confirm
from publisher.command_line.dead_letters.following import follow_plan, goes_on
from publisher.command_line.dead_letters.options import (
    Detach,
    Operator,
    WaitSeconds,
    Why,
    Yes,
    filtered_or_named,
    operator_of,
)
from publisher.command_line.dead_letters.plan_reports import print_plan
from publisher.command_line.dead_letters.plan_tables import told_left_out
from publisher.command_line.dead_letters.words import PROGRAM
from publisher.command_line.exit_codes import ExitCode
from publisher.command_line.failures import complain, explained
from publisher.command_line.options import AsJson, DatabaseUrl
from publisher.dead_letters import DeadLetters, LetterFilter, NewPlan, Plan, PlanState


@filtered_or_named
def replay(
    letter_filter: LetterFilter,
    why: Why,
    database_url: DatabaseUrl,
    operator: Operator = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, change nothing")] = False,
    canary: Annotated[
        int | None, typer.Option(metavar="COUNT", help="So many go first, and the rest if they are all applied")
    ] = None,
    rate: Annotated[float | None, typer.Option(metavar="NUMBER", help="At most so many a second")] = None,
    yes: Yes = False,
    detach: Detach = False,
    timeout_seconds: WaitSeconds = None,
    as_json: AsJson = False,
) -> None:
    """Decide dead letters again: those named, or that match.

    Without a filter, that is all open ones. The letters are frozen as a plan, which
    workers carry out; it goes on when this program ends. A held SKU goes on with
    those parked behind it, in their order.
    What was applied already gets its stored answer, and has no second effect.
    """
    with explained(), goes_on() as told:
        terms = {
            "operator": operator_of(operator),
            "why": why,
            "canary": canary,
            "rate_per_second": rate,
            "dry_run": dry_run,
        }
        asks = letter_filter.is_everything and not (yes or dry_run)
        made = uvloop.run(_made(database_url, letter_filter, terms, asks=asks))
        sys.stderr.write(told_left_out(made.left_out))
        if made.plan is None:
            complain("nothing to replay: no dead letter matches that is free")
            raise typer.Exit(ExitCode.REJECTED)
        plan_id = made.plan.plan_id
        told.sentence = f"plan {plan_id} goes on: `{PROGRAM} plan show {plan_id}` tells how far it is"
        code = uvloop.run(_followed(database_url, made, timeout_seconds, detach=detach, as_json=as_json))
    raise typer.Exit(code)


async def _made(database_url: str, letter_filter: LetterFilter, terms: dict[str, Any], *, asks: bool) -> NewPlan:
    async with DeadLetters(database_url) as ledger:
        if asks:
            await confirm(ledger, LetterFilter(), "replay")  # what is closed is not replayed, whatever the filter says
        return await ledger.plan_replay(letter_filter, **terms)


async def _followed(
    database_url: str, made: NewPlan, timeout_seconds: float | None, *, detach: bool, as_json: bool
) -> ExitCode:
    assert made.plan is not None  # noqa: S101
    plan = made.plan
    async with DeadLetters(database_url) as ledger:
        if not detach:
            plan = await follow_plan(ledger, plan.plan_id, timeout_seconds)
        await print_plan(ledger, plan, as_json=as_json, left_out=[asdict(each) for each in made.left_out])
        return ExitCode.DONE if detach else await exit_code_of(ledger, plan)


async def exit_code_of(ledger: DeadLetters, plan: Plan) -> ExitCode:
    """Return the code that tells how a plan ended: a dry run well, another by what became of all its letters."""
    if plan.state is not PlanState.FINISHED:
        return ExitCode.STOPPED
    if plan.dry_run:
        return ExitCode.DONE
    async for _ in ledger.plan_items(plan.plan_id, not_applied=True):
        return ExitCode.REJECTED
    return ExitCode.DONE
