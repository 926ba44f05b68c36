"""Letters, groups and one letter whole, as a person reads them in 80 columns."""

import json
from collections.abc import Sequence
from datetime import datetime

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from publisher.command_line.dead_letters.moments import minute_of, second_of, since
from publisher.command_line.dead_letters.words import (
    STATE_WORDS,
    counted,
    fitted,
    printable,
    told_error,
    told_outcome,
)
from publisher.dead_letters import Deed, Group, Letter, LetterState, Waiting, WholeLetter

SHOWN_BODY_LIMIT_CHARACTERS = 4_000
ABOUT_COLUMNS = 12
INDENT = " " * 11

_BUNDLES = {
    "asked": "a worker asked it of the SKU, for an order",
    "told": "a worker told it to the order, of a line",
}

STATE_COLOURS = {LetterState.HELD: "red", LetterState.PARKED: "yellow"}


LETTER_HEADING = f"{'id':>7}  {'state':<9}  {'reason':<9}  {'first, UTC':<11}  {'about':<12}  error"


def letter_line(letter: Letter) -> Text:
    """Return a letter as a line; what is too long is cut."""
    return _cut(
        Text(f"{letter.letter_id:>7}  "),
        Text(f"{STATE_WORDS[letter.state]:<9}", style=STATE_COLOURS.get(letter.state, "")),
        Text(f"  {letter.reason:<9}  {minute_of(letter.first_at)[5:]}  "),
        Text(fitted(printable(letter.aggregate_id or "-"), ABOUT_COLUMNS)),
        Text(f"  {told_error(letter.error_begin)}"),
    )


GROUP_HEADING = f"{'letters':>9}  {'reason':<9}  {'fingerprint':<16}  {'SKUs':>6}  {'oldest, UTC':<16}  newest"


def group_lines(group: Group) -> list[Text]:
    """Return one cause as lines: its numbers, one of its errors, and what it holds up."""
    numbers = (
        f"{group.count:>9,}  {group.reason:<9}  {group.fingerprint:<16}  {group.aggregate_count:>6,}  "
        f"{minute_of(group.first_at)}  {minute_of(group.last_at)[5:]}"
    )
    lines = [Text(numbers), Text(f"{INDENT}{told_error(group.example_error)}", style="dim")]
    holding = told_holding(group.by_state.get(LetterState.HELD, 0), group.by_state.get(LetterState.PARKED, 0))
    if holding:
        lines.append(Text(INDENT + holding, style="yellow"))
    return [_cut(line) for line in lines]


def told_holding(held: int, parked: int) -> str:
    """Return how many hold their SKU, and how many wait behind one that does."""
    holding = "1 of them holds its SKU" if held == 1 else f"{held:,} of them hold their SKUs"
    waiting = f"{parked:,} of them wait{'s' if parked == 1 else ''} behind one that does"
    return "; ".join(told for count, told in ((held, holding), (parked, waiting)) if count)


def _cut(*parts: Text) -> Text:
    line = Text.assemble(*parts)
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def whole_letter(whole: WholeLetter, now: datetime) -> RenderableType:
    """Return everything about one letter."""
    letter, contents = whole.letter, whole.contents
    head = Text(f"dead letter {letter.letter_id}: ", style="bold") + _state(letter.state)
    parts: list[RenderableType] = [head, _facts(whole, now)]
    parts += [_body("body, as received", contents.body)]
    if contents.corrected_body is not None:
        parts.append(_body("corrected body, decided in its place", contents.corrected_body))
    if whole.deeds:
        parts += ["", Text("what was done about it", style="bold"), deeds_table(whole.deeds)]
    return Lines(*parts)


