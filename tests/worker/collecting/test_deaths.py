"""What the broker says about a message, in words: by tables, and for whatever a sender may claim."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import ERROR_HEADER, REASON_HEADER
from schemas.fingerprints import fingerprint
from schemas.reasons import Reason
from worker.collecting.deaths import Death, death_of

AT = datetime(2026, 1, 31, 12, 0, 7, tzinfo=UTC)
EXPIRED: dict[str, Any] = {
    "count": 1,
    "reason": "expired",
    "queue": "orders.commands.03",
    "time": AT,
    "exchange": "orders.commands",
    "routing-keys": ["partition.03"],
    "original-expiration": "250",
}


def dead(**changes: Any) -> dict[str, Any]:
    return {"x-death": [EXPIRED | changes]}


def test_what_expired() -> None:
    assert death_of(dead()) == Death(
        Reason.EXPIRED,
        "the broker gave it up in the queue orders.commands.03 at 2026-01-31 12:00:07 UTC: it had waited there for "
        "longer than its sender, or a policy, allows (250 ms); replay it if it is still wanted, or skip it",
        "orders.commands.03",
        AT,
    )


@pytest.mark.parametrize(
    ("word", "reason", "words"),
    [
        ("expired", Reason.EXPIRED, "it had waited there for longer"),
        ("rejected", Reason.REJECTED, "a program that consumes the queue rejected it"),
        ("delivery_limit", Reason.REJECTED, "more often than the queue's delivery limit allows"),
        ("maxlen", Reason.REJECTED, "the queue was over a length limit"),
        ("of late", Reason.REJECTED, "it says 'of late'; replay it, or skip it"),
    ],
)
def test_each_kind_of_death_has_words_of_its_own(word: str, reason: Reason, words: str) -> None:
    death = death_of(dead(reason=word))
    assert (death.reason, words in death.error) == (reason, True)


def test_the_newest_death_counts_and_how_often_it_was() -> None:
    headers = {"x-death": [EXPIRED | {"count": 3, "reason": "rejected"}, EXPIRED]}
    death = death_of(headers)
    assert "12:00:07 UTC, 3 times by now, because a program that consumes" in death.error
    assert death.died_at is None  # the broker keeps the time of the first


def test_times_are_in_utc() -> None:
    death = death_of(dead(time=AT.astimezone(timezone(timedelta(hours=5)))))
    assert death == death_of(dead())


def test_equal_causes_have_equal_fingerprints() -> None:
    one, other = death_of(dead()), death_of(dead(time=AT + timedelta(days=9), queue="orders.commands.11"))
    assert one.error != other.error
    assert fingerprint("expired", one.error) == fingerprint("expired", other.error)


def test_what_was_published_by_hand() -> None:
    death = death_of({})
    assert (death.reason, death.queue, death.died_at) == (Reason.REJECTED, None, None)
    assert "by hand: it has no x-death header" in death.error


def test_what_says_of_itself_that_it_is_a_dead_letter() -> None:
    death = death_of({REASON_HEADER: "invalid", ERROR_HEADER: "no JSON"})
    assert death.error.endswith("(it says of itself: invalid, no JSON)")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from([*EXPIRED]), inner),
    max_leaves=8,
)


@given(anything | st.lists(st.dictionaries(st.sampled_from([*EXPIRED]), anything)))
def test_whatever_a_sender_claims_ends_in_words(claimed: Any) -> None:
    death = death_of({"x-death": claimed})
    assert death.reason in {Reason.EXPIRED, Reason.REJECTED}
    assert death.error
