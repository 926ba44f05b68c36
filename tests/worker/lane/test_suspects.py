"""A message that kills its worker is found by counting; over twins."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

import pytest

from schemas.dead_letters import NUDGE
from tests.twins.ledger import RequestRow
from tests.twins.loop import LoopTwin
from tests.twins.orders import message, purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import held_shop, states
from tests.worker.lane.misfortunes import Killed
from worker.domain.orders import Step
from worker.lane.dead_letters.reading import read_letter
from worker.lane.dead_letters.suspects import BLIND_LIMIT_ATTEMPTS, CRASH_LIMIT_ATTEMPTS, Portion
from worker.lane.decoding import Unprocessable
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import Assignment, Bundle, BundleKind, DeadLetter, Delivery, Reply
from worker.ledger import Action, LetterMessage, LetterState, OpenLetter

DEATHS_LIMIT = 3 * CRASH_LIMIT_ATTEMPTS


async def test_a_message_that_kills_its_worker_is_convicted_alone() -> None:
    innocent = [restock(number, 1, sku=f"S{number}") for number in range(2, 60)]
    shop = Shop([*innocent[:20], restock(1, 5), purchase(100, 1), *innocent[20:]])
    shop.convicts = True
    shop.database.deadly_commands[UUID(int=1)] = Killed()
    await _die_until_it_is_convicted(shop)
    letters = [(row.letter.command_id, row.letter.reason, row.state) for row in shop.ledger.letters.values()]
    assert letters == [
        (UUID(int=1), "crashed", LetterState.HELD),
        (UUID(int=100), "held", LetterState.PARKED),
    ]
    assert all(shop.on_hand(f"S{number}") == 1 for number in range(2, 60))
    assert shop.ledger.attempts == {}


async def test_a_command_of_a_bundle_that_kills_its_worker_is_convicted_alone() -> None:
    shop = Shop([*(restock(1 + number, 1, sku=f"S{number}") for number in range(9)), *map(_placing, range(9))])
    shop.convicts = True
    bad = UUID(line_command_id("order:4", 1, Step.SELL))
    shop.database.deadly_commands[bad] = Killed()
    await _die_until_it_is_convicted(shop)
    asked = next(bundle for bundle in shop.outbox.bundles if bundle.kind is BundleKind.ASKED)
    assert len(asked.body.splitlines()) == 9, "it came with the others"
    letters = [(row.letter.command_id, row.letter.reason, row.state) for row in shop.ledger.letters.values()]
    assert letters == [(bad, "crashed", LetterState.HELD)]
    statuses = {name: row.status for name, row in shop.database.orders.items()}
    assert {name for name, status in statuses.items() if status != "sold"} == {"order:4"}
    assert [shop.on_hand(f"S{number}") for number in range(9)] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert shop.ledger.attempts == {}


async def test_what_was_applied_and_then_kills_its_worker_has_its_answer_in_the_end() -> None:
    shop = _deadly_shop([restock(1, 5), restock(2, 1, sku="B")], deaths=CRASH_LIMIT_ATTEMPTS + 1)
    await _die_until_it_is_convicted(shop)
    assert [(answer["command_id"], answer["outcome"]) for answer in shop.answers] == [
        (str(UUID(int=1)), "applied"),
        (str(UUID(int=2)), "applied"),
    ]
    assert (shop.on_hand("A"), shop.on_hand("B"), shop.ledger.letters) == (5, 1, {})


async def test_an_order_goes_on_where_the_answer_of_a_line_has_killed() -> None:
    lines = [restock(1, 1, sku="S0"), _placing(0)]
    shop = _deadly_shop(lines, deaths=CRASH_LIMIT_ATTEMPTS + 1, words=".sell_line.")
    await _die_until_it_is_convicted(shop)
    assert ([row.status for row in shop.database.orders.values()], shop.ledger.letters) == (["sold"], {})


async def test_where_the_answer_itself_kills_it_stands_and_no_other_is_sent() -> None:
    first = restock(1, 5)._replace(correlation_id=str(UUID(int=1)))
    shop = _deadly_shop([first, restock(2, 1)], deaths=BLIND_LIMIT_ATTEMPTS + 1)
    assert await _deaths(shop) == BLIND_LIMIT_ATTEMPTS + 1
    assert [(answer["command_id"], answer["outcome"]) for answer in shop.answers] == [(str(UUID(int=2)), "applied")]
    (row,) = shop.ledger.letters.values()
    assert (row.letter.command_id, row.letter.reason, row.state) == (UUID(int=1), "crashed", LetterState.SET_ASIDE)
    assert (shop.on_hand("A"), len(shop.outbox.dead_letters)) == (6, 1)


async def test_a_letter_whose_answer_kills_is_closed_as_it_was_answered() -> None:
    shop = await held_shop()
    shop.convicts = True
    shop.database.refused_commands.clear()
    shop.ledger.requests[1] = RequestRow(Action.REPLAY)
    shop.outbox = outbox = DeadlyOutbox(shop.queue, shop.faults)
    outbox.deaths = BLIND_LIMIT_ATTEMPTS
    while shop.ledger.holds:
        shop.send([message(NUDGE)])
        assert await _deaths(shop) <= 1
    assert outbox.deaths == 0
    assert states(shop) == ["replayed", "replayed", "replayed"]
    assert shop.ledger.letters[1].outcome == "applied"
    assert [json.loads(reply.body)["outcome"] for reply in outbox.replies] == ["applied"] * 2
    assert shop.on_hand("A") == 50 + 100 - 4 - 1


@pytest.mark.parametrize(
    ("command", "action", "deed", "outcome"),
    [
        (restock(1, 5), Action.SKIP, "not_done", ("applied", None)),
        (purchase(1, 5), Action.SKIP, "not_done", ("rejected", "insufficient_stock")),
        (purchase(1, 5), Action.REPLAY, "replayed", ("rejected", "insufficient_stock")),
    ],
)
async def test_what_was_answered_before_its_answer_killed_ends_with_that_whatever_is_asked(
    command: Delivery, action: Action, deed: str, outcome: tuple[str, str | None]
) -> None:
    shop = _deadly_shop(
        [command._replace(correlation_id=str(UUID(int=1)))], deaths=BLIND_LIMIT_ATTEMPTS + 1 + BLIND_LIMIT_ATTEMPTS
    )
    await _deaths(shop)
    shop.ledger.requests[1] = RequestRow(action)
    while shop.ledger.requests:
        shop.send([message(NUDGE)])
        assert await _deaths(shop) <= 1
    (row,) = shop.ledger.letters.values()
    assert (row.state, shop.ledger.deeds) == (LetterState.REPLAYED, [(deed, 1)])
    assert (row.outcome, row.outcome_reason) == outcome


async def test_what_an_order_was_told_is_not_done_because_the_question_has_an_answer() -> None:
    told = LetterMessage(b"", "orders.commands.00", "partition.00", None, None, None, None, "{}", BundleKind.TOLD)
    letter = OpenLetter(
        letter_id=1,
        state=LetterState.SET_ASIDE,
        aggregate_id=None,
        command_id=UUID(line_command_id("order:4", 1, Step.RESERVE)),
        in_line=False,
        head=None,
        action=Action.REPLAY,
        corrected_body=None,
        operator="ann",
        why="mended",
        message=told,
        answered="applied",
    )
    read = read_letter(letter, Assignment(0, 1, "lane"), Portion(0, 1, BLIND_LIMIT_ATTEMPTS))
    assert isinstance(read, Unprocessable)
    assert read.reason == "crashed"


class DeadlyOutbox(LoopTwin):
    """Kills so many times who publishes an answer, or one whose routing key has these words."""

    deaths = 0
    words = ""

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        fatal = [each for each in messages if isinstance(each, Reply) and self.words in each.routing_key]
        if fatal and self.deaths:
            self.deaths -= 1
            raise Killed
        await super().publish(dead_letters, messages)


def _deadly_shop(messages: Iterable[Delivery], *, deaths: int, words: str = "") -> Shop:
    shop = Shop(messages)
    shop.convicts = True
    shop.outbox = outbox = DeadlyOutbox(shop.queue, shop.faults)
    outbox.deaths, outbox.words = deaths, words
    return shop


def _placing(number: int) -> Delivery:
    fields = {"type": "place_order", "command_id": str(UUID(int=100 + number)), "order_id": str(number), "user": "till"}
    return message(json.dumps(fields | {"lines": [{"sku": f"S{number}", "quantity": 1}]}).encode())


async def _die_until_it_is_convicted(shop: Shop) -> None:
    assert await _deaths(shop) == CRASH_LIMIT_ATTEMPTS + 1


async def _deaths(shop: Shop) -> int:
    """Run lanes until nothing is left; return how many of them have died."""
    deaths = 0
    while shop.queue.messages:
        try:
            await shop.run_lane()
        except Killed:
            deaths += 1
        assert deaths <= DEATHS_LIMIT
    return deaths
