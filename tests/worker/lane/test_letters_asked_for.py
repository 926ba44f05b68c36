"""What operators ask for is decided in the SKU's own lane, and nothing passes it; over twins."""

from uuid import UUID

import pytest

from schemas.dead_letters import NUDGE
from tests.twins.environment import START
from tests.twins.ledger import RequestRow
from tests.twins.orders import message, order, purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import ask, decided, failing, held_shop, states
from worker.lane.lane import DEFAULT_HOLD_REASONS
from worker.ledger import Action
from worker.ledger.records import Hold


async def test_replay_decides_the_failed_one_then_its_followers_then_new_ones() -> None:
    shop = await held_shop()
    shop.database.refused_commands.clear()
    shop.send([purchase(6, 1)])
    await ask(shop, Action.REPLAY)
    shop.send([purchase(7, 1)])
    await shop.run_to_the_end()
    assert decided(shop) == [1, 4, 2, 3, 5, 6, 7]
    assert (states(shop), shop.ledger.holds) == (["replayed"] * 4, {})
    assert [deed for deed, _ in shop.ledger.deeds] == ["replayed"] * 4
    assert shop.on_hand("A") == 50 + 100 - 4 - 1 - 1 - 1


async def test_what_fails_again_holds_again() -> None:
    shop = await held_shop()
    await ask(shop, Action.REPLAY)
    assert (states(shop), shop.ledger.holds) == (["held", "parked", "parked"], {"A": Hold("A", 1, 2)})
    assert (shop.ledger.letters[1].attempts, shop.ledger.deeds) == (2, [("failed_again", 1)])


async def test_a_follower_that_fails_holds_what_is_behind_it() -> None:
    shop = await held_shop()
    shop.database.refused_commands.clear()
    failing(shop, 3)
    await ask(shop, Action.REPLAY)
    assert (states(shop), shop.ledger.holds) == (["replayed", "held", "parked"], {"A": Hold("A", 2, 1)})
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY, 2)
    assert (decided(shop), shop.ledger.holds) == ([1, 4, 2, 3, 5], {})


async def test_skip_gives_the_failed_one_up_for_good_and_lets_its_followers_go() -> None:
    shop = await held_shop()
    shop.database.refused_commands.clear()
    await ask(shop, Action.SKIP)
    skipped = next(answer for answer in shop.answers if answer["reason"] == "skipped")
    assert (skipped["outcome"], skipped["command_id"], skipped["on_hand"]) == ("rejected", str(UUID(int=2)), 50)
    assert "because" in skipped["message"]
    assert decided(shop) == [1, 4, 2, 3, 5]
    assert (states(shop), shop.on_hand("A")) == (["skipped", "replayed", "replayed"], 45)
    shop.send([restock(2, 100)])
    await shop.run_to_the_end()
    assert (shop.answers[-1], shop.on_hand("A")) == (skipped, 45)


async def test_an_edited_command_takes_its_place_and_the_original_never_runs() -> None:
    shop = await held_shop()
    shop.database.refused_commands.clear()
    await ask(shop, Action.EDIT, corrected_body=restock(2, 10).body)
    assert (states(shop), decided(shop)) == (["edited", "replayed", "replayed"], [1, 4, 2, 3, 5])
    assert shop.on_hand("A") == 50 + 10 - 4 - 1
    shop.send([restock(2, 100)])
    await shop.run_to_the_end()
    assert (shop.answers[-1]["reason"], shop.on_hand("A")) == ("conflict", 55)


@pytest.mark.parametrize(
    ("corrected", "why"),
    [
        (b"{}", "no command"),
        (restock(9, 1).body, "must keep the command id"),
        (restock(2, 1, sku="B").body, "must stay with 'A'"),
    ],
    ids=["rubbish", "another id", "another SKU"],
)
async def test_a_wrong_correction_changes_nothing(corrected: bytes, why: str) -> None:
    shop = await held_shop()
    shop.database.refused_commands.clear()
    await ask(shop, Action.EDIT, corrected_body=corrected)
    assert why in (shop.ledger.told[0] or "")
    assert (shop.ledger.deeds, states(shop)) == ([("not_done", 1)], ["held", "parked", "parked"])
    assert (shop.ledger.requests, decided(shop)) == ({}, [1, 4])


@pytest.mark.parametrize("action", [Action.REPLAY, Action.EDIT])
async def test_a_parked_command_is_not_decided_before_what_it_waits_for(action: Action) -> None:
    shop = await held_shop()
    corrected = purchase(3, 1).body if action is Action.EDIT else None
    await ask(shop, action, 2, corrected)
    assert (shop.ledger.deeds, decided(shop)) == ([("not_done", 2)], [1, 4])


async def test_a_parked_command_can_be_skipped_while_others_wait() -> None:
    shop = await held_shop()
    await ask(shop, Action.SKIP, 2)
    assert (states(shop), shop.ledger.holds) == (["held", "skipped", "parked"], {"A": Hold("A", 1, 1)})
    assert decided(shop) == [1, 4, 3]


async def test_rubbish_can_be_skipped_or_corrected() -> None:
    shop = Shop([message(b"rubbish"), message(b"more rubbish")])
    await shop.run_to_the_end()
    await ask(shop, Action.SKIP)
    await ask(shop, Action.EDIT, 2, restock(7, 3).body)
    assert (states(shop), shop.on_hand("A")) == (["skipped", "edited"], 3)


