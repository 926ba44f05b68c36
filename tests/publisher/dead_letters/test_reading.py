from collections.abc import Mapping
from datetime import UTC, timedelta
from uuid import uuid4

import pytest

from publisher import DatabaseUnavailable, NotInLedger
from publisher.dead_letters import DeadLetters, LetterFilter, LetterState, contents_as_json, totals_of
from publisher.dead_letters.reading import LETTERS_PER_LOOK, SHOWN_BEHIND_LIMIT, WHOLE_LETTERS_PER_LOOK
from schemas.fingerprints import fingerprint
from tests.publisher.dead_letters.ledger_rows import PUT_ASIDE_AT, LedgerRows

BODY_TEXT = b'{"type": "purchase", "note": "needle"'


@pytest.fixture
async def ids(rows: LedgerRows) -> Mapping[str, int]:
    """Give letters that differ in one thing each."""
    return {
        "plain": await rows.add(),
        "invalid": await rows.add(reason="invalid", error="quantity: must be at least 1 (got 0)", body=BODY_TEXT),
        "other sku": await rows.add(sku="order:1700"),
        "other type": await rows.add(type="restock"),
        "other user": await rows.add(user="till-4"),
        "later": await rows.add(at=PUT_ASIDE_AT + timedelta(hours=1)),
        "other error": await rows.add(error="the 7 seas, not divided"),
        "held": await rows.add("held", sku="71053"),
        "parked": await rows.add("parked", sku="71053"),
        "replayed": await rows.add("replayed"),
        "skipped": await rows.add("skipped"),
    }


OPEN = [
    "plain",
    "invalid",
    "other sku",
    "other type",
    "other user",
    "later",
    "other error",
    "held",
    "parked",
]
AT = PUT_ASIDE_AT.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("letter_filter", "expected"),
    [
        (LetterFilter(), OPEN),
        (LetterFilter(reason="invalid"), ["invalid"]),
        (LetterFilter(fingerprint=fingerprint("failed", "the 1 seas, not divided")), ["other error"]),
        (LetterFilter(sku="order:1700"), ["other sku"]),
        (LetterFilter(type="restock"), ["other type"]),
        (LetterFilter(user="till-4"), ["other user"]),
        (LetterFilter(since=AT + timedelta(hours=1)), ["later"]),
        (LetterFilter(until=AT + timedelta(hours=1)), [name for name in OPEN if name != "later"]),
        (LetterFilter(text="7 seas"), ["other error"]),
        (LetterFilter(text="needle"), ["invalid"]),
        (LetterFilter(text="NEEDLE"), []),
        (LetterFilter(states=(LetterState.HELD,)), ["held"]),
        (LetterFilter(states=(LetterState.PARKED, LetterState.SKIPPED)), ["parked", "skipped"]),
        (LetterFilter(states=tuple(LetterState)), [*OPEN, "replayed", "skipped"]),
        (LetterFilter(reason="failed", sku="71053"), ["held", "parked"]),
        (LetterFilter(sku="%"), []),
    ],
    ids=lambda value: str(value.told()) if isinstance(value, LetterFilter) else "",
)
async def test_a_filter_finds_what_fits_all_of_it(
    ledger: DeadLetters, ids: Mapping[str, int], letter_filter: LetterFilter, expected: list[str]
) -> None:
    found = [letter.letter_id async for letter in ledger.letters(letter_filter)]
    assert found == sorted((ids[name] for name in expected), reverse=True)
    totals = await ledger.totals(letter_filter)
    assert totals.count == len(expected)
    assert totals_of(await ledger.groups(letter_filter)) == totals
    assert [letter.letter_id async for letter, _ in ledger.export(letter_filter)] == sorted(found)


async def test_letters_are_found_by_their_ids_wherever_they_stand(ledger: DeadLetters, ids: Mapping[str, int]) -> None:
    wanted = (ids["replayed"], ids["plain"], 99)
    found = {letter.letter_id: letter async for letter in ledger.letters(LetterFilter(letter_ids=wanted))}
    assert found.keys() == {ids["plain"], ids["replayed"]}
    assert not found[ids["replayed"]].is_open


async def test_many_letters_are_read_look_by_look(ledger: DeadLetters, rows: LedgerRows) -> None:
    first = await rows.add()
    await rows.copy(first, LETTERS_PER_LOOK + 1)
    found = [letter.letter_id async for letter in ledger.letters()]
    assert len(found) == LETTERS_PER_LOOK + 2
    assert found == sorted(set(found), reverse=True)
    assert [letter.letter_id async for letter in ledger.letters(before=found[2], limit=3)] == found[3:6]
    assert [letter.letter_id async for letter in ledger.letters(limit=LETTERS_PER_LOOK + 1)] == found[:-1]
    assert len([letter async for letter, _ in ledger.export()]) == LETTERS_PER_LOOK + 2
    assert WHOLE_LETTERS_PER_LOOK < LETTERS_PER_LOOK


