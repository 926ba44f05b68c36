"""What the database knows twice, changed in one of the two places."""

import asyncpg
import pytest

from tests.twins.orders import purchase, restock
from tests.worker.operations.recorded_shop import RecordedShop
from tests.worker.operations.tampering import Tampering, history, verified
from worker.event_store import EventStore
from worker.operations.verification import Difference

CHANGE_ANSWER = (
    "UPDATE commands SET answer = replace(answer::text, '{old}', '{new}')::json WHERE answer ->> 'sku' = '{{sku}}' "
    "AND answer ->> 'outcome' = '{outcome}' AND answer ->> 'version' = '2'"
)


def _answer(outcome: str, old: str, new: str) -> str:
    """Return the change of the words `old` in the SKU's newest answer of this outcome."""
    return CHANGE_ANSWER.format(outcome=outcome, old=old, new=new)


TAMPERINGS = [
    Tampering(
        "answer",
        "another number in the answer",
        _answer("applied", '"sequence":', '"sequence":1000'),
        "says partition 0, number 10002; its row says partition 0, number 2",
    ),
    Tampering(
        "answer",
        "another partition in the answer",
        _answer("applied", '"partition":0', '"partition":7'),
        "says partition 7, number 5; its row says partition 0, number 5",
    ),
    Tampering(
        "audit row",
        "another time",
        "UPDATE audit_log SET \"timestamp\" = '2020-01-01' WHERE sku = '{sku}' AND version = 2",
        "version 2 at main: of 2020-01-01 00:00:00, the event was at 2026-01-31 12:00:00.002000",
    ),
    Tampering(
        "answer",
        "another user in the audit row",
        "UPDATE audit_log SET \"user\" = 'mallory' WHERE sku = '{sku}' AND version = 2",
        "says user till-3, the audit row says mallory",
    ),
    Tampering(
        "answer",
        "another time of the event",
        "UPDATE events SET \"timestamp\" = '2020-01-01' WHERE aggregate_id = '{sku}' AND version = 2",
        "says committed at 2026-01-31 12:00:00.002000+00:00, the event was at 2020-01-01 00:00:00",
    ),
    Tampering(
        "answer",
        "another quantity",
        _answer("applied", '"quantity":3', '"quantity":2'),
        'says purchase of 2 at main, but the event is StockRemoved {"item_id": "main", "quantity": 3}',
    ),
    Tampering(
        "answer",
        "more than there was",
        _answer("applied", '"quantity":3', '"quantity":6'),
        "says applied, but the rule refuses it: 6 wanted at main, 5 available",
    ),
    Tampering(
        "answer",
        "another type",
        _answer("applied", '"purchase"', '"restock"'),
        'says restock of 3 at main, but the event is StockRemoved {"item_id": "main", "quantity": 3}',
    ),
    Tampering(
        "answer",
        "another location",
        _answer("applied", '"location":"main"', '"location":"attic"'),
        "says applied, but the rule refuses it: 3 wanted at attic, 0 available",
    ),
    Tampering(
        "answer",
        "another user",
        _answer("applied", '"till-3"', '"mallory"'),
        "says user mallory, the audit row says till-3",
    ),
    Tampering(
        "answer",
        "applied with a reason",
        _answer("applied", '"reason":null', '"reason":"conflict"'),
        "says applied, and yet conflict",
    ),
    Tampering(
        "answer",
        "a reason that was not there",
        _answer("rejected", '"insufficient_stock"', '"stock_limit"'),
        "says stock_limit, but the rule says insufficient_stock",
    ),
    Tampering(
        "answer",
        "refused with enough in stock",
        _answer("rejected", '"quantity":9', '"quantity":1'),
        "says insufficient_stock, but the rule allows purchase of 1 at main",
    ),
    Tampering(
        "answer",
        "set aside, but recorded",
        _answer("rejected", '"rejected"', '"dead_lettered"'),
        "says dead_lettered, which is never recorded",
    ),
    Tampering(
        "answer",
        "another partition in the row",
        "UPDATE commands SET partition = 3 WHERE answer ->> 'sku' = '{sku}' AND answer ->> 'outcome' = 'rejected'",
        "lies in partition 3, but its SKU belongs to partition 0 of 1",
    ),
    Tampering(
        "answer unreadable",
        "an outcome that is none",
        _answer("applied", '"applied"', '"perhaps"'),
        "outcome: Input should be 'applied', 'rejected' or 'dead_lettered'",
    ),
    Tampering(
        "answer unreadable",
        "a reason that is none",
        _answer("rejected", '"insufficient_stock"', '"bad mood"'),
        "'invalid', 'misrouted', 'failed', 'crashed', 'expired', 'rejected', 'held' or 'skipped'",
    ),
    Tampering(
        "answer unreadable",
        "a version that is a text",
        _answer("applied", '"version":2', '"version":"2"'),
        "version: Input should be a valid integer",
    ),
    Tampering(
        "answer unreadable",
        "a version beyond all numbers",
        _answer("applied", '"version":2', '"version":2e400'),
        "version: Input should be a valid integer",
    ),
    Tampering(
        "answer unreadable",
        "a quantity no command may have",
        _answer("rejected", '"quantity":9', '"quantity":-9'),
        "quantity: Input should be greater than or equal to 1",
    ),
    Tampering(
        "event unreadable",
        "a quantity of 5,000 digits",
        "UPDATE events SET data = ('{{\"item_id\": \"main\", \"quantity\": 1' || repeat('0', 5000) || '}}')::jsonb "
        "WHERE aggregate_id = '{sku}' AND version = 2",
        "",
    ),
    Tampering(
        "snapshot",
        "a false one",
        "INSERT INTO snapshots VALUES ('{sku}', '{{\"main\": 4}}', 2, now(), 2)",
        "version 2: says {\"main\": 4}, the events make {'main': 2}",
    ),
    Tampering(
        "snapshot",
        "of the future",
        "INSERT INTO snapshots VALUES ('{sku}', '{{\"main\": 2}}', 3, now(), 3)",
        "of version 3, which does not exist",
    ),
]

