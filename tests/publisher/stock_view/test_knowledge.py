"""What is kept, what is dropped, and what of it may be said."""

from collections.abc import Mapping

import pytest

from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.knowledge import KEPT_LIMIT_ANSWERS, Missing, StockKnowledge
from publisher.stock_view.look import Head, Look
from publisher.stock_view.sku_stock import Level, SkuStock
from schemas.results import Outcome, Result

MAX_AGE_SECONDS = 0.1
LIFETIME_SECONDS = 10.0


@pytest.fixture
def counters() -> StockViewCounters:
    return StockViewCounters()


@pytest.fixture
def knowledge(counters: StockViewCounters) -> StockKnowledge:
    return StockKnowledge(
        capacity_levels=3, max_age_seconds=MAX_AGE_SECONDS, lifetime_seconds=LIFETIME_SECONDS, counters=counters
    )


def look(sequence: int, stocks: Mapping[str, SkuStock] | None = None, epoch: int = 1) -> Look:
    return Look([Head(0, epoch, sequence)], stocks or {})


def stock(version: int, on_hand: int) -> SkuStock:
    return SkuStock(version, {"main": Level(on_hand, 0)})


def answer(sku: str, version: int, on_hand: int, sequence: int, **more: object) -> Result:
    known = Result(
        command_id=None,
        outcome=Outcome.APPLIED,
        type="restock",
        sku=sku,
        location="main",
        quantity=1,
        reason=None,
        message=None,
        on_hand=on_hand,
        reserved=0,
        available=on_hand,
        version=version,
        partition=0,
        sequence=sequence,
    )
    return known.model_copy(update=more)


def test_what_was_looked_up_is_known_until_it_is_too_old(knowledge: StockKnowledge) -> None:
    assert knowledge.reason("A", 1.0) is Missing.UNKNOWN
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    reading = knowledge.read("A", "main", 1.05)
    assert reading is not None
    assert (reading.available, reading.version, reading.stale) == (5, 1, False)
    assert reading.age_seconds == pytest.approx(0.05)
    assert knowledge.read("A", "main", 1.2) is None
    assert knowledge.reason("A", 1.2) is Missing.UNPROVEN
    assert knowledge.last_known("A") == (stock(1, 5), 1.0)


def test_a_later_look_at_the_partition_alone_keeps_it_known(knowledge: StockKnowledge) -> None:
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    knowledge.adopt(look(0), 2.0)
    assert knowledge.read("A", "main", 2.01) is not None


def test_a_location_or_a_sku_that_never_was_holds_nothing(knowledge: StockKnowledge) -> None:
    knowledge.adopt(look(0, {"A": stock(1, 5), "B": SkuStock(0, {})}), 1.0)
    for sku, location, version in (("A", "attic", 1), ("B", "main", 0)):
        reading = knowledge.read(sku, location, 1.0)
        assert reading is not None
        assert (reading.on_hand, reading.available, reading.version) == (0, 0, version)


def test_an_answer_changes_what_is_known_and_drops_nothing(
    knowledge: StockKnowledge, counters: StockViewCounters
) -> None:
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    for number in range(1, 101):
        knowledge.see(answer("A", 1 + number, 5 + number, number))
        reading = knowledge.read("A", "main", 1.0)
        assert reading is not None
        assert (reading.on_hand, reading.version) == (5 + number, 1 + number)
    assert (counters.answers, counters.evictions) == (100, 0)


def test_an_older_answer_changes_nothing(knowledge: StockKnowledge) -> None:
    knowledge.adopt(look(5, {"A": stock(5, 50)}), 1.0)
    knowledge.see(answer("A", 2, 20, 2))
    reading = knowledge.read("A", "main", 1.0)
    assert reading is not None
    assert reading.on_hand == 50


def test_an_answer_after_a_version_that_was_not_told_makes_it_unknown(knowledge: StockKnowledge) -> None:
    """As when a program has appended an event without a worker."""
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    knowledge.see(answer("A", 3, 7, 1))
    assert knowledge.read("A", "main", 1.0) is None
    assert knowledge.reason("A", 1.0) is Missing.BEHIND
    knowledge.adopt(look(1, {"A": stock(3, 7)}), 1.0)
    assert knowledge.read("A", "main", 1.0) is not None


@pytest.mark.parametrize("told", [5, 6], ids=["known", "told of"])
def test_a_look_that_finds_less_than_was_known_when_it_began_is_believed(knowledge: StockKnowledge, told: int) -> None:
    """The database was restored from a backup: else the version would be there, and readers would wait for it."""
    knowledge.adopt(look(9, {"A": stock(5, 50)}), 1.0)
    knowledge.see(answer("A", told, 60, 9))
    knowledge.expect(["A"])
    assert knowledge.adopt(look(4, {"A": stock(3, 30)}), 2.0) == {"A": stock(3, 30)}
    knowledge.see(answer("A", 4, 29, 5))
    reading = knowledge.read("A", "main", 2.0)
    assert reading is not None
    assert (reading.on_hand, reading.version) == (29, 4)


