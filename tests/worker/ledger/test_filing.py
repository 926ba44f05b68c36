"""What every ledger keeps when letters are filed, shown on the twin and on PostgreSQL alike."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.worker.ledger.letters import ASKED, NOW, Desk, aside, held, parked
from worker.event_store import Batch, Fenced, PartitionStore, RecordedCommand, StoredAnswer, Term
from worker.ledger import (
    Action,
    Filed,
    Full,
    Hold,
    Known,
    LaneLedger,
    LetterState,
    Verdict,
)


async def test_letters_are_filed_with_the_holds_they_make(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    outcome = await desk.ledger.file(term, [held(1), parked(2), aside(3, None), parked(4)], NOW)
    assert outcome == Filed((Hold("A", 1, 2),))
    assert await desk.ledger.holds(0) == [Hold("A", 1, 2)]
    assert await desk.ledger.holds(1) == []
    assert [(row["state"], row["attempts"]) for row in await desk.fetch()] == [
        ("held", 1),
        ("parked", 0),
        ("set_aside", 1),
        ("parked", 0),
    ]


async def test_filing_moves_no_sequence(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1)], NOW)
    assert await desk.store.claim(0, "lane") == Term(0, term.epoch + 1, 0)


async def test_a_stale_term_files_and_settles_nothing(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1)], NOW)
    await desk.store.claim(0, "successor")
    with pytest.raises(Fenced):
        await desk.ledger.file(term, [parked(2)], NOW)
    with pytest.raises(Fenced):
        await desk.ledger.settle(term, [Verdict(1, "skipped", *ASKED, state=LetterState.SKIPPED)], [], ["A"], NOW)
    assert [row["state"] for row in await desk.fetch()] == ["held"]
    assert await desk.ledger.holds(0) == [Hold("A", 1, 0)]


async def test_what_is_open_is_filed_once(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2), aside(3, None)], NOW)
    outcome = await desk.ledger.file(term, [parked(2), parked(1), aside(3, None)], NOW)
    assert outcome == Filed(())
    assert [(row["state"], row["attempts"]) for row in await desk.fetch()] == [
        ("held", 1),
        ("parked", 0),
        ("set_aside", 2),
    ]


async def test_what_came_in_a_bundle_of_a_worker_is_known_when_it_is_decided_again(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    told = held(1)._replace(message=held(1).message._replace(bundle="told"))
    await desk.ledger.file(term, [told, parked(2)], NOW)
    await desk.ask(1, Action.REPLAY, None)
    letters = await desk.ledger.open_letters(0, 10)
    assert [letter.message.bundle for letter in letters] == ["told", None]


async def test_what_was_set_aside_holds_once_it_fails_again_and_is_to_hold(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [aside(1)], NOW)
    assert await desk.ledger.file(term, [held(1), parked(2)], NOW) == Filed((Hold("A", 1, 1),))
    assert [(row["state"], row["attempts"]) for row in await desk.fetch()] == [("held", 2), ("parked", 0)]


async def test_what_fails_while_its_aggregate_waits_is_parked(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1)], NOW)
    assert await desk.ledger.file(term, [held(2)], NOW) == Filed((Hold("A", 1, 1),))


async def test_a_command_that_was_answered_is_told_and_nothing_filed(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    answered = RecordedCommand(UUID(int=2), b"digest", '{"answer": 2}')
    await desk.store.commit(term, Batch(NOW.replace(tzinfo=None), commands=[answered]))
    outcome = await desk.ledger.file(term, [held(1), parked(2)], NOW)
    assert outcome == Known((StoredAnswer(UUID(int=2), b"digest", '{"answer": 2}'),))
    assert await desk.fetch() == []


async def test_of_what_crashed_unread_it_is_told_what_was_answered(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    answered = RecordedCommand(UUID(int=2), b"digest", '{"outcome": "applied"}')
    await desk.store.commit(term, Batch(NOW.replace(tzinfo=None), commands=[answered]))
    unread = [aside(number, None)._replace(reason="crashed", digest=None) for number in (1, 2)]
    invalid = aside(3, None)._replace(reason="invalid", digest=None, command_id=UUID(int=2))
    assert await desk.ledger.file(term, [*unread, invalid], NOW) == Filed((), frozenset({UUID(int=2)}))
    assert len(await desk.fetch()) == 3


async def test_a_full_line_is_told_and_nothing_filed(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2), parked(3)], NOW)
    assert await desk.ledger.file(term, [parked(4), parked(5)], NOW) == Full("A", 3)
    assert await desk.ledger.file(term, [parked(4)], NOW) == Filed((Hold("A", 1, 3),))
    assert await desk.ledger.file(term, [held(6, "B"), parked(7, "B"), parked(8, "B")], NOW) == Full(None, 4)
    assert await desk.ledger.file(term, [held(6, "B"), parked(7, "B"), parked(2)], NOW) == Filed((Hold("B", 5, 1),))


async def test_attempts_are_counted_until_they_are_forgotten(desk: Desk) -> None:
    await desk.ledger.note_attempts(0, [b"a", b"b"], NOW)
    await desk.ledger.note_attempts(0, [b"a"], NOW)
    assert await desk.ledger.earlier_attempts(0, [b"a", b"b", b"c"]) == {b"a": 2, b"b": 1}
    await desk.ledger.forget_attempts(0, [b"a"], NOW)
    assert await desk.ledger.earlier_attempts(0, [b"a", b"b"]) == {b"b": 1}


async def test_texts_that_no_column_holds_are_filed_all_the_same(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    odd = aside(1, None)
    message = odd.message._replace(routing_key="a\0b", reply_to="\ud800", body=b"\0\xff")
    await desk.ledger.file(term, [odd._replace(error="NUL \0", user="\0", message=message)], NOW)
    await desk.ask(1, Action.SKIP, None)
    (letter,) = await desk.ledger.open_letters(0, 10)
    assert letter.message.body == b"\0\xff"


async def test_attempts_of_what_never_came_again_are_forgotten_after_a_day(migrated_database_url: str) -> None:
    store = PartitionStore(migrated_database_url)
    ledger = LaneLedger(store.session)
    await ledger.note_attempts(0, [b"old"], NOW)
    await ledger.note_attempts(0, [b"new"], NOW + timedelta(hours=30))
    await ledger.forget_attempts(0, [], NOW + timedelta(hours=30))
    assert await ledger.earlier_attempts(0, [b"old", b"new"]) == {b"new": 1}
    await store.close()
