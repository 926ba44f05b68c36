"""Every way in which rows can disagree with their events is found, and called by its name."""

from tests.twins.orders import purchase, restock
from tests.worker.operations.recorded_shop import RecordedShop
from tests.worker.operations.tampering import Tampering, history, verified
from worker.operations.verification import Difference, Verification

TAMPERINGS = [
    Tampering(
        "stock row",
        "too many",
        "UPDATE stock_levels SET on_hand = 99 WHERE sku = '{sku}'",
        "location main: 99 on hand, 0 reserved, version 2; the events make 2, 0, version 2",
    ),
    Tampering(
        "stock row",
        "another version",
        "UPDATE stock_levels SET version = 1 WHERE sku = '{sku}'",
        "location main: 2 on hand, 0 reserved, version 1; the events make 2, 0, version 2",
    ),
    Tampering(
        "stock row missing",
        "gone",
        "DELETE FROM stock_levels WHERE sku = '{sku}'",
        "location main: the events make 2 on hand",
    ),
    Tampering(
        "stock row without event",
        "a ghost",
        "INSERT INTO stock_levels VALUES ('{sku}', 'attic', 7, 0, 1)",
        "location attic: 7 on hand",
    ),
    Tampering(
        "audit row missing",
        "gone",
        "DELETE FROM audit_log WHERE sku = '{sku}' AND version = 2",
        "version 2: no row for -3 at main",
    ),
    Tampering(
        "audit row",
        "another delta",
        "UPDATE audit_log SET delta = -1 WHERE sku = '{sku}' AND version = 2",
        "version 2 at main: delta -1 and balance 2, events make -3 and 2",
    ),
    Tampering(
        "audit row",
        "another balance",
        "UPDATE audit_log SET balance = 4 WHERE sku = '{sku}' AND version = 2",
        "version 2 at main: delta -3 and balance 4, events make -3 and 2",
    ),
    Tampering(
        "audit row",
        "another command",
        "UPDATE audit_log SET command_id = '00000000-0000-0000-0000-00000000ffff', "
        "event_id = '00000000-0000-0000-0000-00000000eeee' WHERE sku = '{sku}' AND version = 2",
        "version 2 at main: names command 00000000-0000-0000-0000-00000000ffff, "
        "event 00000000-0000-0000-0000-00000000eeee",
    ),
    Tampering(
        "audit row without event",
        "extra",
        'INSERT INTO audit_log SELECT "timestamp", "user", 1, sku, \'attic\', 1, command_id, event_id, NULL, NULL, 2 '
        "FROM audit_log WHERE sku = '{sku}' AND version = 2",
        "version 2 at attic: delta +1",
    ),
    Tampering(
        "answer",
        "other levels",
        "UPDATE commands SET answer = replace(answer::text, '\"on_hand\":2', '\"on_hand\":3')::json "
        "WHERE answer ->> 'sku' = '{sku}' AND answer ->> 'outcome' = 'applied'",
        "says 3 on hand, 0 reserved, 2 available, the events make 2 on hand, 0 reserved, 2 available",
    ),
    Tampering(
        "answer",
        "refused though it happened",
        "UPDATE commands SET answer = replace(answer::text, '\"applied\"', '\"rejected\"')::json "
        "WHERE answer ->> 'sku' = '{sku}' AND answer ->> 'version' = '2'",
        "says rejected, but an event of it exists",
    ),
    Tampering(
        "answer",
        "applied though it did not happen",
        "UPDATE commands SET answer = replace(answer::text, '\"rejected\"', '\"applied\"')::json "
        "WHERE answer ->> 'sku' = '{sku}'",
        "says applied at version 2, but no event of it is there",
    ),
    Tampering(
        "answer missing",
        "gone",
        "DELETE FROM commands WHERE answer ->> 'sku' = '{sku}' AND answer ->> 'version' = '1'",
        "has no stored answer",
    ),
    Tampering(
        "version gap",
        "an event gone",
        "DELETE FROM events WHERE aggregate_id = '{sku}' AND version = 1",
        "version 2 follows version 0",
    ),
    Tampering(
        "negative stock",
        "more went than came",
        'UPDATE events SET data = \'{{"item_id": "main", "quantity": 8}}\' '
        "WHERE aggregate_id = '{sku}' AND version = 2",
        "version 2: -3 available at main",
    ),
]


async def test_a_shop_that_was_left_alone_agrees(shop: RecordedShop) -> None:
    await shop.record(history(TAMPERINGS))
    found, differences = await verified(shop)
    assert differences == []
    count = len(TAMPERINGS)
    assert found == Verification(aggregates=count, events=2 * count, answers=3 * count, differences=0)


async def test_an_empty_shop_agrees(shop: RecordedShop) -> None:
    assert await verified(shop) == (Verification(), [])


async def test_each_tampering_is_found_at_its_sku_and_called_by_its_name(shop: RecordedShop) -> None:
    await shop.record(history(TAMPERINGS))
    for tampering in TAMPERINGS:
        await shop.tamper(tampering.statement.format(sku=tampering.sku))
    found, differences = await verified(shop)
    assert found.differences == len(differences)
    for tampering in TAMPERINGS:
        ours = [difference for difference in differences if difference.sku == tampering.sku]
        assert any(
            difference.kind == tampering.kind and difference.message.endswith(tampering.message) for difference in ours
        ), (tampering, ours)
    # The answer that is gone leaves its number behind, too.
    assert [difference.kind for difference in differences if difference.sku == "-"] == ["sequence gap"]


async def test_a_gap_in_the_sequence_is_found(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5)])
    await shop.tamper("UPDATE partitions SET sequence = 7")
    _, differences = await verified(shop)
    assert differences == [
        Difference("-", "sequence gap", "partition 0: 1 answers up to number 1, the partition counts 7")
    ]


async def test_events_of_programs_that_write_no_more_than_events_are_told_apart(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5)])
    await shop.tamper(
        'INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp") VALUES '
        "('A', 2, gen_random_uuid(), 'PriceChanged', '{\"price\": 3}', now())"
    )
    await shop.record([purchase(2, 3)])
    found, differences = await verified(shop)
    assert differences == []
    assert found.events == 3
