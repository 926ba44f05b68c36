"""`order-publisher dead-letters plan`: replays that were planned."""

from collections.abc import Awaitable
from typing import Annotated, Protocol

import typer
import uvloop

from publisher.command_line.dead_letters.json_lines import print_json
from publisher.command_line.dead_letters.options import Operator, PlanId, Why, operator_of
from publisher.command_line.dead_letters.plan_reports import print_plan
from publisher.command_line.dead_letters.plan_tables import plans_table
from publisher.command_line.failures import explained
from publisher.command_line.options import AsJson, DatabaseUrl
from publisher.command_line.tables import show as print_table
from publisher.dead_letters import DeadLetters, Plan

DEFAULT_PLANS = 20


def list_plans(
    database_url: DatabaseUrl,
    open_only: Annotated[bool, typer.Option("--open", help="Those alone that have not ended")] = False,
    limit: Annotated[int, typer.Option(metavar="COUNT", min=1, help="How many")] = DEFAULT_PLANS,
    as_json: AsJson = False,
) -> None:
    """List plans, the newest first.

    With --json, an object a line.
    """
    with explained():
        plans = uvloop.run(_plans(database_url, limit, open_only=open_only))
        if as_json:
            for plan in plans:
                print_json(plan)
        elif plans:
            print_table(plans_table(plans))
        else:
            typer.echo("no replay was ever planned" if not open_only else "no plan is running or paused")


def show(plan_id: PlanId, database_url: DatabaseUrl, as_json: AsJson = False) -> None:
    """Show a plan: whose, of what, how far, and what was not applied.

    With --json, one object with every letter of it in `items`.
    """
    with explained():
        uvloop.run(_show(database_url, plan_id, as_json=as_json))


def pause(
    plan_id: PlanId, why: Why, database_url: DatabaseUrl, operator: Operator = None, as_json: AsJson = False
) -> None:
    """Let a running plan ask for no more; what it has asked for still happens."""
    _steer(DeadLetters.pause, database_url, plan_id, operator, why, as_json=as_json)


def resume(
    plan_id: PlanId, why: Why, database_url: DatabaseUrl, operator: Operator = None, as_json: AsJson = False
) -> None:
    """Let a paused plan go on, also if its canary has failed."""
    _steer(DeadLetters.resume, database_url, plan_id, operator, why, as_json=as_json)


def cancel(
    plan_id: PlanId, why: Why, database_url: DatabaseUrl, operator: Operator = None, as_json: AsJson = False
) -> None:
    """Give up what a plan has not asked for; what it has asked for still happens."""
    _steer(DeadLetters.cancel, database_url, plan_id, operator, why, as_json=as_json)


PLAN_VERBS = (show, pause, resume, cancel)


class _Steering(Protocol):
    """A method of `DeadLetters` that changes the state of a plan."""

    def __call__(self, ledger: DeadLetters, plan_id: int, /, *, operator: str, why: str) -> Awaitable[Plan]: ...


def _steer(
    steering: _Steering, database_url: str, plan_id: int, operator: str | None, why: str, *, as_json: bool
) -> None:
    with explained():
        uvloop.run(_steered(steering, database_url, plan_id, operator_of(operator), why, as_json=as_json))


async def _steered(
    steering: _Steering, database_url: str, plan_id: int, operator: str, why: str, *, as_json: bool
) -> None:
    async with DeadLetters(database_url) as ledger:
        plan = await steering(ledger, plan_id, operator=operator, why=why)
        await print_plan(ledger, plan, as_json=as_json)


async def _plans(database_url: str, limit: int, *, open_only: bool) -> list[Plan]:
    async with DeadLetters(database_url) as ledger:
        return await ledger.plans(open_only=open_only, limit=limit)


async def _show(database_url: str, plan_id: int, *, as_json: bool) -> None:
    async with DeadLetters(database_url) as ledger:
        await print_plan(ledger, await ledger.plan(plan_id), as_json=as_json)
