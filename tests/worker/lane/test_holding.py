"""What fails holds its SKU, and what comes behind it waits in its order; over twins."""

from uuid import UUID

from tests.twins.ledger import RequestRow
from tests.twins.orders import message, purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import ask, decided, failing, held_shop, states
from worker.event_store import StoreUnavailable
from worker.ledger import Action
from worker.ledger.portions import PORTION_LIMIT_BYTES
from worker.ledger.records import Hold


async def test_what_comes_behind_a_failed_command_of_its_sku_is_parked_and_others_go_on() -> None:
    shop = await held_shop()
    assert [(answer["outcome"], answer["reason"]) for answer in shop.answers] == [
        ("applied", None),
        ("dead_lettered", "failed"),
        ("dead_lettered", "held"),
        ("applied", None),
        ("dead_lettered", "held"),
    ]
    assert states(shop) == ["held", "parked", "parked"]
    assert shop.ledger.holds == {"A": Hold("A", 1, 2)}
    assert [letter.reason for letter in shop.outbox.dead_letters] == ["failed"]
    assert (shop.on_hand("A"), shop.on_hand("B")) == (50, 9)


async def test_letters_are_filed_before_they_are_published_and_acknowledged() -> None:
    shop = await held_shop()
    passed = shop.faults.passed
    assert passed.index("filed") < passed.index("publish") < passed.index("acknowledge")


async def test_a_later_lane_knows_what_waits() -> None:
    shop = await held_shop()
    shop.send([purchase(6, 1), purchase(7, 2, sku="B")])
    await shop.run_lane("successor")
    assert shop.ledger.holds["A"].parked == 3
    assert decided(shop) == [1, 4, 7]


async def test_the_same_message_is_filed_once_as_long_as_it_is_open() -> None:
    shop = Shop([message(b"rubbish"), message(b"rubbish")])
    await shop.run_to_the_end()
    shop.send([message(b"rubbish")])
    await shop.run_to_the_end()
    assert [row.attempts for row in shop.ledger.letters.values()] == [2]
    await ask(shop, Action.SKIP)
    shop.send([message(b"rubbish")])
    await shop.run_to_the_end()
    assert states(shop) == ["skipped", "set_aside"]


async def test_copies_of_what_waits_are_not_parked_again_and_get_the_same_answer() -> None:
    shop = await held_shop()
    answered = len(shop.answers)
    shop.send([purchase(3, 4), restock(2, 100), purchase(3, 4)])
    await shop.run_to_the_end()
    assert shop.ledger.holds["A"].parked == 2
    assert [answer["reason"] for answer in shop.answers[answered:]] == ["held"] * 3


async def test_a_copy_of_a_decided_command_gets_its_answer_while_its_sku_waits() -> None:
    shop = await held_shop()
    shop.send([restock(1, 50), restock(1, 7), purchase(6, 1)])
    await shop.run_to_the_end()
    assert [answer["reason"] for answer in shop.answers[-3:]] == [None, "conflict", "held"]
    assert shop.answers[-3] == shop.answers[0]


async def test_a_full_line_stops_the_partition_until_there_is_room() -> None:
    shop = Shop([restock(1, 50), restock(2, 1), *(purchase(number, 1) for number in range(3, 8))])
    shop.parked_per_aggregate_limit = 5
    failing(shop, 2)
    await shop.run_to_the_end()
    shop.send([purchase(8, 1), restock(9, 1, sku="B")])
    waited = iter(range(3))

    def release(_point: str) -> None:
        if next(waited, None) == 2:
            shop.database.refused_commands.clear()
            shop.ledger.requests[1] = RequestRow(Action.REPLAY)

    shop.faults.plan("pause", release, release, release)
    await shop.run_to_the_end()
    assert shop.observer.retries == ["park"] * 3
    assert [number for number in decided(shop) if number != 9] == list(range(1, 9))
    assert shop.on_hand("B") == 1
    assert shop.ledger.holds == {}


async def test_a_failure_that_was_decided_by_another_owner_meanwhile_is_none() -> None:
    shop = Shop([restock(1, 5), purchase(2, 1)])
    shop.faults.plan("commit", ZeroDivisionError("a bug"), ZeroDivisionError("a bug"))

    def decide_elsewhere(_point: str) -> None:
        shop.database.commands.update(elsewhere.database.commands)
        shop.database.partitions[0].sequence = 1

    elsewhere = Shop([restock(1, 7)])
    await elsewhere.run_to_the_end()
    shop.faults.plan("file", decide_elsewhere)
    await shop.run_to_the_end()
    assert shop.observer.retries == ["file"]
    assert (states(shop), shop.ledger.holds) == ([], {})
    assert [answer["reason"] for answer in shop.answers] == ["conflict", "insufficient_stock"]


async def test_a_stored_answer_that_cannot_be_read_harms_nobody_else() -> None:
    shop = Shop([restock(1, 5)])
    await shop.run_to_the_end()
    partition, sequence, recorded = shop.database.commands[UUID(int=1)]
    shop.database.commands[UUID(int=1)] = (partition, sequence, recorded._replace(answer='"spoilt"'))
    shop.send([restock(1, 5), purchase(2, 3)])
    await shop.run_to_the_end()
    assert [answer["outcome"] for answer in shop.answers] == ["applied", "dead_lettered", "applied"]
    assert (states(shop), shop.ledger.holds, shop.on_hand()) == (["set_aside"], {}, 2)


async def test_the_database_away_while_letters_are_filed_is_waited_for() -> None:
    shop = Shop([restock(1, 50), restock(2, 1), purchase(3, 1)])
    failing(shop, 2)
    shop.faults.plan("file", StoreUnavailable("away"))
    shop.faults.plan("filed", StoreUnavailable("away"))
    await shop.run_to_the_end()
    assert shop.observer.retries == ["file", "file"]
    assert (states(shop), shop.ledger.holds) == (["held", "parked"], {"A": Hold("A", 1, 1)})


async def test_what_is_large_is_filed_in_portions() -> None:
    large = b"x" * (PORTION_LIMIT_BYTES // 2)
    shop = Shop([message(large), restock(1, 5), message(large + b"y"), message(b"rubbish")])
    await shop.run_lane()
    assert shop.faults.passed.count("filed") == 2
    assert [len(row.letter.message.body) for row in shop.ledger.letters.values()] == [
        len(large),
        len(large) + 1,
        len(b"rubbish"),
    ]
    assert [answer["outcome"] for answer in shop.answers] == ["dead_lettered", "applied", *["dead_lettered"] * 2]
