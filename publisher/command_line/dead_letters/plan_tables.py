"""Plans as a person reads them in 80 columns."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from publisher.command_line.dead_letters.moments import minute_of, since
from publisher.command_line.dead_letters.words import counted, printable, told_outcome
from publisher.dead_letters import ItemCount, ItemState, LeftOut, Plan, PlanItem, PlanState

STATE_COLOURS = {PlanState.RUNNING: "green", PlanState.PAUSED: "yellow", PlanState.CANCELLED: "red"}
SHOWN_FAILURES = 10

_BY_ITEM_STATE = {
    ItemState.PLANNED: "not yet asked for",
    ItemState.REQUESTED: "asked for",
    ItemState.CANCELLED: "not tried",
}


def plan_table(plan: Plan, counts: Sequence[ItemCount], failures: Sequence[PlanItem], now: datetime) -> RenderableType:
    """Return the plan: whose, of what, how far, and what was not applied."""
    kind = "dry run" if plan.dry_run else "replay"
    head = Text(f"plan {plan.plan_id}, a {kind}: ", style="bold") + _state(plan)
    parts: list[RenderableType] = [head, _facts(plan, counts, now), ""]
    if plan.dry_run:
        parts.append(Text("what would happen", style="bold"))
    parts.append(outcomes_table(counts))
    if failures:
        more = ", the first of them" if len(failures) == SHOWN_FAILURES else ""
        what = "would not be applied" if plan.dry_run else "not applied"
        parts += ["", Text(f"{what}{more}", style="bold"), failures_table(failures)]
    return Lines(*parts)


def _facts(plan: Plan, counts: Sequence[ItemCount], now: datetime) -> Table:
    pace = [
        f"the first {plan.canary:,} go first{' (done)' if plan.canary_passed else ''}" if plan.canary else "",
        f"{plan.rate_per_second:g} a second" if plan.rate_per_second else "",
    ]
    facts = (
        ("note", plan.note),
        ("who", plan.operator),
        ("why", plan.why),
        ("letters", told_filter(plan)),
        ("in all", told_outcomes(counts)),
        ("pace", "; ".join(part for part in pace if part) or None),
        ("made", since(plan.made_at, now)),
        ("ended", None if plan.ended_at is None else since(plan.ended_at, now)),
    )
    table = Table.grid(padding=(0, 2))
    for name, value in facts:
        if value is not None:
            table.add_row(name, Text(printable(value)))
    return table


def told_filter(plan: Plan) -> str:
    """Return how many letters of which kind."""
    given = dict(plan.filter)
    letter_ids = given.pop("letter_ids", None)
    if letter_ids is not None:
        return f"{plan.matched:,}, named by id"
    words = ", ".join(
        f"{name} {', '.join(value) if isinstance(value, list) else value}" for name, value in given.items()
    )
    return f"{plan.matched:,} of {counted(len(plan.groups), 'cause')}: {words or 'all that were open'}"


def told_outcomes(counts: Iterable[ItemCount]) -> str:
    """Return `300 applied; 5 asked for`, whatever their causes."""
    by_outcome: Counter[str] = Counter()
    for count in counts:
        by_outcome[_outcome(count)] += count.count
    return "; ".join(f"{number:,} {outcome}" for outcome, number in by_outcome.most_common())


def outcomes_table(counts: Iterable[ItemCount]) -> Table:
    """Return a line for each cause and outcome."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("letters", justify="right", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("of reason", no_wrap=True)
    table.add_column("fingerprint", no_wrap=True)
    by_line: Counter[tuple[str, str, str]] = Counter()
    for count in counts:
        by_line[_outcome(count), count.reason, count.fingerprint] += count.count
    for (outcome, reason, fingerprint), number in by_line.most_common():
        table.add_row(f"{number:,}", Text(outcome, style=_colour(outcome)), reason, fingerprint)
    return table


def failures_table(items: Iterable[PlanItem]) -> Table:
    """Return a line for each letter that was not applied."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("letter", justify="right", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    for item in items:
        outcome = told_outcome(item.outcome, item.outcome_reason) or _BY_ITEM_STATE.get(item.state, "not done")
        table.add_row(str(item.letter_id), Text(outcome, style="yellow"), Text(printable(item.message or "")))
    return table


def plans_table(plans: Iterable[Plan]) -> Table:
    """Return a line for each plan."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("plan", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("letters", justify="right", no_wrap=True)
    table.add_column("made, UTC", no_wrap=True)
    table.add_column("who", no_wrap=True, overflow="ellipsis", max_width=12)
    table.add_column("why", no_wrap=True, overflow="ellipsis", ratio=1)
    for plan in plans:
        why = f"(dry run) {plan.why}" if plan.dry_run else plan.why
        table.add_row(
            str(plan.plan_id),
            _state(plan),
            f"{plan.matched:,}",
            minute_of(plan.made_at),
            Text(printable(plan.operator)),
            Text(printable(why)),
        )
    return table


def told_left_out(left_out: Iterable[LeftOut]) -> str:
    """Return what was left out and why; empty where nothing was."""
    return "".join(f"left out: {each}\n" for each in left_out)


def _outcome(count: ItemCount) -> str:
    if count.state in _BY_ITEM_STATE:
        return _BY_ITEM_STATE[count.state]
    return told_outcome(count.outcome, count.outcome_reason) or "not done"


def _colour(outcome: str) -> str:
    if outcome == "applied":
        return "green"
    return "" if outcome in _BY_ITEM_STATE.values() else "yellow"


def _state(plan: Plan) -> Text:
    return Text(plan.state, style=STATE_COLOURS.get(plan.state, ""))