SWAP_THE_NUMBERS = """
UPDATE commands SET sequence = sequence + 100 WHERE sequence IN ({0}, {1});
UPDATE commands SET sequence = {0} + {1} + 100 - sequence WHERE sequence > 100;
UPDATE commands SET answer = regexp_replace(answer::text, '"sequence":[0-9]+', '"sequence":' || sequence)::json
"""

SAY_NOTHING = "UPDATE commands SET answer = '{}' WHERE sequence = 1; UPDATE stock_levels SET on_hand = 4"

FOREIGN_SNAPSHOT = """INSERT INTO snapshots VALUES ('A', '{"price": 3}', 9, now(), NULL)"""


async def test_each_tampering_is_found_at_its_sku_and_called_by_its_name(shop: RecordedShop) -> None:
    await shop.record(history(TAMPERINGS))
    for tampering in TAMPERINGS:
        await shop.tamper(tampering.statement.format(sku=tampering.sku))
    found, differences = await verified(shop)
    assert found.aggregates == len(TAMPERINGS)
    for tampering in TAMPERINGS:
        ours = [difference for difference in differences if difference.sku == tampering.sku]
        assert any(
            difference.kind == tampering.kind and difference.message.endswith(tampering.message) for difference in ours
        ), (tampering, ours)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((1, 2), "has number 1 at version 2, but number 2 was given at version 1"),
        ((2, 3), "made version 2, but number 2 was already given at that version"),
    ],
    ids=["of two versions", "at one version"],
)
async def test_numbers_that_were_swapped_are_found(shop: RecordedShop, numbers: tuple[int, int], message: str) -> None:
    await shop.record([restock(1, 5), purchase(2, 3), purchase(3, 9)])
    await shop.tamper(SWAP_THE_NUMBERS.format(*numbers))
    _, differences = await verified(shop)
    assert Difference("A", "sequence order", f"command 00000000-0000-0000-0000-000000000002: {message}") in differences


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "[]",
        "null",
        "3",
        '"text"',
        '{"sku": null, "version": 1}',
        '{"sku": "A", "version": 1, "message": "\\u0000"}',
        '{"sku": "A", "version": 1, "message": "\\ud800"}',
    ],
)
async def test_an_answer_that_says_nothing_is_named_and_the_check_goes_on(shop: RecordedShop, answer: str) -> None:
    await shop.record([restock(1, 5), restock(2, 5, sku="B")])
    await shop.tamper(SAY_NOTHING.format(answer))
    found, differences = await verified(shop)
    assert (found.aggregates, found.answers) == (2, 2)
    assert [(difference.sku, difference.kind) for difference in differences] == [
        ("-", "answer unreadable"),
        ("A", "stock row"),
        ("A", "answer missing"),
        ("B", "stock row"),
    ]


async def test_a_sku_that_looks_like_an_escape_is_one_like_any_other(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5, sku="A\\u0000"), restock(2, 5, sku="A\\")])
    found, differences = await verified(shop)
    assert (found.aggregates, differences) == (2, [])


async def test_snapshots_of_programs_own_are_counted_and_not_compared(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5), restock(2, 2)])
    await shop.tamper(FOREIGN_SNAPSHOT)
    found, differences = await verified(shop)
    assert (found.uncompared_snapshots, differences) == (1, [])


async def test_the_stores_own_snapshot_agrees_at_its_version(shop: RecordedShop, migrated_database_url: str) -> None:
    await shop.record([restock(1, 5), purchase(2, 3)])
    async with asyncpg.create_pool(migrated_database_url, min_size=0) as pool:
        await EventStore(pool).create_stock_snapshot("A")
    await shop.record([restock(3, 2)])
    assert await shop.connection.fetchval("SELECT version FROM snapshots") == 2
    found, differences = await verified(shop)
    assert (found.uncompared_snapshots, differences) == (0, [])