async def test_groups_count_causes(ledger: DeadLetters, rows: LedgerRows) -> None:
    head, *_ = await rows.add_line("71053", 3, error="division by 1")
    example = await rows.add(error="division by 2", at=PUT_ASIDE_AT + timedelta(hours=1))
    await rows.add(sku=None, reason="invalid", error="the body is not JSON in UTF-8: x")
    parked, failed, invalid = await ledger.groups()
    assert (parked.reason, parked.count, parked.aggregate_count) == ("held", 3, 1)
    assert parked.by_state == {LetterState.PARKED: 3}
    assert (failed.reason, failed.count, failed.aggregate_count) == ("failed", 2, 2)
    assert failed.by_state == {LetterState.SET_ASIDE: 1, LetterState.HELD: 1}
    assert (failed.example_id, failed.example_error) == (example, "division by 2")
    assert (failed.first_at, failed.last_at) == (AT, AT + timedelta(hours=1))
    assert (invalid.count, invalid.aggregate_count) == (1, 0)
    assert (await ledger.letter(head)).letter.fingerprint == failed.fingerprint


async def test_totals_tell_states_and_times(ledger: DeadLetters, rows: LedgerRows) -> None:
    assert (await ledger.totals()).count == 0
    assert (await ledger.totals()).first_at is None
    await rows.add_line("71053", 2)
    await rows.add(at=PUT_ASIDE_AT + timedelta(days=1))
    totals = await ledger.totals()
    assert totals.by_state == {LetterState.SET_ASIDE: 1, LetterState.HELD: 1, LetterState.PARKED: 2}
    assert (totals.first_at, totals.last_at) == (AT, AT + timedelta(days=1))


async def test_one_letter_is_read_whole(ledger: DeadLetters, rows: LedgerRows) -> None:
    command_id, body = uuid4(), bytes(range(256))
    letter_id = await rows.add(command_id=command_id, error="e" * 1_000, body=body)
    whole = await ledger.letter(letter_id)
    assert (whole.letter.command_id, whole.letter.state) == (command_id, LetterState.SET_ASIDE)
    assert (whole.contents.body, whole.contents.error) == (body, "e" * 1_000)
    assert (whole.contents.headers, whole.contents.reply_to) == ({"x-tries": 3}, "till")
    assert (whole.waiting, whole.request, whole.running_plan_id, whole.deeds) == (None, None, None, ())


@pytest.mark.parametrize("letter_id", [0, -1, 7, 2**63])
async def test_a_letter_that_is_not_there_is_said_not_to_be(ledger: DeadLetters, letter_id: int) -> None:
    with pytest.raises(NotInLedger, match=f"no dead letter {letter_id}"):
        await ledger.letter(letter_id)


async def test_a_line_is_told_from_each_place_in_it(ledger: DeadLetters, rows: LedgerRows) -> None:
    line = await rows.add_line("71053", SHOWN_BEHIND_LIMIT + 2)
    places = [(await ledger.letter(letter_id)).waiting for letter_id in line]
    told = [(place.head, place.ahead, place.behind) for place in places if place is not None]
    assert told == [(line[0], before, len(line) - 1 - before) for before in range(len(line))]
    assert places[0] is not None
    assert places[0].next_behind == tuple(line[1 : SHOWN_BEHIND_LIMIT + 1])
    assert places[0].since == AT


async def test_what_is_asked_for_and_was_done_stands_with_the_letter(ledger: DeadLetters, rows: LedgerRows) -> None:
    skipped, planned = await rows.add(), await rows.add()
    made = await ledger.plan_replay(LetterFilter(letter_ids=(planned,)), operator="ann", why="fixed in 1.4")
    await ledger.skip(LetterFilter(letter_ids=(skipped,)), operator="ann", why="rubbish")
    whole = await ledger.letter(skipped)
    assert whole.request is not None
    assert (whole.request.action, whole.request.operator, whole.request.why) == ("skip", "ann", "rubbish")
    assert [(deed.deed, deed.before, deed.after) for deed in whole.deeds] == [
        ("asked_skip", {"state": "set_aside", "attempts": 1}, {"action": "skip"})
    ]
    assert made.plan is not None
    assert (await ledger.letter(planned)).running_plan_id == made.plan.plan_id


async def test_a_body_is_text_where_it_can_be(ledger: DeadLetters, rows: LedgerRows) -> None:
    text, bytes_ = await rows.add(body='{"sku": "é"}'.encode()), await rows.add(body=b"\xff\x00")
    as_text = contents_as_json((await ledger.letter(text)).contents)
    assert (as_text["body"], as_text["corrected_body"]) == ('{"sku": "é"}', None)
    as_bytes = contents_as_json((await ledger.letter(bytes_)).contents)
    assert as_bytes["body_base64"] == "/wA="
    assert "body" not in as_bytes


async def test_it_is_told_in_which_kind_of_bundle_it_came(ledger: DeadLetters, rows: LedgerRows) -> None:
    told, sent = await rows.add(), await rows.add()
    await rows.connection.execute("UPDATE dead_letters SET bundle = 'told' WHERE letter_id = $1", told)
    assert [(await ledger.letter(number)).contents.bundle for number in (told, sent)] == ["told", None]
    assert [contents.bundle async for _, contents in ledger.export()] == ["told", None]


async def test_a_database_without_the_ledger_says_what_to_do(database_url: str) -> None:
    async with DeadLetters(database_url) as ledger:
        with pytest.raises(DatabaseUnavailable, match="order-worker migrate"):
            await ledger.groups()


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/x", "http://127.0.0.1/x", "nonsense"])
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with DeadLetters(url):
            pass