async def test_rubbish_that_is_replayed_is_rubbish_again() -> None:
    shop = Shop([message(b"rubbish")])
    await shop.run_to_the_end()
    await ask(shop, Action.REPLAY)
    assert (states(shop), shop.ledger.letters[1].attempts) == (["set_aside"], 2)


async def test_what_is_set_aside_without_holding_anything_can_be_replayed() -> None:
    shop = Shop([restock(1, 5), restock(2, 5)])
    shop.hold_reasons = frozenset()
    failing(shop, 1)
    await shop.run_to_the_end()
    assert (states(shop), decided(shop)) == (["set_aside"], [2])
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    assert (states(shop), decided(shop)) == (["replayed"], [2, 1])


async def test_what_is_replayed_while_its_sku_waits_takes_its_turn() -> None:
    shop = Shop([restock(1, 5)])
    shop.hold_reasons = frozenset()
    failing(shop, 1, 2)
    await shop.run_to_the_end()
    shop.hold_reasons = frozenset({"failed"})  # type: ignore[arg-type]
    shop.send([restock(2, 5)])
    await shop.run_to_the_end()
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY, 1)
    assert (states(shop), shop.ledger.holds) == (["parked", "held"], {"A": Hold("A", 2, 1)})
    await ask(shop, Action.REPLAY, 2)
    assert (states(shop), decided(shop)) == (["replayed", "replayed"], [2, 1])


async def test_what_succeeded_meanwhile_is_answered_from_the_record() -> None:
    shop = Shop([restock(1, 5)])
    shop.hold_reasons = frozenset()
    failing(shop, 1)
    await shop.run_to_the_end()
    shop.database.refused_commands.clear()
    shop.send([restock(1, 5)])
    await shop.run_to_the_end()
    await ask(shop, Action.REPLAY)
    assert (states(shop), shop.on_hand("A")) == (["replayed"], 5)
    assert shop.answers[-1] == shop.answers[-2]


async def _shop_with_one_set_aside_and_a_held_sku() -> Shop:
    """Return a shop in which letter 1 is set aside, and letter 2 holds the SKU of both."""
    shop = Shop([restock(1, 50), purchase(2, 20)])
    shop.hold_reasons = frozenset()
    failing(shop, 2)
    await shop.run_to_the_end()
    shop.hold_reasons = DEFAULT_HOLD_REASONS
    failing(shop, 3)
    shop.send([purchase(3, 1)])
    await shop.run_to_the_end()
    shop.database.refused_commands.clear()
    return shop


async def test_what_is_set_aside_can_be_skipped_while_its_sku_waits() -> None:
    shop = await _shop_with_one_set_aside_and_a_held_sku()
    await ask(shop, Action.SKIP, 1)
    await ask(shop, Action.REPLAY, 2)
    assert (states(shop), decided(shop), shop.on_hand()) == (["skipped", "replayed"], [1, 2, 3], 49)


async def test_what_is_set_aside_is_not_edited_while_its_sku_waits() -> None:
    shop = await _shop_with_one_set_aside_and_a_held_sku()
    await ask(shop, Action.EDIT, 1, purchase(2, 2).body)
    assert (states(shop), shop.ledger.deeds) == (["set_aside", "held"], [("not_done", 1)])
    assert "'A' waits behind letter 2" in (shop.ledger.told[0] or "")
    await ask(shop, Action.REPLAY, 2)
    await ask(shop, Action.EDIT, 1, purchase(2, 2).body)
    assert (states(shop), shop.on_hand()) == (["edited", "replayed"], 47)


async def test_a_copy_of_what_is_set_aside_takes_its_turn_while_its_sku_waits() -> None:
    shop = await _shop_with_one_set_aside_and_a_held_sku()
    shop.send([purchase(2, 20), purchase(4, 1)])
    await shop.run_to_the_end()
    assert (states(shop), shop.ledger.holds) == (["parked", "held", "parked"], {"A": Hold("A", 2, 2)})
    await ask(shop, Action.REPLAY, 2)
    assert (decided(shop), shop.ledger.holds) == ([1, 3, 2, 4], {})


async def test_a_skip_that_fails_moves_nothing() -> None:
    shop = await held_shop()
    failing(shop, 3)
    await ask(shop, Action.SKIP, 2)
    assert (states(shop), shop.ledger.holds) == (["held", "parked", "parked"], {"A": Hold("A", 1, 2)})
    assert shop.ledger.deeds == [("not_done", 2)]


async def test_what_workers_send_to_end_a_reservation_is_not_given_up() -> None:
    shop = Shop([restock(1, 5), order(2, "expire", None, reservation_id="r", expires_at=START.isoformat())])
    failing(shop, 2)
    await shop.run_to_the_end()
    await ask(shop, Action.SKIP)
    assert (states(shop), shop.ledger.deeds) == (["held"], [("not_done", 1)])


async def test_each_deed_names_who_asked_for_it() -> None:
    shop = Shop([message(b"rubbish"), message(b"more rubbish")])
    await shop.run_to_the_end()
    shop.ledger.requests[1] = RequestRow(Action.SKIP, operator="ann")
    shop.ledger.requests[2] = RequestRow(Action.SKIP, operator="bob")
    shop.send([message(NUDGE)])
    await shop.run_to_the_end()
    assert shop.ledger.operators == ["ann", "bob"]
