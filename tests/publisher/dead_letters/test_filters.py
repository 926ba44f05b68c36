from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from publisher import InvalidInput
from publisher.dead_letters import LetterFilter, LetterState

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "bad luck"}, "reason: there is no 'bad luck'"),
        ({"sku": ""}, "sku: must be a text in UTF-8 without NUL, and not empty"),
        ({"text": "a\0b"}, "text: must be a text in UTF-8 without NUL"),
        ({"user": "\udcff"}, "user: must be a text in UTF-8"),
        ({"since": datetime(2026, 1, 31)}, "since: must name its offset"),  # noqa: DTZ001
        ({"until": datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))}, "until: must lie in the years"),
        ({"letter_ids": (0,)}, "there is no dead letter 0"),
        ({"letter_ids": (2**63,)}, "there is no dead letter 9223372036854775808"),
        ({"letter_ids": (1,), "sku": "A"}, "either name the dead letters or say what they are like"),
        ({"letter_ids": (1,), "states": (LetterState.HELD,)}, "either name the dead letters"),
        ({"states": ()}, "states: must name one"),
    ],
)
def test_what_no_letter_can_have_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        LetterFilter(**given)


def test_only_a_filter_that_leaves_out_no_open_letter_is_everything() -> None:
    assert LetterFilter().is_everything
    assert LetterFilter(states=tuple(LetterState)).is_everything
    assert not LetterFilter(sku="A").is_everything
    assert not LetterFilter(letter_ids=()).is_everything
    assert not LetterFilter(states=(LetterState.HELD,)).is_everything


def test_a_filter_is_told_as_it_was_given() -> None:
    in_berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    told = LetterFilter(sku="A", since=in_berlin, states=(LetterState.HELD,)).told()
    assert told == {"sku": "A", "since": "2026-01-31T12:00:00+00:00", "states": ("held",)}
    assert LetterFilter(letter_ids=(1, 2)).told() == {"letter_ids": (1, 2)}


@pytest.mark.parametrize(
    ("letter_filter", "states", "closed_too"),
    [
        (LetterFilter(), ["set_aside", "held", "parked"], False),
        (LetterFilter(states=(LetterState.PARKED,)), ["parked"], False),
        (LetterFilter(states=(LetterState.SKIPPED,)), ["skipped"], True),
        (LetterFilter(letter_ids=(1,)), [*LetterState], True),
    ],
)
def test_open_letters_are_meant_unless_more_is_said(
    letter_filter: LetterFilter, states: list[str], *, closed_too: bool
) -> None:
    assert letter_filter.arguments()[:2] == (states, closed_too)
