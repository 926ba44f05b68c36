"""What the verbs about dead letters share: which letters, who asks, and why."""

import getpass
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any

import typer

from publisher.command_line.dead_letters.moments import parse_moment
from publisher.command_line.failures import explained
from publisher.dead_letters import LetterFilter, LetterState
from publisher.dead_letters.states import CLOSED_STATES, OPEN_STATES
from publisher.errors import InvalidInput
from schemas.commands import COMMAND_TYPES


class StateChoice(StrEnum):
    """What `--state` takes: a state, or one of the words for several."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"
    SET_ASIDE = "set_aside"
    HELD = "held"
    PARKED = "parked"
    REPLAYED = "replayed"
    EDITED = "edited"
    SKIPPED = "skipped"


_STATES: dict[StateChoice, tuple[LetterState, ...] | None] = {
    StateChoice.OPEN: None,  # what a filter means that says nothing
    StateChoice.CLOSED: CLOSED_STATES,
    StateChoice.ALL: OPEN_STATES + CLOSED_STATES,
}

Operator = Annotated[
    str | None,
    typer.Option(envvar="ORDERS_OPERATOR", metavar="NAME", help="Who asks  [default: the login name]"),
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="Why, for the record")]
LetterIds = Annotated[list[int] | None, typer.Argument(metavar="ID", show_default=False)]
LetterId = Annotated[int, typer.Argument(metavar="ID", show_default=False)]
PlanId = Annotated[int, typer.Argument(metavar="PLAN", show_default=False)]
Detach = Annotated[bool, typer.Option("--detach", help="Do not wait until it is done")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant")]
WaitSeconds = Annotated[
    float | None,
    typer.Option("--timeout-seconds", metavar="SECONDS", min=0.001, help="How long to wait  [default: until it ends]"),
]


def _filter_options(
    reason: Annotated[str | None, typer.Option(metavar="WORD", help="invalid, failed, crashed, ...")] = None,
    fingerprint: Annotated[str | None, typer.Option(metavar="HEX", help="One cause, as `groups` names it")] = None,
    sku: Annotated[str | None, typer.Option(metavar="SKU", help="About this SKU, or order:ID")] = None,
    type: Annotated[  # noqa: A002  the flag's name
        str | None, typer.Option(metavar="TYPE", help=f"{', '.join(COMMAND_TYPES[:2])}, ...")
    ] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Of this user")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="First put aside then or later: 2026-01-31T02:00 (UTC), 2h")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="First put aside before then")] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Within the error or the body, exactly so; takes seconds")
    ] = None,
    state: Annotated[StateChoice, typer.Option(help="Where they stand")] = StateChoice.OPEN,
) -> None:
    """Declare what a filter is made of."""


def _id_options(letter_ids: LetterIds = None) -> None:
    """Declare that letters may be named instead."""


_FILTER_NAMES = frozenset(inspect.signature(_filter_options).parameters)


def filtered(verb: Callable[..., None]) -> Callable[..., None]:
    """Return the verb with the options of a filter, which it gets as its parameter `letter_filter`."""
    return _with_filter(verb, [_filter_options])


def filtered_or_named(verb: Callable[..., None]) -> Callable[..., None]:
    """Return the same, where letters may be named by their ids instead."""
    return _with_filter(verb, [_id_options, _filter_options])


def _with_filter(verb: Callable[..., None], declarations: list[Callable[..., None]]) -> Callable[..., None]:
    own = [each for name, each in inspect.signature(verb).parameters.items() if name != "letter_filter"]
    shared = [each for part in declarations for each in inspect.signature(part).parameters.values()]
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*shared, *own)]

    @wraps(verb)
    def parsed(**given: Any) -> None:
        options = {name: given.pop(name) for name in _FILTER_NAMES}
        letter_ids = given.pop("letter_ids", None)
        with explained():
            letter_filter = filter_of(options, letter_ids, datetime.now(UTC))
        verb(letter_filter=letter_filter, **given)

    # What the command line is made from.
    parsed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    parsed.__annotations__ = {each.name: each.annotation for each in parameters}
    return parsed


def filter_of(options: dict[str, Any], letter_ids: list[int] | None, now: datetime) -> LetterFilter:
    """Return the filter that the options make. Raises `InvalidInput`."""
    given = dict(options)
    state = given.pop("state")
    for name in ("since", "until"):
        if given[name] is not None:
            given[name] = parse_moment(name, given[name], now)
    states = _STATES[state] if state in _STATES else (LetterState(state),)
    return LetterFilter(**given, states=states, letter_ids=tuple(letter_ids) if letter_ids else None)


def operator_of(given: str | None) -> str:
    """Return who asks. Raises `InvalidInput` where nobody can tell."""
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise InvalidInput("this login has no name: say --operator, or set ORDERS_OPERATOR") from error
