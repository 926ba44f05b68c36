from uuid import uuid4

import pytest

from publisher import DatabaseUnavailable, InvalidInput, LedgerRefused, NotInLedger
from publisher.dead_letters import DeadLetters, LeftOut, LetterFilter, Why
from schemas.commands import Purchase, encode_command
from schemas.partitions import partition_of
from tests.publisher.dead_letters.ledger_rows import PARTITION_COUNT, LedgerRows

REQUESTS = "SELECT letter_id, partition, action, corrected_body, operator, why, plan_id FROM dead_letter_requests"


async def test_skipping_is_asked_for_and_recorded(ledger: DeadLetters, rows: LedgerRows) -> None:
    head, parked = await rows.add_line("71053", 1)
    closed = await rows.add("edited")
    asked = await ledger.skip(LetterFilter(letter_ids=(head, parked, closed, 99)), operator="ann", why="rubbish")
    assert asked.letter_ids == (head, parked)
    assert set(asked.left_out) == {LeftOut(Why.CLOSED, 1, closed), LeftOut(Why.UNKNOWN, 1, 99)}
    partition = partition_of("71053", PARTITION_COUNT)
    assert [tuple(row) for row in await rows.connection.fetch(f"{REQUESTS} ORDER BY letter_id")] == [
        (letter_id, partition, "skip", None, "ann", "rubbish", None) for letter_id in (head, parked)
    ]
    assert [(deed[0], deed[3]) for deed in await rows.deeds()] == [("asked_skip", head), ("asked_skip", parked)]
    assert await ledger.open_request_count([head, closed]) == 1


async def test_what_is_asked_for_is_not_asked_for_again(ledger: DeadLetters, rows: LedgerRows) -> None:
    letter_id = await rows.add()
    for expected in ((letter_id,), ()):
        assert (await ledger.skip(LetterFilter(), operator="ann", why="rubbish")).letter_ids == expected
    again = await ledger.skip(LetterFilter(), operator="ann", why="rubbish")
    assert again.left_out == (LeftOut(Why.ASKED_FOR, 1, letter_id),)
    with pytest.raises(LedgerRefused, match=f"asked for about {letter_id} already"):
        await ledger.edit(letter_id, await body_of(rows, letter_id), operator="ann", why="rubbish")
    assert len(await rows.deeds()) == 1


async def test_a_corrected_body_is_asked_for_where_it_belongs(ledger: DeadLetters, rows: LedgerRows) -> None:
    command_id = uuid4()
    letter_id = await rows.add(sku="85123A", command_id=command_id, body=b'{"sku": "85123a"}')
    corrected = encode_command(Purchase(command_id=command_id, sku="71053", quantity=1, user="till-3"))
    await ledger.edit(letter_id, corrected, operator="ann", why="a typing error")
    row = await rows.connection.fetchrow(REQUESTS)
    partition = partition_of("71053", PARTITION_COUNT)
    assert tuple(row) == (letter_id, partition, "edit", corrected, "ann", "a typing error", None)
    (deed,) = (await ledger.letter(letter_id)).deeds
    assert deed.after == {"action": "edit", "corrected_body": corrected.decode()}


async def test_an_edit_that_may_not_be_leaves_nothing(ledger: DeadLetters, rows: LedgerRows) -> None:
    letter_id = await rows.add()
    with pytest.raises(InvalidInput, match="not JSON"):
        await ledger.edit(letter_id, b"{", operator="ann", why="x")
    with pytest.raises(InvalidInput, match="why"):
        await ledger.edit(letter_id, await body_of(rows, letter_id), operator="ann", why=" ")
    with pytest.raises(NotInLedger):
        await ledger.edit(99, b"{", operator="ann", why="x")
    assert await rows.connection.fetch(REQUESTS) == []
    assert await rows.deeds() == []


async def test_an_edit_before_any_worker_says_what_is_missing(ledger: DeadLetters, rows: LedgerRows) -> None:
    letter_id = await rows.add()
    await rows.connection.execute("DELETE FROM topology")
    with pytest.raises(DatabaseUnavailable, match="has an order-worker been started"):
        await ledger.edit(letter_id, await body_of(rows, letter_id), operator="ann", why="x")


async def body_of(rows: LedgerRows, letter_id: int) -> bytes:
    body: bytes = await rows.connection.fetchval("SELECT body FROM dead_letters WHERE letter_id = $1", letter_id)
    return body
