"""The loop over twins, one fault at a time."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from tests.twins.environment import START
from tests.twins.orders import message, purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.rubbish import EVERY_RUBBISH
from worker.event_store import EventRow, StoreUnavailable
from worker.lane.lane import BATCH_LIMIT_COMMANDS
from worker.lane.ports import PublishFailed


async def test_commands_are_committed_then_published_then_acknowledged() -> None:
    shop = Shop([restock(1, 5), purchase(2, 3)])
    await shop.run_lane()
    assert shop.faults.passed == [
        "take",
        "taken",
        "claim",
        "claimed",
        "holds",
        "load",
        "loaded",
        "commit",
        "committed",
        "publish",
        "published",
        "acknowledge",
        "acknowledged",
        "take",
    ]
    assert shop.on_hand() == 2


async def test_what_waits_is_taken_as_one_batch_up_to_the_limit() -> None:
    shop = Shop([restock(number, 1) for number in range(1, BATCH_LIMIT_COMMANDS + 11)])
    await shop.run_lane()
    assert shop.observer.commits == [BATCH_LIMIT_COMMANDS, 10]
    assert shop.on_hand() == BATCH_LIMIT_COMMANDS + 10


async def test_a_partition_is_claimed_once_and_a_sku_loaded_once() -> None:
    shop = Shop([restock(number, 1) for number in range(1, 2 * BATCH_LIMIT_COMMANDS)])
    await shop.run_lane()
    assert (shop.faults.passed.count("claim"), shop.faults.passed.count("load")) == (1, 1)


async def test_rubbish_is_filed_before_it_is_published_and_acknowledged() -> None:
    shop = Shop([message(rubbish.body) for rubbish in EVERY_RUBBISH])
    await shop.run_lane()
    passed = shop.faults.passed
    assert passed.index("filed") < passed.index("publish") < passed.index("acknowledge")
    assert [row.letter.error for row in shop.ledger.letters.values()] == [rubbish.message for rubbish in EVERY_RUBBISH]
    assert [letter.error for letter in shop.outbox.dead_letters] == [rubbish.message for rubbish in EVERY_RUBBISH]


async def test_rubbish_harms_no_neighbour_and_answers_keep_their_order() -> None:
    shop = Shop([restock(1, 5), message(b"rubbish"), purchase(2, 3), message(b"", correlation_id=str(UUID(int=9)))])
    await shop.run_lane()
    assert [(answer["outcome"], answer["command_id"]) for answer in shop.answers] == [
        ("applied", str(UUID(int=1))),
        ("dead_lettered", None),
        ("applied", str(UUID(int=2))),
        ("dead_lettered", str(UUID(int=9))),
    ]
    assert [letter.delivery.body for letter in shop.outbox.dead_letters] == [b"rubbish", b""]
    assert shop.on_hand() == 2


async def test_a_store_that_is_away_is_waited_for() -> None:
    shop = Shop([restock(1, 5)])
    shop.faults.plan("commit", StoreUnavailable("away"), StoreUnavailable("away"))
    shop.faults.plan("claim", StoreUnavailable("away"))
    shop.faults.plan("load", StoreUnavailable("away"))
    await shop.run_lane()
    assert shop.observer.retries == ["commit"] * 4
    assert shop.faults.passed.count("pause") == 4
    assert (shop.on_hand(), len(shop.answers)) == (5, 1)


async def test_a_commit_in_doubt_that_took_effect_is_not_done_again() -> None:
    shop = Shop([restock(1, 5), purchase(2, 3)])
    shop.faults.plan("committed", StoreUnavailable("the connection was cut"))
    await shop.run_lane()
    assert (shop.on_hand(), len(shop.database.events), len(shop.database.audit)) == (2, 2, 2)
    stored = [command.answer.encode() for _, _, command in shop.database.commands.values()]
    assert [reply.body for reply in shop.outbox.replies] == stored


async def test_a_commit_in_doubt_is_asked_for_under_a_new_term() -> None:
    shop = Shop([restock(1, 5)])
    shop.faults.plan("committed", StoreUnavailable("the connection was cut"))
    await shop.run_lane()
    assert [(term.epoch, term.sequence) for term in shop.observer.terms] == [(1, 0), (2, 1)]


async def test_an_old_copy_beside_a_new_command_gets_its_stored_answer() -> None:
    shop = Shop([restock(1, 5)])
    await shop.run_lane()
    shop.queue.messages.extend([restock(1, 5), purchase(2, 3)])
    await shop.run_lane()
    assert shop.outbox.replies[0] == shop.outbox.replies[1]
    assert (shop.on_hand(), shop.answers[2]["sequence"]) == (2, 2)


async def test_a_version_taken_by_another_program_is_loaded_again() -> None:
    shop = Shop([restock(1, 5)])
    foreign = EventRow("A", 1, UUID(int=99), "StockAdded", json.dumps({"item_id": "main", "quantity": 7}), None)
    shop.faults.plan("commit", lambda _point: shop.database.events.update({("A", 1): foreign}))
    await shop.run_lane()
    assert shop.observer.conflicts == ["version"]
    assert (shop.on_hand(), shop.answers[0]["version"]) == (12, 2)


async def test_a_fenced_lane_publishes_and_acknowledges_nothing() -> None:
    shop = Shop([restock(1, 5)])
    shop.faults.plan("commit", lambda _point: _claim_by_another(shop))
    await shop.run_lane()
    assert shop.observer.conflicts == ["fence"]
    assert (shop.outbox.replies, shop.database.events) == ([], {})
    assert [delivery.redelivered for delivery in shop.queue.messages] == [True]
    await shop.run_lane("successor")
    assert (shop.on_hand(), len(shop.answers)) == (5, 1)


async def test_a_fenced_lane_dead_letters_no_neighbour_either() -> None:
    shop = Shop([message(b"rubbish"), restock(1, 5)])
    shop.faults.plan("commit", lambda _point: _claim_by_another(shop))
    await shop.run_lane()
    assert (shop.outbox.dead_letters, len(shop.queue.messages)) == ([], 2)


@pytest.mark.parametrize("point", ["publish", "published"])
async def test_answers_are_published_again_until_they_are_confirmed(point: str) -> None:
    shop = Shop([restock(1, 5), message(b"rubbish")])
    shop.faults.plan(point, PublishFailed("nack"), PublishFailed("away"))
    await shop.run_lane()
    assert shop.observer.retries == ["publish", "publish"]
    assert shop.faults.passed.index("acknowledge") > _last(shop.faults.passed, "publish")
    assert len(set(shop.outbox.replies)) == 2
    assert shop.on_hand() == 5


async def test_a_refused_command_fails_alone_and_its_neighbours_apply() -> None:
    shop = Shop([restock(1, 5), restock(2, 100, sku="C"), purchase(3, 4), restock(4, 9, sku="B")])
    shop.database.refused_commands.add(UUID(int=2))
    await shop.run_lane()
    assert [answer["outcome"] for answer in shop.answers] == ["applied", "dead_lettered", "applied", "applied"]
    failed = shop.answers[1]
    assert (failed["reason"], failed["sku"], failed["quantity"]) == ("failed", "C", 100)
    assert failed["message"] == "this command could not be processed: StatementRefused: the content of a command"
    assert [letter.reason for letter in shop.outbox.dead_letters] == ["failed"]
    assert (shop.on_hand("A"), shop.on_hand("B")) == (1, 9)


async def test_a_batch_is_taken_apart_only_where_it_fails() -> None:
    shop = Shop([restock(1, 5), restock(2, 1, sku="B")])
    shop.database.refused_commands.add(UUID(int=2))
    await shop.run_lane()
    shop.queue.messages.extend([restock(3, 1), restock(4, 1)])
    await shop.run_lane()
    assert shop.observer.isolations == [2]
    assert shop.observer.failures == [UUID(int=2)]
    assert shop.observer.commits == [1, 2]


async def test_sequence_numbers_have_no_gap_where_a_command_failed() -> None:
    shop = Shop([restock(1, 5), restock(2, 100, sku="B"), restock(3, 1)])
    shop.database.refused_commands.add(UUID(int=2))
    await shop.run_lane()
    assert [answer["sequence"] for answer in shop.answers] == [1, None, 2]


async def test_a_command_that_failed_may_be_sent_again_where_it_holds_nothing() -> None:
    shop = Shop([restock(1, 5)])
    shop.hold_reasons = frozenset()
    shop.database.refused_commands.add(UUID(int=1))
    await shop.run_lane()
    shop.database.refused_commands.clear()
    shop.queue.messages.append(restock(1, 5))
    await shop.run_lane()
    assert [answer["outcome"] for answer in shop.answers] == ["dead_lettered", "applied"]


async def test_a_bug_ends_at_the_command_that_meets_it() -> None:
    shop = Shop([restock(1, 5), restock(2, 1, sku="B")])
    shop.faults.plan("commit", ZeroDivisionError("a bug"), ZeroDivisionError("a bug"))
    await shop.run_lane()
    assert [answer["outcome"] for answer in shop.answers] == ["dead_lettered", "applied"]
    assert shop.answers[0]["message"] == "this command could not be processed: ZeroDivisionError: a bug"


async def test_the_database_away_while_a_batch_is_taken_apart_fails_no_command() -> None:
    shop = Shop([restock(1, 5), restock(2, 100, sku="B"), restock(3, 1)])
    shop.database.refused_commands.add(UUID(int=2))
    shop.faults.plan("committed", StoreUnavailable("away"))  # at the first of them alone
    shop.faults.plan("loaded", lambda _point: None, StoreUnavailable("away"))
    await shop.run_lane()
    assert [answer["outcome"] for answer in shop.answers] == ["applied", "dead_lettered", "applied"]
    assert shop.on_hand() == 6


async def test_the_age_of_a_command_is_told_from_when_it_was_issued() -> None:
    issued = START - timedelta(seconds=2)
    shop = Shop([restock(1, 5, issued_at=issued.isoformat()), restock(2, 5)])
    await shop.run_lane()
    assert shop.observer.waiting == [issued, None, None]
    assert len(shop.observer.ages_seconds) == 1
    assert shop.observer.ages_seconds[0] >= 2


async def test_answers_are_counted_by_type_outcome_and_reason() -> None:
    shop = Shop([restock(1, 5), purchase(2, 3), purchase(3, 3), message(b"rubbish")])
    await shop.run_lane()
    assert shop.observer.answers == {
        ("restock", "applied", None): 1,
        ("purchase", "applied", None): 1,
        ("purchase", "rejected", "insufficient_stock"): 1,
        (None, "dead_lettered", "invalid"): 1,
    }


def _claim_by_another(shop: Shop) -> None:
    row = shop.database.partitions[0]
    row.owner, row.epoch = "another", row.epoch + 1


def _last(points: list[str], point: str) -> int:
    return len(points) - 1 - points[::-1].index(point)