def test_an_answer_that_overtakes_a_look_is_counted_on_top_of_it(knowledge: StockKnowledge) -> None:
    knowledge.expect(["A"])
    knowledge.see(answer("A", 2, 6, 1))
    knowledge.see(answer("A", 3, 7, 2))
    assert knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0) == {"A": stock(3, 7)}


def test_more_answers_than_are_kept_make_it_look_again(knowledge: StockKnowledge) -> None:
    knowledge.expect(["A"])
    for number in range(1, KEPT_LIMIT_ANSWERS + 2):
        knowledge.see(answer("A", 1 + number, 5 + number, number))
    assert knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0) == {}
    assert knowledge.reason("A", 1.0) is Missing.BEHIND


def test_old_answers_after_more_than_are_kept_do_not_hide_the_newest(knowledge: StockKnowledge) -> None:
    """The look brings those that the feed has lost; the feed has shown what comes after them."""
    knowledge.adopt(look(0), 0.0)
    knowledge.expect(["A"])
    lost = [answer("A", number, number, number) for number in range(1, 11)]
    for number in range(11, KEPT_LIMIT_ANSWERS + 6):
        knowledge.see(answer("A", number, number, number))
    newest = KEPT_LIMIT_ANSWERS + 5
    found = knowledge.adopt(Look([Head(0, 1, 10)], {"A": stock(10, 10)}, lost), 1.0)
    assert found == {"A": stock(newest, newest)}


def test_an_answer_that_the_feed_is_late_with_is_brought_by_a_look(
    knowledge: StockKnowledge, counters: StockViewCounters
) -> None:
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    knowledge.adopt(look(1), 1.01)
    assert knowledge.late(1.02) == {}
    assert knowledge.late(1.05) == {0: 0}
    knowledge.adopt(Look([Head(0, 1, 1)], {}, [answer("A", 2, 6, 1)]), 1.05)
    assert knowledge.late(1.2) == {}
    reading = knowledge.read("A", "main", 1.14)
    assert reading is not None
    assert (reading.on_hand, reading.version) == (6, 2)
    knowledge.see(answer("A", 2, 6, 1))  # now the feed shows it, too
    assert knowledge.last_known("A") == (stock(2, 6), 1.05)
    assert (counters.late_answers, counters.answers) == (1, 1)


def test_those_not_used_for_longest_are_dropped(knowledge: StockKnowledge, counters: StockViewCounters) -> None:
    knowledge.adopt(look(0, {sku: stock(1, 1) for sku in "ABC"}), 1.0)
    assert knowledge.read("A", "main", 1.0) is not None
    knowledge.adopt(look(0, {"D": stock(1, 1)}), 1.0)
    assert [sku for sku in "ABCD" if knowledge.read(sku, "main", 1.0)] == ["A", "C", "D"]
    assert counters.evictions == 1


def test_every_location_takes_room(knowledge: StockKnowledge) -> None:
    knowledge.adopt(look(0, {sku: stock(1, 9) for sku in "ABC"}), 1.0)
    knowledge.see(answer("C", 2, 8, 1, type="transfer", to_location="attic"))
    assert knowledge.last_known("A") is None
    assert knowledge.last_known("C") == (SkuStock(2, {"main": Level(8, 0), "attic": Level(1, 0)}), 1.0)


def test_the_lifetime_ends_whatever_proves_it(knowledge: StockKnowledge) -> None:
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    end_seconds = 1.0 + LIFETIME_SECONDS
    knowledge.adopt(look(0), end_seconds)
    assert knowledge.read("A", "main", end_seconds) is not None
    assert knowledge.read("A", "main", end_seconds + 0.01) is None
    assert knowledge.reason("A", end_seconds + 0.01) is Missing.EXPIRED


def test_a_new_owner_or_a_correction_makes_it_read_again(
    knowledge: StockKnowledge, counters: StockViewCounters
) -> None:
    knowledge.adopt(look(1, {"A": stock(1, 500)}), 1.0)
    knowledge.adopt(look(1, epoch=2), 2.0)
    assert knowledge.read("A", "main", 2.0) is None
    knowledge.adopt(look(1, {"A": stock(1, 5)}, epoch=2), 2.0)
    reading = knowledge.read("A", "main", 2.0)
    assert reading is not None
    assert reading.on_hand == 5
    assert counters.restarts == 2


def test_an_answer_without_a_number_or_a_sku_is_no_harm(knowledge: StockKnowledge) -> None:
    knowledge.adopt(look(0, {"A": stock(1, 5)}), 1.0)
    knowledge.see(answer("A", 2, 6, 1).model_copy(update={"partition": None, "sequence": None, "version": None}))
    knowledge.see(answer("A", 2, 6, 1).model_copy(update={"sku": None}))
    knowledge.see(answer("B", 2, 6, 2, partition=-1))
    assert knowledge.read("A", "main", 1.0) is not None