def _facts(whole: WholeLetter, now: datetime) -> Table:
    letter, contents = whole.letter, whole.contents
    facts = (
        ("reason", letter.reason),
        ("error", printable(contents.error)),
        ("line", None if letter.aggregate_id is None else told_waiting(letter, whole.waiting)),
        ("asked for", _request(whole)),
        ("outcome", told_outcome(letter.outcome, letter.outcome_reason) or None),
        ("command", letter.command_type),
        ("about", letter.aggregate_id),
        ("id", letter.command_id),
        ("user", letter.user),
        ("attempts", f"{letter.attempts:,}" if letter.attempts else "none"),
        ("first", since(letter.first_at, now)),
        ("last", None if letter.last_at == letter.first_at else since(letter.last_at, now)),
        ("closed", None if letter.closed_at is None else since(letter.closed_at, now)),
        ("came by", f"{contents.queue}, routing key {contents.routing_key}"),
        ("reply to", contents.reply_to),
        ("correlation", None if contents.correlation_id == str(letter.command_id) else contents.correlation_id),
        ("user_id", contents.user_id),
        ("content type", contents.content_type),
        ("bundle", _BUNDLES.get(contents.bundle or "", contents.bundle)),
        ("headers", json.dumps(contents.headers) if contents.headers else None),
        ("fingerprint", letter.fingerprint),
    )
    table = Table.grid(padding=(0, 2))
    for name, value in facts:
        if value is not None:
            table.add_row(name, Text(printable(str(value))))
    return table


def told_waiting(letter: Letter, waiting: Waiting | None) -> str | None:
    """Return what the letter waits behind, or what waits behind it."""
    if waiting is None:
        return None
    behind = ""
    if waiting.behind:
        named = ", ".join(map(str, waiting.next_behind))
        more = ", ..." if waiting.behind > len(waiting.next_behind) else ""
        behind = f"; {waiting.behind:,} behind it: {named}{more}"
    if letter.state is LetterState.HELD:
        return f"it holds {letter.aggregate_id} since {second_of(waiting.since)}{behind or '; nothing waits behind it'}"
    if waiting.head is None:
        return f"its line was let go: it is decided after {counted(waiting.ahead, 'letter')} before it{behind}"
    return f"it waits behind {waiting.head}, which holds {letter.aggregate_id}; {waiting.ahead:,} before it{behind}"


def _request(whole: WholeLetter) -> str | None:
    request = whole.request
    if request is not None:
        plan = "" if request.plan_id is None else f", in plan {request.plan_id}"
        return f"{request.action} by {request.operator}{plan}: {request.why}"
    return None if whole.running_plan_id is None else f"plan {whole.running_plan_id} will replay it"


def _body(title: str, body: bytes) -> RenderableType:
    try:
        text, kind = body.decode(), ""
    except UnicodeDecodeError:
        text, kind = repr(body)[2:-1], ", no UTF-8"
    cut = "" if len(text) <= SHOWN_BODY_LIMIT_CHARACTERS else f", the first {SHOWN_BODY_LIMIT_CHARACTERS:,} characters"
    heading = Text(f"{title} ({counted(len(body), 'byte')}{kind}{cut})", style="bold")
    return Lines("", heading, Text(printable(text[:SHOWN_BODY_LIMIT_CHARACTERS])))


def deeds_table(deeds: Sequence[Deed]) -> Table:
    """Return a line for each deed, and what it changed."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("when, UTC", no_wrap=True)
    table.add_column("who", overflow="fold", max_width=16)
    table.add_column("what", no_wrap=True)
    table.add_column("why, and what came of it", overflow="fold", ratio=1)
    for deed in deeds:
        plan = "" if deed.plan_id is None else f" (plan {deed.plan_id})"
        outcome = _change(deed)
        why = f"{deed.why}{plan}{f' -> {outcome}' if outcome else ''}"
        table.add_row(
            second_of(deed.at)[:-4], Text(printable(deed.operator)), deed.deed.replace("_", " "), Text(printable(why))
        )
    return table


def _change(deed: Deed) -> str:
    after = deed.after if isinstance(deed.after, dict) else {}
    told = [after.get("outcome"), after.get("outcome_reason"), after.get("error") or after.get("message")]
    return ", ".join(str(value) for value in told if value)


def _state(state: LetterState) -> Text:
    return Text(STATE_WORDS[state], style=STATE_COLOURS.get(state, ""))
