"""Every class of interleaving: misses, commits, answers of the feed, evictions, lifetimes, cuts, cancelled readers."""

from random import Random

import pytest
from hypothesis import given, settings

from tests.publisher.stock_view.schedules import (
    LISTING_READER,
    READERS,
    SCHEDULES,
    SKUS,
    Step,
    broken_promises,
    naive_cache,
    stock_view,
)

EXAMPLES = 200

SLOW_LOAD_OVERTAKEN_BY_A_COMMIT = [
    Step("read", (0, "A")),
    Step("snapshot"),  # the load has seen the old stock ...
    Step("commit", ("A", -2)),
    Step("publish", (0,)),  # ... the feed tells of the new ...
    Step("answer"),  # ... and now the load arrives
    *[Step("advance", (0.03,)), Step("serve")] * 5,
    Step("read", (1, "A")),
]

KNOWN = [Step("read", (0, "A")), Step("serve")]
SOLD = [Step("commit", ("A", -1))]
SHOWN = [*SOLD, Step("publish", (0,))]
A_TENTH_LATER = [*[Step("advance", (0.03,)), Step("serve")] * 5, Step("read", (0, "A")), Step("peek", (0, "A"))]
INTERLEAVINGS = {
    "a miss, then a commit that the feed shows": [*KNOWN, *SHOWN, *A_TENTH_LATER],
    "a commit that is never published": [*KNOWN, *SOLD, Step("lose"), *A_TENTH_LATER],
    "and the partition goes on after that": [*KNOWN, *SOLD, Step("lose"), Step("calm"), *SHOWN, *A_TENTH_LATER],
    "an answer that cannot be read": [*KNOWN, *SOLD, Step("garble"), *A_TENTH_LATER],
    "and the partition goes on after that, too": [*KNOWN, *SOLD, Step("garble"), Step("calm"), *SHOWN, *A_TENTH_LATER],
    "a generation later": [*KNOWN, *SOLD, Step("garble"), Step("calm"), *A_TENTH_LATER],
    "more than a look brings": [*KNOWN, *[*SOLD, Step("lose")] * 3, *A_TENTH_LATER],
    "a feed that is cut": [*KNOWN, *SOLD, Step("reconnect"), Step("calm"), *SHOWN, *A_TENTH_LATER],
    "a feed that is late": [*KNOWN, *SOLD, Step("calm"), Step("publish", (0,)), *A_TENTH_LATER],
    "answers out of order": [*KNOWN, *SOLD, *SOLD, Step("publish", (1,)), *A_TENTH_LATER],
    "answers that come again": [*KNOWN, *SHOWN, *SHOWN, Step("repeat"), *A_TENTH_LATER],
    "an eviction while a load is under way": [
        *KNOWN,
        Step("advance", (0.11,)),
        Step("read", (1, "A")),
        Step("snapshot"),
        *SHOWN,
        Step("forget"),
        Step("read", (0, "A")),
        Step("answer"),
        *A_TENTH_LATER,
    ],
    "the end of a lifetime": [*KNOWN, Step("advance", (2.1,)), *SOLD, *A_TENTH_LATER],
    "a new owner": [*KNOWN, Step("claim", (0,)), Step("claim", (1,)), *SHOWN, *A_TENTH_LATER],
    "a reader that is cancelled": [
        Step("read", (0, "A")),
        Step("read", (1, "A")),
        Step("snapshot"),
        Step("cancel", (0,)),
        *SHOWN,
        Step("answer"),
        *A_TENTH_LATER,
    ],
    "a list of which one is known, and a slow load for the other": [
        *KNOWN,
        *SOLD,
        Step("advance", (0.02,)),
        Step("read_all"),
        Step("snapshot"),
        Step("advance", (0.11,)),
        Step("answer"),
        *A_TENTH_LATER,
    ],
    "a list of which one is proven by a look under way, and a slow load for the other": [
        *KNOWN,
        Step("advance", (0.03,)),
        Step("snapshot"),
        *SOLD,
        Step("advance", (0.06,)),
        Step("read_all"),
        Step("answer"),
        Step("snapshot"),
        Step("advance", (0.11,)),
        Step("answer"),
        *A_TENTH_LATER,
    ],
    "a database that is away": [*KNOWN, *SOLD, Step("fail"), Step("fail"), *A_TENTH_LATER],
}


@pytest.mark.parametrize("schedule", INTERLEAVINGS.values(), ids=INTERLEAVINGS)
def test_every_class_of_interleaving(schedule: list[Step]) -> None:
    assert broken_promises(stock_view, schedule) == []


@given(SCHEDULES)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_schedule_breaks_a_promise(schedule: list[Step]) -> None:
    assert broken_promises(stock_view, schedule) == []


def test_a_slow_load_does_not_put_an_old_level_over_a_new_one() -> None:
    assert broken_promises(stock_view, SLOW_LOAD_OVERTAKEN_BY_A_COMMIT) == []


def test_it_does_in_a_naive_cache() -> None:
    (sentence,) = broken_promises(naive_cache, SLOW_LOAD_OVERTAKEN_BY_A_COMMIT)
    assert "superseded" in sentence


@pytest.mark.parametrize("seed", range(5))
def test_long_schedules_break_no_promise_either(seed: int) -> None:
    """Hypothesis draws some thirty steps; in these, generations come and go."""
    assert broken_promises(stock_view, _long_schedule(seed)) == []


def test_they_do_break_those_of_a_naive_cache() -> None:
    sentences = [sentence for seed in range(5) for sentence in broken_promises(naive_cache, _long_schedule(seed))]
    assert any("superseded" in sentence for sentence in sentences)


def _long_schedule(seed: int) -> list[Step]:
    random = Random(seed)
    return [_drawn(random) for _ in range(1_500)]


def _drawn(random: Random) -> Step:
    sku, reader = random.choice(SKUS), random.randrange(READERS)
    return random.choice(
        [
            Step("read", (reader, sku)),
            Step("peek", (reader, sku)),
            Step("read_all"),
            Step("read", (LISTING_READER, sku)),
            Step("commit", (sku, random.choice([-2, -1, 1, 2]))),
            Step("publish", (0,)),
            Step("publish", (random.randrange(3),)),
            Step("snapshot"),
            Step("answer"),
            Step("serve"),
            Step("advance", (random.choice([0.001, 0.01, 0.026, 0.06]),)),
            random.choice(
                [
                    Step("lose"),
                    Step("garble"),
                    Step("repeat"),
                    Step("claim", (random.randrange(2),)),
                    Step("cancel", (reader,)),
                ]
            ),
        ]
    )
