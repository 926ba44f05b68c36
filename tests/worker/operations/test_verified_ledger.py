"""What `verify` finds in the ledger of dead letters, and in the answers to what was skipped."""

import json
from typing import Any
from uuid import UUID

import pytest

from schemas.commands import Restock
from schemas.dead_letters import NUDGE
from tests.twins.orders import purchase, restock
from tests.worker.operations.recorded_shop import RecordedShop
from tests.worker.operations.tampering import verified
from tests.worker.replay.foretelling_shop import Shop
from tests.worker.replay.ledger import Ledger
from worker.operations.verification import Difference


@pytest.fixture
async def ledger(shop: RecordedShop) -> Ledger:
    """Give a ledger with one line: letter 1 holds A, letters 2 and 3 are parked behind it."""
    ledger = Ledger(shop.connection)
    head = await ledger.letter("held", place=1)
    for place in (2, 3):
        await ledger.letter("parked", place=place)
    await ledger.hold(head, parked=2)
    await ledger.letter("set_aside")
    return ledger


async def test_a_sound_ledger_differs_in_nothing(shop: RecordedShop, ledger: Ledger) -> None:
    assert (await verified(shop))[1] == []
    await ledger.connection.execute("UPDATE holds SET head = NULL")
    await ledger.close(1)
    assert (await verified(shop))[1] == []


@pytest.mark.parametrize(
    ("statement", "differences"),
    [
        ("UPDATE holds SET parked = 3", ["hold: says 3 parked, but 2 letters are"]),
        (
            "UPDATE holds SET head = 4",
            [
                "hold: its head is letter 4, which is set_aside, about A",
                "letter: letter 1 is held, and no line has it",
            ],
        ),
        (
            "DELETE FROM holds",
            [
                f"letter: letter {number} is {'held' if number == 1 else 'parked'}, and no line has it"
                for number in (1, 2, 3)
            ],
        ),
        (
            "UPDATE dead_letters SET place = 9 WHERE letter_id = 1",
            [
                "hold: a letter is parked at place 2, before its head at place 9",
                "hold: the next place is 4, but place 9 is taken",
            ],
        ),
        (
            "UPDATE holds SET partition = 7",
            ["hold: lies in partition 7, but it belongs to partition 0 of 1"],
        ),
        (
            "UPDATE dead_letters SET partition = 7 WHERE letter_id = 4",
            ["letter: letters lie in partition 7, but it belongs to partition 0 of 1"],
        ),
        (
            "INSERT INTO holds VALUES ('B', 0, NULL, 0, 1, now(), 'ann', 'because')",
            ["hold: nothing holds it, and nothing waits"],
        ),
    ],
)
async def test_a_line_that_was_changed_by_hand(
    shop: RecordedShop, ledger: Ledger, statement: str, differences: list[str]
) -> None:
    await ledger.connection.execute(statement)
    assert [_told(difference) for difference in (await verified(shop))[1]] == differences


def _told(difference: Difference) -> str:
    return f"{difference.kind}: {difference.message}"


async def _closed(shop: RecordedShop, command_id: UUID, outcome: str, reason: str | None = None) -> int:
    ledger = Ledger(shop.connection)
    letter_id = await ledger.letter(command_id=command_id)
    await ledger.close(letter_id, outcome=outcome)
    await shop.connection.execute("UPDATE dead_letters SET outcome_reason = $1 WHERE letter_id = $2", reason, letter_id)
    return letter_id


async def test_a_closed_letter_says_what_is_recorded(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5), purchase(2, 9)])
    await _closed(shop, UUID(int=1), "applied")
    await _closed(shop, UUID(int=2), "rejected", "insufficient_stock")
    await _closed(shop, UUID(int=1), "rejected", "conflict")
    assert (await verified(shop))[1] == []
    wrong = await _closed(shop, UUID(int=2), "applied")
    unknown = await _closed(shop, UUID(int=3), "applied")
    assert [_told(difference) for difference in (await verified(shop))[1]] == [
        f"letter: letter {wrong} says applied, the answer to command {UUID(int=2)} says rejected insufficient_stock",
        f"letter: letter {unknown} says applied, but command {UUID(int=3)} has no stored answer",
    ]


CHANGE_ANSWER = "UPDATE commands SET answer = '{answer}' WHERE sequence = 2"


async def _change_refusal(shop: RecordedShop, **changes: Any) -> None:
    answer = json.loads(await shop.connection.fetchval("SELECT answer::text FROM commands WHERE sequence = 2"))
    text = json.dumps(answer | changes, separators=(",", ":")).replace("'", "''")
    await shop.tamper(CHANGE_ANSWER.format(answer=text))


async def test_what_was_skipped_is_judged_by_no_rule(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5), purchase(2, 9)])
    await _change_refusal(shop, outcome="rejected", reason="skipped", quantity=1)
    assert (await verified(shop))[1] == []


async def test_what_operators_have_done_to_a_line_differs_in_nothing(
    shop: RecordedShop, migrated_database_url: str
) -> None:
    lane = Shop(Ledger(shop.connection), migrated_database_url)
    await lane.run_lane(lane.body(Restock, quantity=5))
    bodies = [lane.body(), lane.body(quantity=9), lane.body()]
    head = await lane.letter(bodies[0], "held", place=1)
    parked = [await lane.letter(body, "parked", place=place) for place, body in enumerate(bodies[1:], start=2)]
    await lane.ledger.hold(head, parked=len(parked))
    await lane.ledger.ask(parked[1], "skip")
    await lane.run_lane(NUDGE)
    await lane.ledger.ask(head, "skip")
    await lane.run_lane(NUDGE)
    await lane.close()
    rows = await shop.connection.fetch("SELECT state, outcome_reason FROM dead_letters ORDER BY letter_id")
    assert [tuple(row) for row in rows] == [
        ("skipped", "skipped"),
        ("replayed", "insufficient_stock"),
        ("skipped", "skipped"),
    ]
    assert (await verified(shop))[1] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": "dead_lettered", "reason": "failed"}, "says dead_lettered, which is never recorded"),
        ({"on_hand": 9}, "says 9 on hand, 0 reserved, 5 available, the events make 5 on hand, 0 reserved, 5 available"),
        ({"sequence": 7}, "says partition 0, number 7; its row says partition 0, number 2"),
    ],
)
async def test_but_its_levels_and_its_number_are(shop: RecordedShop, changes: dict[str, Any], message: str) -> None:
    await shop.record([restock(1, 5), purchase(2, 9)])
    await _change_refusal(shop, **{"outcome": "rejected", "reason": "skipped"} | changes)
    assert [_told(each) for each in (await verified(shop))[1]] == [f"answer: command {UUID(int=2)}: {message}"]
