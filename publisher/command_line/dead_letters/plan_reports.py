"""A plan with what became of its letters, printed; as a table or as one JSON object."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from rich.console import Group as Lines

from publisher.command_line.dead_letters.json_lines import json_of
from publisher.command_line.dead_letters.next_steps import after_plan
from publisher.command_line.dead_letters.plan_tables import SHOWN_FAILURES, plan_table
from publisher.command_line.tables import show
from publisher.dead_letters import DeadLetters, Plan, PlanItem


async def print_plan(ledger: DeadLetters, plan: Plan, *, as_json: bool, **besides: Any) -> None:
    """Print the plan as it stands; what is `besides` only as JSON."""
    counts = await ledger.plan_counts(plan.plan_id)
    if as_json:
        told = json.loads(json_of(plan)) | {"counts": [json.loads(json_of(count)) for count in counts]} | besides
        await _print_with_items(ledger, plan, json.dumps(told, ensure_ascii=False))
        return
    failures: list[PlanItem] = []
    async for item in ledger.plan_items(plan.plan_id, not_applied=True):
        failures.append(item)
        if len(failures) == SHOWN_FAILURES:
            break
    table = plan_table(plan, counts, failures, datetime.now(UTC))
    steps = after_plan(plan, failures)
    show(table if steps is None else Lines(table, "", steps))


async def _print_with_items(ledger: DeadLetters, plan: Plan, told: str) -> None:
    # Item by item, since there may be a million.
    sys.stdout.write(f'{told.removesuffix("}")}, "items": [')
    separator = ""
    async for item in ledger.plan_items(plan.plan_id):
        sys.stdout.write(separator + json_of(item))
        separator = ", "
    sys.stdout.write("]}\n")
