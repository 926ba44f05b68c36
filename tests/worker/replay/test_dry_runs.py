"""Dry runs on a real database: what they foretell is what lanes do then, and nothing is changed."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from random import Random

import pytest

from schemas.commands import Adjust, Purchase, Reserve, Restock
from schemas.dead_letters import NUDGE
from schemas.order_commands import CancelOrder, OrderLine, PlaceOrder
from tests.twins.environment import EnvironmentTwin
from tests.worker.replay.foretelling_shop import Shop
from tests.worker.replay.ledger import Ledger
from worker.database.topology import record_partition_count
from worker.event_store import AggregateRecord, PartitionStore
from worker.lane.orders.codec import stored_order
from worker.lane.orders.errands import commands_of
from worker.lane.ports import BundleKind
from worker.replay.dry_runs import DryRuns
from worker.replay.plans import Plans
from worker.replay.session import LedgerSession


@pytest.fixture
async def shop(ledger: Ledger, migrated_database_url: str) -> AsyncIterator[Shop]:
    await record_partition_count(ledger.connection, 1)
    shop = Shop(ledger, migrated_database_url)
    yield shop
    await shop.close()


async def test_effects_add_up_in_the_order_of_the_letters(shop: Shop) -> None:
    await shop.run_lane(shop.body(Restock, quantity=5))
    letters = [await shop.letter(shop.body(quantity=quantity)) for quantity in (3, 3, 2)]
    letters.append(await shop.letter(shop.body(sku="B"), aggregate_id="B"))
    assert await shop.foretold(letters) == [
        ("applied", None, None),
        ("rejected", "insufficient_stock", "3 wanted at main, 2 available"),
        ("applied", None, None),
        ("rejected", "insufficient_stock", "1 wanted at main, 0 available"),
    ]


async def test_what_is_no_command_would_be_set_aside_again(shop: Shop) -> None:
    rubbish = await shop.letter(b"rubbish", aggregate_id=None)
    ((outcome, reason, message),) = await shop.foretold([rubbish])
    assert (outcome, reason) == ("dead_lettered", "invalid")
    assert "JSON" in message


async def test_what_was_answered_before_has_its_stored_answer(shop: Shop) -> None:
    body = shop.body(quantity=3)
    await shop.run_lane(shop.body(Restock, quantity=5), body)
    other = json.dumps(json.loads(body) | {"quantity": 1}).encode()
    letters = [await shop.letter(body), await shop.letter(other)]
    (first, second) = await shop.foretold(letters)
    assert (first, second[:2]) == (("applied", None, None), ("rejected", "conflict"))


async def test_a_command_that_comes_twice_has_one_effect(shop: Shop) -> None:
    await shop.run_lane(shop.body(Restock, quantity=5))
    body = shop.body(quantity=3)
    assert await shop.foretold([await shop.letter(body), await shop.letter(body)]) == [("applied", None, None)] * 2


async def held_line(shop: Shop, head: bytes, parked: Sequence[bytes]) -> int:
    number = await shop.letter(head, "held", place=1)
    for place, body in enumerate(parked, start=2):
        await shop.letter(body, "parked", place=place, reason="held")
    await shop.ledger.hold(number, parked=len(parked))
    return number


async def test_what_is_parked_behind_a_letter_is_counted_in_its_message(shop: Shop) -> None:
    head = await held_line(shop, shop.body(Restock, quantity=5), [shop.body(quantity=q) for q in (3, 2, 1, 4)])
    later = await shop.letter(shop.body(Restock, quantity=1))
    assert await shop.foretold([later, head]) == [
        ("applied", None, None),
        ("applied", None, "and 4 parked behind it: 2 applied, 2 rejected"),
    ]


async def test_a_letter_that_would_fail_again_lets_nothing_pass(shop: Shop) -> None:
    head = await held_line(shop, b"rubbish", [shop.body(), shop.body()])
    later = await shop.letter(shop.body())
    (told, behind) = await shop.foretold([head, later])
    assert told[:2] == ("dead_lettered", "invalid")
    assert told[2].endswith("; and 2 parked behind it: 2 still waiting")
    assert behind == (None, None, f"it waits behind letter {head}, in its turn")


async def test_a_parked_letter_that_would_fail_holds_those_behind_it(shop: Shop) -> None:
    head = await held_line(shop, shop.body(Restock, quantity=9), [shop.body(), b"rubbish", shop.body()])
    (told,) = await shop.foretold([head])
    assert told == ("applied", None, "and 3 parked behind it: 1 applied, 1 dead_lettered, 1 still waiting")


async def test_a_letter_about_what_waits_for_another_would_wait_too(shop: Shop) -> None:
    head = await held_line(shop, shop.body(), [])
    assert await shop.foretold([await shop.letter(shop.body())]) == [
        (None, None, f"it waits behind letter {head}, in its turn")
    ]
    ((outcome, reason, _),) = await shop.foretold([await shop.letter(b"rubbish")])
    assert (outcome, reason) == ("dead_lettered", "invalid")


async def test_what_has_killed_workers_is_not_tried(shop: Shop) -> None:
    await shop.run_lane(shop.body(Restock, quantity=5))
    (told, other) = await shop.foretold(
        [await shop.letter(shop.body(), reason="crashed"), await shop.letter(shop.body())]
    )
    assert (told[:2], other[0]) == ((None, None), "applied")
    assert "workers have died of it" in told[2]


async def test_whole_orders_are_taken_up(shop: Shop) -> None:
    lines = (OrderLine(sku="A", location="main", quantity=1),)
    place = shop.encoded(PlaceOrder, order_id="1", lines=lines)
    cancel = shop.encoded(CancelOrder, order_id="2")
    letters = [await shop.letter(place, aggregate_id="order:1"), await shop.letter(cancel, aggregate_id="order:2")]
    (placed, cancelled) = await shop.foretold(letters)
    assert (placed, cancelled[:2]) == (("accepted", None, None), ("rejected", "unknown_order"))


async def test_an_order_that_has_not_heard_of_its_sale_cannot_be_cancelled(shop: Shop) -> None:
    lines = (OrderLine(sku="A", location="main", quantity=1),)
    await shop.run_lane(shop.body(Restock), shop.encoded(PlaceOrder, order_id="1", lines=lines))
    (record,) = await shop.store.load_orders(["order:1"])
    order = stored_order(record)
    assert order is not None
    await shop.run_lane(*(asked.body for asked in commands_of("order:1", order)), bundle=BundleKind.ASKED)
    cancel = await shop.letter(shop.encoded(CancelOrder, order_id="1"), aggregate_id="order:1")
    (told,) = await shop.foretold([cancel])
    assert told[:2] == ("rejected", "order_completed")


async def test_a_state_that_cannot_be_read_fails_its_own_letters_only(shop: Shop) -> None:
    await shop.run_lane(shop.body(Restock, quantity=5), shop.body(Restock, sku="B", quantity=5))
    await shop.ledger.connection.execute(
        "INSERT INTO events (event_id, aggregate_id, event_type, data, timestamp, version) "
        "VALUES (gen_random_uuid(), 'B', 'StockReserved', $1, now(), 2)",
        json.dumps({"item_id": "main", "reservation_id": "r", "quantity": 1, "expires_at": "one day"}),
    )
    letters = [await shop.letter(shop.body()), await shop.letter(shop.body(sku="B"), aggregate_id="B")]
    (sound, spoilt) = await shop.foretold(letters)
    assert (sound, spoilt[:2]) == (("applied", None, None), ("dead_lettered", "failed"))


async def test_rows_that_lag_behind_their_events_are_not_written(shop: Shop) -> None:
    await shop.run_lane(shop.body(Restock, quantity=5))
    await shop.ledger.connection.execute(
        "INSERT INTO events (event_id, aggregate_id, event_type, data, timestamp, version) "
        "VALUES (gen_random_uuid(), 'A', 'StockRemoved', $1, now(), 2)",
        json.dumps({"item_id": "main", "quantity": 4}),
    )
    letters = [await shop.letter(shop.body(quantity=1)) for _ in range(2)]
    assert [told[0] for told in await shop.foretold(letters)] == ["applied", "rejected"]


async def test_several_workers_carry_out_a_long_one_slice_by_slice(shop: Shop) -> None:
    await shop.run_lane(*(shop.body(Restock, sku=f"s{sku}", quantity=3) for sku in range(10)))
    letters = [
        await shop.letter(shop.body(sku=f"s{number % 10}"), aggregate_id=f"s{number % 10}") for number in range(50)
    ]
    plan_id = await shop.ledger.plan(letters, dry_run=True)
    sessions = [LedgerSession(shop.url) for _ in range(4)]
    states = [PartitionStore(shop.url, catches_up=False) for _ in sessions]
    workers = [
        DryRuns(session, store, EnvironmentTwin(), 1, look_limit_letters=7)
        for session, store in zip(sessions, states, strict=True)
    ]
    while (await shop.ledger.row(plan_id))["state"] == "running":
        await asyncio.gather(*(worker.carry_on() for worker in workers))
    assert [told[0] for told in await shop.told(plan_id)] == ["applied"] * 30 + ["rejected"] * 20
    for session, store in zip(sessions, states, strict=True):
        await session.close()
        await store.close()


async def test_a_cancelled_one_goes_no_further(shop: Shop) -> None:
    letters = [await shop.letter(shop.body(sku=f"s{n}"), aggregate_id=f"s{n}") for n in range(4)]
    plan_id = await shop.ledger.plan(letters, dry_run=True)
    await shop.dry_runs(look_limit_letters=2).carry_on()
    await shop.ledger.connection.execute("UPDATE replay_plans SET state = 'cancelled'")
    await shop.dry_runs(look_limit_letters=2).carry_on()
    assert await shop.ledger.states(plan_id) == ["forecast", "forecast", "planned", "planned"]


def random_body(shop: Shop, random: Random, sku: str) -> bytes:
    kind = random.choice(["purchase", "purchase", "restock", "reserve", "adjust", "rubbish"])
    quantity = random.randint(1, 4)
    match kind:
        case "rubbish":
            return f'{{"type": "purchase", "sku": "{sku}"}}'.encode()
        case "adjust":
            return shop.encoded(Adjust, sku=sku, difference=-quantity, reason="counted")
        case "reserve":
            return shop.body(Reserve, sku, quantity=quantity, reservation_id=random.choice("rst"))
        case _:
            return shop.body(Purchase if kind == "purchase" else Restock, sku, quantity=quantity)


async def random_letters(shop: Shop, random: Random) -> list[int]:
    """File letters about three SKUs, some of which wait; return those that can be asked for."""
    asked: list[int] = []
    for sku in ("A", "B", "C"):
        bodies = [random_body(shop, random, sku) for _ in range(random.randint(1, 8))]
        if random.random() < 0.6:
            head = await shop.letter(bodies.pop(), "held", place=1, aggregate_id=sku)
            parked = [bodies.pop() for _ in range(random.randint(0, len(bodies)))]
            for place, body in enumerate(parked, start=2):
                await shop.letter(body, "parked", place=place, aggregate_id=sku, reason="held")
            await shop.ledger.hold(head, aggregate_id=sku, parked=len(parked))
            asked.append(head)
        asked += [await shop.letter(body, aggregate_id=sku) for body in bodies]
    return sorted(asked)


@pytest.mark.parametrize("seed", range(20))
async def test_what_is_foretold_happens(shop: Shop, seed: int) -> None:
    random = Random(seed)
    await shop.run_lane(*(shop.body(Restock, sku, quantity=random.randint(1, 6)) for sku in ("A", "B", "C")))
    letters = await random_letters(shop, random)
    foretold = await shop.foretold(letters)
    plan_id = await shop.ledger.plan(letters)
    await Plans(shop.session).carry_on()
    await shop.run_lane(NUDGE)
    # What was parked meanwhile is decided, too, by the time the lane has nothing left to do.
    happened = await shop.outcomes(letters)
    assert [told[:2] for told in foretold] == happened
    undone = await shop.ledger.connection.fetch(
        "SELECT letter.state FROM replay_plan_items AS item JOIN dead_letters AS letter USING (letter_id)"
        " WHERE plan_id = $1 AND item.state <> 'done'",
        plan_id,
    )
    assert {row["state"] for row in undone} <= {"parked"}


class WorkerDiesError(BaseException):
    """What no code of ours catches, as nothing catches the death of a process."""


class DeadlyStates(PartitionStore):
    """Kills whoever looks at one SKU."""

    deaths = 0

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        if "P" in aggregate_ids:
            self.deaths += 1
            raise WorkerDiesError
        return await super().load(aggregate_ids)


async def test_what_kills_the_workers_that_try_it_is_found_and_not_tried_any_more(
    shop: Shop, migrated_database_url: str
) -> None:
    letters = [await shop.letter(shop.body(Restock, sku=sku), aggregate_id=sku) for sku in "ABPCPD"]
    plan_id = await shop.ledger.plan(letters, dry_run=True)
    states = DeadlyStates(migrated_database_url, catches_up=False)
    while (await shop.ledger.row(plan_id))["state"] == "running":
        session = LedgerSession(migrated_database_url)
        with suppress(WorkerDiesError):
            await DryRuns(session, states, EnvironmentTwin(), 1).carry_on()
        await session.close()
    await states.close()
    told = await shop.told(plan_id)
    assert [outcome for outcome, _, _ in told] == ["applied", "applied", None, "applied", None, "applied"]
    assert all("workers have died of it" in told[place][2] for place in (2, 4))
    assert states.deaths == 1 + 1 + 1
