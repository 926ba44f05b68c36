"""Rows of the database -> values."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from publisher.dead_letters.letters import Contents, Deed, Group, Letter, Request, Totals, Waiting, WholeLetter
from publisher.dead_letters.plans import ItemCount, Plan, PlanItem, PlannedGroup
from publisher.dead_letters.states import Action, ItemState, LetterState, PlanState

Row = Mapping[str, Any]


def letter(row: Row) -> Letter:
    """Return what `letters.sql` tells of one."""
    return Letter(**_named(row, Letter) | {"state": LetterState(row["state"])})


def contents(row: Row) -> Contents:
    """Return what `letter.sql` and `export.sql` tell besides."""
    return Contents(**_named(row, Contents))


def totals(found: Iterable[Row]) -> Totals:
    """Return the rows of `totals.sql` as one."""
    by_state = {LetterState(row["state"]): row for row in found}
    return Totals(
        {state: by_state[state]["count"] for state in LetterState if state in by_state},
        _utc(min((row["first_at"] for row in by_state.values()), default=None)),
        _utc(max((row["last_at"] for row in by_state.values()), default=None)),
    )


def group(row: Row) -> Group:
    """Return one of `groups.sql`."""
    by_state = {state: row[state] for state in LetterState if row[state]}
    return Group(**_named(row, Group, without="by_state"), by_state=by_state)


def whole_letter(row: Row, line: Row | None, deeds: Iterable[Row]) -> WholeLetter:
    """Return the rows of `letter.sql`, `line.sql` and `deeds.sql` as one."""
    return WholeLetter(
        letter(row),
        contents(row),
        None if line is None else Waiting(**_named(line, Waiting) | {"next_behind": tuple(line["next_behind"])}),
        None if row["action"] is None else Request(**_named(row, Request) | {"action": Action(row["action"])}),
        row["running_plan_id"],
        tuple(Deed(**_named(deed, Deed)) for deed in deeds),
    )


def plan(row: Row) -> Plan:
    """Return one of `plan.sql` and its like."""
    groups = tuple(PlannedGroup(**group) for group in row["groups"])
    return Plan(**_named(row, Plan) | {"groups": groups, "state": PlanState(row["state"])})


def plan_item(row: Row) -> PlanItem:
    """Return one of `plan_items.sql`."""
    return PlanItem(**_named(row, PlanItem) | {"state": ItemState(row["state"])})


def item_count(row: Row) -> ItemCount:
    """Return one of `plan_counts.sql`."""
    return ItemCount(**_named(row, ItemCount) | {"state": ItemState(row["state"])})


def _named(row: Row, kind: Any, without: str = "") -> dict[str, Any]:
    return {field.name: _utc(row[field.name]) for field in fields(kind) if field.name != without}


def _utc(value: Any) -> Any:
    # The database holds times in UTC without saying so.
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
