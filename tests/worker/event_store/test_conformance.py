"""What every store keeps, shown on the twin and on PostgreSQL alike: so the twin may stand for it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from tests.worker.event_store.batches import added, batch_of, refused, reserving
from tests.worker.event_store.shelves import Shelf, postgres_shelf, twin_shelf
from worker.event_store import (
    Answered,
    Batch,
    Committed,
    ConcurrencyConflictError,
    EventRow,
    Fenced,
    LevelRow,
    StatementRefused,
    StoredAnswer,
    StoreUnavailable,
    Term,
)

NOTHING = {"commands": 0, "events": 0, "audit_log": 0, "stock_levels": 0}
ONE_OF_EACH = dict.fromkeys(NOTHING, 1)
FOREIGN = EventRow("A", 1, UUID(int=77), "StockAdded", '{"item_id": "main", "quantity": 7}', None)


@pytest.fixture
def twin() -> Shelf:
    return twin_shelf()


@pytest.fixture
async def postgresql(migrated_database_url: str) -> AsyncIterator[Shelf]:
    async with postgres_shelf(migrated_database_url) as shelf:
        yield shelf


@pytest.fixture(params=["twin", "postgresql"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    found: Shelf = request.getfixturevalue(request.param)  # one of them: the twin needs no server
    return found


async def test_each_claim_is_a_newer_epoch_at_the_same_sequence(shelf: Shelf) -> None:
    assert await shelf.open().claim(0, "first") == Term(0, 1, 0)
    assert await shelf.open().claim(0, "second") == Term(0, 2, 0)
    assert await shelf.open().claim(1, "first") == Term(1, 1, 0)


async def test_a_partition_that_is_not_there_is_waited_for(shelf: Shelf) -> None:
    with pytest.raises(StoreUnavailable, match="partition 9"):
        await shelf.open().claim(9, "owner")


async def test_a_sku_that_never_was_is_empty_at_version_0(shelf: Shelf) -> None:
    (record,) = await shelf.open().load(["A"])
    assert (record.aggregate_id, record.version, record.levels) == ("A", 0, ())


async def test_what_was_committed_is_loaded(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    assert await store.commit(term, batch_of(added(1), added(2, "B", on_hand=8))) == Committed()
    for reader in (store, shelf.open()):
        records = {record.aggregate_id: record for record in await reader.load(["B", "A", "C", "A"])}
        assert [(name, records[name].version) for name in "ABC"] == [("A", 1), ("B", 1), ("C", 0)]
        assert records["B"].levels == (LevelRow("B", "main", 8, 0, 1),)


async def test_a_later_stock_row_replaces_the_earlier_one(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await store.commit(term, added(1))
    await store.commit(replace(term, sequence=1), added(2, version=2, on_hand=10))
    (record,) = await store.load(["A"])
    assert (record.version, record.levels) == (2, (LevelRow("A", "main", 10, 0, 2),))


async def test_a_reservation_is_loaded_by_its_name_as_it_stands_after_the_last_commit(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    assert await store.load_reservations([("A", "r")]) == []
    held, sold = reserving(1), reserving(2, version=2, held=0, status="fulfilled")
    assert await store.commit(term, held) == Committed()
    assert await store.load_reservations([("A", "x"), ("A", "r"), ("B", "r")]) == [held.reservations["A", "r"]]
    assert await store.commit(replace(term, sequence=1), sold) == Committed()
    assert await store.load_reservations([("A", "r")]) == [sold.reservations["A", "r"]]


async def test_a_reservation_that_is_there_already_is_not_made_again(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await store.commit(term, reserving(1))
    again = reserving(2, version=2, held=3)
    again.made.update(again.reservations)
    with pytest.raises(ConcurrencyConflictError):
        await store.commit(replace(term, sequence=1), batch_of(added(3, "B"), again))
    assert await store.load_reservations([("A", "r")]) == [reserving(1).reservations["A", "r"]]
    assert await shelf.counts() == ONE_OF_EACH
    assert await store.commit(replace(term, sequence=1), refused(4)) == Committed(), "the term is as good as before"


async def test_a_command_that_was_answered_is_told_so_before_its_reservation_is_found_there(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await store.commit(term, reserving(1))
    assert isinstance(await store.commit(replace(term, sequence=1), reserving(1)), Answered)


async def test_reservations_that_are_made_and_others_that_change_are_written_by_one_commit(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await store.commit(term, reserving(1))
    changed, made = reserving(2, version=2, held=0, status="fulfilled"), added(3, "B")
    made.reservations["B", "s"] = changed.reservations["A", "r"]._replace(sku="B", reservation_id="s")
    made.made.add(("B", "s"))
    assert await store.commit(replace(term, sequence=1), batch_of(changed, made)) == Committed()
    rows = await store.load_reservations([("A", "r"), ("B", "s")])
    assert {(row.sku, row.held, row.status) for row in rows} == {("A", 0, "fulfilled"), ("B", 0, "fulfilled")}


async def test_a_row_that_somebody_has_taken_away_stays_away_when_its_reservation_changes(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    assert await store.commit(term, reserving(1, version=2)) == Committed()
    assert await store.load_reservations([("A", "r")]) == []


@pytest.mark.parametrize(("held", "status"), [(6, "held"), (-1, "held"), (0, "held"), (5, "released")])
async def test_a_reservation_that_does_not_add_up_is_refused_with_its_batch(
    shelf: Shelf, held: int, status: str
) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    with pytest.raises(StatementRefused):
        await store.commit(term, reserving(1, held=held, status=status))
    assert await shelf.counts() == NOTHING


async def test_a_stale_epoch_reserves_nothing(shelf: Shelf) -> None:
    store = shelf.open()
    stale = await store.claim(0, "old")
    await shelf.open().claim(0, "new")
    with pytest.raises(Fenced):
        await store.commit(stale, reserving(1))
    assert await store.load_reservations([("A", "r")]) == []


async def test_commands_are_numbered_in_their_order_without_a_gap(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(1, "owner")
    await store.commit(term, batch_of(refused(3), added(1), refused(2)))
    await store.commit(replace(term, sequence=3), refused(4))
    assert await shelf.sequences() == {
        UUID(int=3): (1, 1),
        UUID(int=1): (1, 2),
        UUID(int=2): (1, 3),
        UUID(int=4): (1, 4),
    }
    assert await store.claim(1, "owner") == Term(1, 2, 4)


async def test_a_stale_epoch_writes_nothing(shelf: Shelf) -> None:
    store = shelf.open()
    stale = await store.claim(0, "old")
    await shelf.open().claim(0, "new")
    with pytest.raises(Fenced, match="partition 0: epoch 1 is stale"):
        await store.commit(stale, added(1))
    assert await shelf.counts() == NOTHING


async def test_a_sequence_that_has_moved_on_writes_nothing(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await store.commit(term, added(1))
    with pytest.raises(Fenced):
        await store.commit(term, refused(2))
    assert await shelf.counts() == ONE_OF_EACH


async def test_what_was_answered_before_is_told_byte_for_byte_and_nothing_written(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await store.commit(term, added(1))
    outcome = await store.commit(replace(term, sequence=1), batch_of(added(1, version=2), added(2, "B")))
    assert outcome == Answered((StoredAnswer(UUID(int=1), bytes([1]), '{"number": 1,  "spaced": true}'),))
    assert await shelf.counts() == ONE_OF_EACH
    assert (await store.claim(0, "owner")).sequence == 1


async def test_a_late_copy_is_told_its_answer_by_any_store_of_any_term(shelf: Shelf) -> None:
    first = shelf.open()
    term = await first.claim(0, "old")
    await first.commit(term, added(1))
    assert isinstance(await shelf.open().commit(Term(1, 99, 99), added(1)), Answered)


async def test_of_two_writers_of_one_version_one_wins(shelf: Shelf) -> None:
    first, second = shelf.open(), shelf.open()
    first_term, second_term = await first.claim(0, "first"), await second.claim(1, "second")
    await first.commit(first_term, added(1))
    with pytest.raises(ConcurrencyConflictError):
        await second.commit(second_term, added(2))
    assert await shelf.counts() == ONE_OF_EACH
    assert await second.commit(second_term, added(2, version=2, on_hand=10)) == Committed()


async def test_a_version_of_another_program_is_a_conflict_and_then_folded(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    await shelf.append_foreign(FOREIGN)
    with pytest.raises(ConcurrencyConflictError):
        await store.commit(term, added(1))
    (record,) = await store.load(["A"])
    assert (record.version, record.levels, len(record.events)) == (1, None, 1)
    assert record.events[0].event_type == "StockAdded"


async def test_one_id_twice_in_a_batch_is_written_not_at_all(shelf: Shelf) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    with pytest.raises(ConcurrencyConflictError):
        await store.commit(term, batch_of(refused(1), refused(1)))
    assert await shelf.counts() == NOTHING


def _with_nul(batch: Batch) -> None:
    batch.audit[0] = batch.audit[0]._replace(user="till\0")


def _not_json(batch: Batch) -> None:
    batch.events[0] = batch.events[0]._replace(data="{")


def _negative_stock(batch: Batch) -> None:
    batch.levels["A", "main"] = LevelRow("A", "main", -1, 0, 1)


def _more_reserved_than_there_is(batch: Batch) -> None:
    batch.levels["A", "main"] = LevelRow("A", "main", 1, 2, 1)


def _negative_balance(batch: Batch) -> None:
    batch.audit[0] = batch.audit[0]._replace(balance=-1)


def _beyond_64_bits(batch: Batch) -> None:
    batch.levels["A", "main"] = LevelRow("A", "main", 2**63, 0, 1)


@pytest.mark.parametrize(
    "spoil",
    [_with_nul, _not_json, _negative_stock, _more_reserved_than_there_is, _negative_balance, _beyond_64_bits],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
async def test_content_that_cannot_be_held_is_refused_whole(shelf: Shelf, spoil: Callable[[Batch], None]) -> None:
    store = shelf.open()
    term = await store.claim(0, "owner")
    batch = batch_of(added(1), added(2, "B"))
    spoil(batch)
    with pytest.raises(StatementRefused):
        await store.commit(term, batch)
    assert await shelf.counts() == NOTHING
    assert await store.commit(term, added(2, "B")) == Committed()  # the term is as good as before
