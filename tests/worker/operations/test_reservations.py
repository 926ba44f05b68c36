"""What `verify` and `rebuild` make of reservations whose rows were changed by hand."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from random import Random
from uuid import UUID

import pytest

from tests.twins.orders import order, restock
from tests.worker.lane.random_commands import random_commands
from tests.worker.operations.interrupted_store import InterruptedStore
from tests.worker.operations.recorded_shop import RecordedShop
from worker.operations.rebuilding import Rebuilt, rebuild
from worker.operations.verification import Difference, verify

ORDERS = [
    restock(1, 9),
    order(2, "reserve", 5, reservation_id="held", expires_in=60),
    order(3, "reserve", 4, reservation_id="sold"),
    order(4, "fulfil", None, reservation_id="sold"),
    order(5, "extend", None, reservation_id="held", expires_in=3600),
    order(6, "transfer", 4, to_location="attic"),
    order(7, "adjust", None, reason="counted", set_to=5),
]
GHOST = (
    "INSERT INTO reservations (sku, reservation_id, location, partition, quantity, held, fulfilled, released, status, "
    "version) VALUES ('Z', 'ghost', 'main', 0, 1, 1, 0, 0, 'held', 1)"
)


async def test_every_operation_agrees_with_its_events(shop: RecordedShop) -> None:
    await shop.record(ORDERS)
    assert await _differences(shop) == []
    assert await rebuild(shop.connection) == Rebuilt(1)


@pytest.mark.parametrize(
    ("statement", "sku", "said"),
    [
        ("UPDATE reservations SET expires_at = NULL WHERE reservation_id = 'held'", "A", "held: the row is "),
        ("UPDATE reservations SET status = 'released' WHERE reservation_id = 'sold'", "A", "sold: the row is "),
        ("DELETE FROM reservations WHERE reservation_id = 'sold'", "A", "sold: the row is missing"),
        (GHOST, "Z", "ghost: the row is "),
    ],
    ids=["due time", "status", "gone", "ghost"],
)
async def test_a_changed_row_is_found_and_made_again(shop: RecordedShop, statement: str, sku: str, said: str) -> None:
    await shop.record(ORDERS)
    await shop.tamper(statement)
    (difference,) = await _differences(shop)
    assert (difference.sku, difference.kind) == (sku, "reservation")
    assert difference.message.startswith(said)
    rebuilt = await rebuild(shop.connection)
    assert rebuilt.corrected + rebuilt.removed == 1
    assert await _differences(shop) == []


@pytest.mark.parametrize(
    ("statement", "said", "unfoldable"),
    [
        (
            "UPDATE events SET event_type = 'Noted' WHERE event_type = 'StockReserved' AND version = 2",
            ("reservation", "version 5: held: nothing was reserved before ReservationExtended"),
            "version 5: held: nothing was reserved before ReservationExtended",
        ),
        (
            "UPDATE events SET data = jsonb_set(data, '{expires_at}', '\"soon\"') WHERE version = 2",
            ("event unreadable", "version 2: Invalid isoformat string: 'soon'"),
            "version 2: Invalid isoformat string: 'soon'",
        ),
        (
            "UPDATE events SET data = jsonb_set(data, '{expires_at}', '\"2026-01-31T12:00:00\"') WHERE version = 5",
            ("event unreadable", "version 5: 2026-01-31T12:00:00 does not say its offset from UTC"),
            "version 5: 2026-01-31T12:00:00 does not say its offset from UTC",
        ),
        (
            'UPDATE events SET data = data || \'{"expires_at": "9999-12-31T23:59:59-14:00"}\' WHERE version = 2',
            ("event unreadable", "version 2: 9999-12-31T23:59:59-14:00 is not in the years 1 to 9999 of UTC"),
            "version 2: 9999-12-31T23:59:59-14:00 is not in the years 1 to 9999 of UTC",
        ),
        (
            "UPDATE events SET data = jsonb_set(data, '{reservation_id}', '\"held\"') WHERE version = 3",
            ("reservation", "version 3: held: it was reserved before"),
            "version 3: held: it was reserved before",
        ),
        (
            "UPDATE events SET data = jsonb_set(data, '{item_id}', '\"attic\"') WHERE version = 5",
            ("reservation", "version 5: held: held at main, not at attic"),
            "version 5: held: held at main, not at attic",
        ),
        (
            "UPDATE events SET data = jsonb_set(data, '{quantity}', '9') WHERE version = 4",
            ("reservation", "sold: version 4: -5 held"),
            "version 4: sold: -5 held",
        ),
        (
            "UPDATE events SET data = jsonb_set(data, '{item_id}', '\"attic\"') WHERE version = 4",
            ("negative stock", "version 4: -4 reserved at attic"),
            "version 4: -4 on hand and -4 reserved at attic",
        ),
    ],
    ids=["never", "no time", "no offset", "no such year", "twice", "elsewhere", "too many", "sold elsewhere"],
)
async def test_events_that_make_no_sense_are_named_and_harm_no_other_sku(
    shop: RecordedShop, statement: str, said: tuple[str, str], unfoldable: str
) -> None:
    await shop.record([*ORDERS, restock(8, 5, sku="B")])
    await shop.tamper(statement)
    await shop.tamper("UPDATE stock_levels SET on_hand = 9 WHERE sku = 'B'")
    assert said in [(difference.kind, difference.message) for difference in await _differences(shop)]
    assert await rebuild(shop.connection) == Rebuilt(1, corrected=1, unfoldable={"A": unfoldable})
    assert await shop.connection.fetchval("SELECT on_hand FROM stock_levels WHERE sku = 'B'") == 5


async def test_a_changed_audit_of_what_is_reserved_is_found(shop: RecordedShop) -> None:
    await shop.record(ORDERS)
    await shop.tamper("UPDATE audit_log SET reserved_delta = 3 WHERE reserved_delta = 4")
    assert [difference.kind for difference in await _differences(shop)] == ["audit row"]


async def test_random_operations_of_every_kind_agree_with_the_rule_decided_again(shop: RecordedShop) -> None:
    random = Random(1)
    for portion in range(60):
        await shop.record(random_commands(random, 6 * portion + 1, 6))
        shop.lanes.environment.pass_time(timedelta(seconds=1))
    assert await _differences(shop) == []
    refused = await shop.connection.fetch(
        "SELECT DISTINCT answer ->> 'reason' FROM commands WHERE answer ->> 'reason' > ''"
    )
    assert {row[0] for row in refused} >= {"reservation_expired", "already_fulfilled", "quantity_exceeds_reservation"}


@pytest.mark.parametrize(
    ("number", "old", "new", "said"),
    [
        (4, '"fulfil"', '"release"', "says release of 4 at main, but the event is ReservationFulfilled"),
        (6, '"insufficient_stock"', '"stock_limit"', "says stock_limit, but the rule says insufficient_stock"),
        (
            2,
            '"expires_at":"2026-01-31T12:01',
            '"expires_at":"2026-01-31T12:02',
            "says reserve of 5 at main, but the event",
        ),
        (8, '"already_fulfilled"', '"already_released"', "says already_released, but the rule says already_fulfilled"),
        (
            9,
            '"reservation_id":"none"',
            '"reservation_id":"held"',
            "says unknown_reservation, but the rule allows release",
        ),
    ],
    ids=["another type", "another rule", "another end", "another reason", "another reservation"],
)
async def test_a_changed_answer_about_a_reservation_is_found(
    shop: RecordedShop, number: int, old: str, new: str, said: str
) -> None:
    late = [order(8, "fulfil", None, reservation_id="sold"), order(9, "release", 1, reservation_id="none")]
    await shop.record([*ORDERS, *late])
    await shop.tamper(
        f"UPDATE commands SET answer = replace(answer::text, '{old}', '{new}')::json "  # noqa: S608 - ours
        f"WHERE command_id = '{UUID(int=number)}'"
    )
    messages = [difference.message for difference in await _differences(shop)]
    assert any(said in message for message in messages), messages


async def test_a_lane_that_remembers_a_reservation_is_fenced_where_its_row_is_corrected(shop: RecordedShop) -> None:
    async def correct() -> None:
        await shop.tamper("UPDATE reservations SET held = 1, released = 4")
        await rebuild(shop.connection)

    await _fulfil_after(shop, correct)
    assert shop.lanes.observer.conflicts == ["fence"]
    assert len(shop.lanes.queue.messages) == 1
    await shop.record([])
    assert (shop.lanes.answers[-1]["outcome"], shop.lanes.answers[-1]["quantity"]) == ("applied", 5)
    assert await _differences(shop) == []


async def test_what_a_lane_remembers_stays_true_where_its_row_is_taken_away(shop: RecordedShop) -> None:
    async def take_away() -> None:
        await shop.tamper("DELETE FROM reservations")

    await _fulfil_after(shop, take_away)
    assert (shop.lanes.answers[-1]["outcome"], shop.lanes.answers[-1]["quantity"]) == ("applied", 5)
    assert [difference.message for difference in await _differences(shop)] == ["held: the row is missing"]
    assert (await rebuild(shop.connection)).corrected == 1
    assert await _differences(shop) == []


async def _fulfil_after(shop: RecordedShop, interrupt: Callable[[], Awaitable[None]]) -> None:
    """Let a lane reserve 5 units and, in its next batch, fulfil them; with an `interrupt` before that is committed."""
    commits = count()

    async def interrupt_the_second() -> None:
        if next(commits):
            await interrupt()

    shop.lanes.send([restock(1, 9), order(2, "reserve", 5, reservation_id="held")])
    fulfil = order(3, "fulfil", None, reservation_id="held")
    shop.lanes.faults.plan("acknowledged", lambda _point: shop.lanes.send([fulfil]))
    await shop.lanes.run_lane(store=InterruptedStore(shop.store, interrupt_the_second))


async def _differences(shop: RecordedShop) -> list[Difference]:
    found: list[Difference] = []
    await verify(shop.connection, found.append)
    return found
