"""What every ledger keeps when letters are decided, shown on the twin and on PostgreSQL alike."""

from uuid import UUID

from tests.worker.ledger.letters import ASKED, NOW, Desk, aside, held, parked
from worker.event_store import Batch, RecordedCommand
from worker.ledger import (
    Action,
    Filed,
    Hold,
    LetterState,
    Verdict,
)


async def test_only_what_was_asked_for_is_open_to_be_decided(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2), parked(3), aside(4, None), aside(5)], NOW)
    assert await desk.ledger.open_letters(0, 10) == []
    await desk.ask(4, Action.EDIT, b"corrected")
    (letter,) = await desk.ledger.open_letters(0, 10)
    assert (letter.letter_id, letter.action, letter.corrected_body) == (4, Action.EDIT, b"corrected")
    assert (letter.in_line, letter.state, letter.head) == (False, LetterState.SET_ASIDE, None)
    assert (letter.operator, letter.why) == ASKED
    assert letter.message == aside(4, None).message
    assert await desk.ledger.open_letters(1, 10) == []


async def test_a_line_is_let_go_by_asking_for_its_head(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2), held(3, "B"), parked(4, "B"), parked(5)], NOW)
    await desk.ask(1, Action.REPLAY, None)
    letters = await desk.ledger.open_letters(0, 10)
    assert [(letter.letter_id, letter.action, letter.head) for letter in letters] == [
        (1, Action.REPLAY, 1),
        (2, None, 1),
        (5, None, 1),
    ]
    assert [letter.letter_id for letter in await desk.ledger.open_letters(0, 2)] == [1, 2]


async def test_a_line_goes_on_where_it_stopped(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2), parked(3)], NOW)
    await desk.ask(1, Action.REPLAY, None)
    verdict = Verdict(1, "replayed", *ASKED, state=LetterState.REPLAYED, tried=True, outcome="applied")
    after = Hold("A", None, 2, *ASKED)
    await desk.ledger.settle(term, [verdict], [after], [], NOW)
    assert await desk.ledger.holds(0) == [after]
    assert await desk.requests() == 0
    letters = await desk.ledger.open_letters(0, 10)
    assert [(letter.letter_id, letter.operator, letter.why) for letter in letters] == [(2, *ASKED), (3, *ASKED)]
    assert await desk.ledger.file(term, [parked(9)], NOW) == Filed((Hold("A", None, 3, *ASKED),))
    assert [letter.letter_id for letter in await desk.ledger.open_letters(0, 10)] == [2, 3, 4]


async def test_a_line_that_is_done_waits_no_longer(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2)], NOW)
    verdicts = [
        Verdict(1, "skipped", *ASKED, state=LetterState.SKIPPED, outcome="rejected", outcome_reason="skipped"),
        Verdict(2, "replayed", *ASKED, state=LetterState.REPLAYED, tried=True, outcome="applied"),
    ]
    await desk.ledger.settle(term, verdicts, [], ["A"], NOW)
    assert await desk.ledger.holds(0) == []
    assert await desk.ledger.open_letters(0, 10) == []
    assert await desk.fetch() == [
        {"letter_id": 1, "state": "skipped", "attempts": 1, "outcome": "rejected"},
        {"letter_id": 2, "state": "replayed", "attempts": 1, "outcome": "applied"},
    ]
    assert await desk.ledger.file(term, [held(1)], NOW) == Filed((Hold("A", 3, 0),))


async def test_what_fails_again_holds_what_is_behind_it(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [held(1), parked(2), parked(3)], NOW)
    verdicts = [
        Verdict(1, "replayed", *ASKED, state=LetterState.REPLAYED, tried=True, outcome="applied"),
        Verdict(2, "failed_again", *ASKED, state=LetterState.HELD, tried=True, error="worse", fingerprint="01"),
    ]
    await desk.ledger.settle(term, verdicts, [Hold("A", 2, 1)], [], NOW)
    assert await desk.ledger.holds(0) == [Hold("A", 2, 1)]
    assert await desk.ledger.open_letters(0, 10) == []
    await desk.ask(2, Action.REPLAY, None)
    assert [letter.letter_id for letter in await desk.ledger.open_letters(0, 10)] == [2, 3]


async def test_what_is_parked_later_stands_at_the_end_of_the_line(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [aside(1), aside(2), held(3), parked(4)], NOW)
    verdicts = [Verdict(number, "parked", *ASKED, state=LetterState.PARKED) for number in (1, 2)]
    await desk.ledger.settle(term, verdicts, [Hold("A", 3, 3)], [], NOW)
    await desk.ask(3, Action.REPLAY, None)
    assert [letter.letter_id for letter in await desk.ledger.open_letters(0, 10)] == [3, 4, 1, 2]


async def test_a_request_that_comes_too_late_is_told_and_done_with(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [aside(1)], NOW)
    await desk.ledger.settle(term, [Verdict(1, "skipped", *ASKED, state=LetterState.SKIPPED)], [], [], NOW)
    await desk.ask(1, Action.REPLAY, None)
    (letter,) = await desk.ledger.open_letters(0, 10)
    assert letter.state is LetterState.SKIPPED
    await desk.ledger.settle(term, [Verdict(1, "not_done", *ASKED, state=None)], [], [], NOW)
    assert (await desk.requests(), await desk.ledger.open_letters(0, 10)) == (0, [])


async def test_a_letter_that_stands_in_the_line_of_another_lane_by_now_is_not_closed(desk: Desk) -> None:
    term, other = await desk.store.claim(0, "lane"), await desk.store.claim(1, "other lane")
    await desk.ledger.file(term, [aside(1), aside(2)], NOW)
    await desk.ledger.file(term, [held(1)], NOW)
    edited = [Verdict(number, "edited", *ASKED, state=LetterState.EDITED, outcome="applied") for number in (1, 2)]
    await desk.ledger.settle(other, edited, [], [], NOW)
    assert [row["state"] for row in await desk.fetch()] == ["held", "edited"]
    await desk.ask(1, Action.REPLAY, None)
    assert [letter.letter_id for letter in await desk.ledger.open_letters(0, 10)] == [1]


async def test_a_letter_tells_the_answer_that_its_command_has(desk: Desk) -> None:
    term = await desk.store.claim(0, "lane")
    await desk.ledger.file(term, [aside(1), aside(2)], NOW)
    answered = RecordedCommand(UUID(int=2), b"digest", '{"outcome": "rejected", "reason": "unknown_reservation"}')
    await desk.store.commit(term, Batch(NOW.replace(tzinfo=None), commands=[answered]))
    for number in (1, 2):
        await desk.ask(number, Action.REPLAY, None)
    letters = await desk.ledger.open_letters(0, 10)
    assert [(letter.answered, letter.answered_reason) for letter in letters] == [
        (None, None),
        ("rejected", "unknown_reservation"),
    ]
