"""What `order-publisher dead-letters` asks for, on a real database and a stand-in for the workers."""

import json
import signal
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.commands import Purchase, encode_command
from tests.publisher.command_line.dead_letter_program import SIGNED, dead_letters, objects
from tests.publisher.command_line.program import started
from tests.publisher.dead_letters.lane_twin import NOT_DONE, Ending, LaneTwin
from tests.publisher.dead_letters.ledger_rows import LedgerRows


@pytest.mark.parametrize(
    ("ending", "exit_code"),
    [(("applied", None), 0), (("rejected", "insufficient_stock"), 1), (("dead_lettered", "failed"), 1)],
)
async def test_a_replay_waits_and_ends_as_its_letters_did(
    url: str, rows: LedgerRows, ending: Ending, exit_code: int
) -> None:
    await rows.add()
    last = await rows.add()
    async with LaneTwin(url, {last: ending}):
        replayed = await dead_letters(url, "replay", "--reason", "failed", *SIGNED)
    assert (replayed.exit_code, replayed.errors) == (exit_code, "")
    assert "plan 1, a replay: finished" in replayed.output
    assert ", ".join(word for word in ending if word) in replayed.output
    assert next(deed[0] for deed in await rows.deeds()) == "made_plan"


@pytest.mark.parametrize("states", [(), ("--state", "all")])
async def test_replaying_everything_needs_yes_in_a_script(url: str, rows: LedgerRows, states: tuple[str, ...]) -> None:
    await rows.add()
    await rows.add(reason="invalid", error="not JSON")
    await rows.add("skipped")
    refused = await dead_letters(url, "replay", *states, *SIGNED)
    assert (refused.exit_code, refused.output) == (2, "")
    assert "this would replay 2 dead letters of 2 causes; say --yes if you mean it" in refused.errors
    assert await rows.deeds() == []
    async with LaneTwin(url):
        meant = await dead_letters(url, "replay", "--yes", *SIGNED)
    assert meant.exit_code == 0
    assert "2 of 2 causes: all that were open" in meant.output


async def test_a_dry_run_needs_no_yes_and_tells_each_letter(url: str, rows: LedgerRows) -> None:
    first, second = await rows.add(), await rows.add()
    async with LaneTwin(url, {second: ("rejected", "insufficient_stock")}):
        told = await dead_letters(url, "replay", "--dry-run", "--json", *SIGNED)
        shown = await dead_letters(url, "plan", "show", "1")
    assert told.exit_code == 0
    forecast = json.loads(told.output)
    assert [(item["letter_id"], item["outcome"]) for item in forecast["items"]] == [
        (first, "applied"),
        (second, "rejected"),
    ]
    assert {count["state"] for count in forecast["counts"]} == {"forecast"}
    assert (forecast["state"], forecast["left_out"]) == ("finished", [])
    assert "what would happen" in shown.output
    assert "would not be applied" in shown.output


async def test_a_replay_says_what_it_leaves_out(url: str, rows: LedgerRows) -> None:
    head, parked = await rows.add_line("71053", 1)
    nothing = await dead_letters(url, "replay", str(parked), "99", *SIGNED)
    assert (nothing.exit_code, nothing.output) == (1, "")
    assert f"left out: {parked} waits behind {head}, and follows it" in nothing.errors
    assert "left out: there is no dead letter 99" in nothing.errors
    assert "nothing to replay" in nothing.errors


async def test_a_canary_that_fails_pauses_the_plan(url: str, rows: LedgerRows) -> None:
    first, _ = await rows.add(), await rows.add()
    async with LaneTwin(url, {first: ("rejected", "insufficient_stock")}):
        paused = await dead_letters(url, "replay", "--reason", "failed", "--canary", "1", "--rate", "50", *SIGNED)
        assert (paused.exit_code, paused.errors) == (7, "")
        assert "note" in paused.output
        assert "plan resume 1 --why TEXT" in paused.output
        await dead_letters(url, "plan", "resume", "1", "--why", "one is no matter", ORDERS_OPERATOR="bob")
        resumed = await dead_letters(url, "plan", "show", "1", "--json")
    assert [deed[:2] for deed in await rows.deeds() if deed[0].endswith("_plan")] == [
        ("made_plan", "ann"),
        ("resumed_plan", "bob"),
    ]
    assert json.loads(resumed.output)["canary"] == 1


async def test_a_plan_is_looked_after(url: str, rows: LedgerRows) -> None:
    await rows.add()
    detached = await dead_letters(url, "replay", "--reason", "failed", "--detach", *SIGNED)
    assert detached.exit_code == 0
    assert "running" in detached.output
    taken = await dead_letters(url, "show", "1")
    assert "plan 1 will replay it" in taken.output
    assert "replay 1 --why" not in taken.output
    for verb, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        done = await dead_letters(url, "plan", verb, "1", *SIGNED)
        assert (done.exit_code, done.errors) == (0, "")
        assert f"plan 1, a replay: {state}" in done.output
    again = await dead_letters(url, "plan", "cancel", "1", *SIGNED)
    assert (again.exit_code, again.output) == (1, "")
    assert "plan 1 is cancelled: only one that is running or paused can be cancelled" in again.errors
    assert "cancelled" in (await dead_letters(url, "plan", "list")).output
    assert [plan["state"] for plan in objects(await dead_letters(url, "plan", "list", "--json"))] == ["cancelled"]
    assert "no plan is running or paused" in (await dead_letters(url, "plan", "list", "--open")).output


async def test_without_workers_the_waiting_ends_and_the_plan_goes_on(url: str, rows: LedgerRows) -> None:
    letter_id = await rows.add()
    waited = await dead_letters(url, "replay", str(letter_id), "--timeout-seconds", "0.3", *SIGNED)
    assert (waited.exit_code, waited.output) == (4, "")
    assert "plan 1 goes on" in waited.errors


async def test_ctrl_c_leaves_the_plan_running_and_says_so(url: str, rows: LedgerRows) -> None:
    letter_id = await rows.add()
    async with started("dead-letters", "replay", str(letter_id), *SIGNED, ORDERS_DATABASE_URL=url) as process:
        await rows.seen_running("plan_open_items")
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert process.returncode == 130
    assert "plan 1 goes on: `order-publisher dead-letters plan show 1`" in errors.decode()
    assert await rows.connection.fetchval("SELECT state FROM replay_plans") == "running"


async def test_skipping_waits_and_counts(url: str, rows: LedgerRows) -> None:
    first, second, closed = await rows.add(), await rows.add(), await rows.add("replayed")
    async with LaneTwin(url):
        skipped = await dead_letters(url, "skip", str(first), *SIGNED)
        assert (skipped.exit_code, skipped.output, skipped.errors) == (0, "1 of 1 dead letter skipped\n", "")
        partly = await dead_letters(url, "skip", str(second), str(closed), "--json", *SIGNED)
    assert partly.exit_code == 1
    assert json.loads(partly.output)["letter_ids"] == [second]
    assert json.loads(partly.output)["skipped"] == 1
    assert f"left out: {closed} is closed already" in partly.errors


async def test_it_is_told_why_a_letter_was_not_skipped(url: str, rows: LedgerRows) -> None:
    first, second = await rows.add(), await rows.add()
    async with LaneTwin(url, {first: (NOT_DONE, "no other ends it: replay it")}):
        partly = await dead_letters(url, "skip", str(first), str(second), *SIGNED)
        shown = await dead_letters(url, "show", str(first))
    assert (partly.exit_code, partly.output) == (1, "1 of 2 dead letters skipped\n")
    assert f"{first} was not: no other ends it: replay it" in partly.errors
    assert "-> no other ends it: replay it" in " ".join(shown.output.split())


async def test_skipping_by_a_filter_needs_yes_in_a_script(url: str, rows: LedgerRows) -> None:
    await rows.add()
    refused = await dead_letters(url, "skip", "--reason", "failed", *SIGNED)
    assert refused.exit_code == 2
    assert "this would skip 1 dead letter of 1 cause" in refused.errors
    asked = await dead_letters(url, "skip", "--reason", "failed", "--yes", "--detach", *SIGNED)
    assert (asked.exit_code, asked.output) == (0, "asked to skip 1 dead letter\n")


@pytest.mark.parametrize(
    ("ending", "exit_code", "said"),
    [
        (("applied", None), 0, "was edited: applied"),
        (("rejected", "insufficient_stock"), 1, "was edited: rejected, insufficient_stock"),
        (("dead_lettered", "failed"), 3, "is still set aside: division by zero"),
        ((NOT_DONE, "'85123A' waits behind letter 7"), 3, "is still set aside: '85123A' waits behind letter 7"),
    ],
)
async def test_an_edit_ends_as_its_command_does(
    url: str, rows: LedgerRows, tmp_path: Path, ending: Ending, exit_code: int, said: str
) -> None:
    command_id = uuid4()
    letter_id = await rows.add(command_id=command_id)
    body = encode_command(Purchase(command_id=command_id, sku="85123A", quantity=1, user="till-3"))
    (tmp_path / "body.json").write_bytes(body + b"\n")
    async with LaneTwin(url, {letter_id: ending}):
        edited = await dead_letters(url, "edit", str(letter_id), "--body", str(tmp_path / "body.json"), *SIGNED)
    assert (edited.exit_code, edited.errors) == (exit_code, "")
    assert f"dead letter {letter_id} {said}" in edited.output


async def test_a_wrong_edit_is_explained(url: str, rows: LedgerRows) -> None:
    command_id = uuid4()
    letter_id = str(await rows.add(command_id=command_id))
    wrong = encode_command(Purchase(command_id=uuid4(), sku="85123A", quantity=1, user="till-3")).decode()
    for given, said in (("{", "not JSON"), (wrong, f"command_id: must stay {command_id}")):
        refused = await dead_letters(url, "edit", letter_id, "--body", "-", *SIGNED, given=given)
        assert (refused.exit_code, refused.output) == (2, "")
        assert said in refused.errors
    no_terminal = await dead_letters(url, "edit", letter_id, *SIGNED, given="")
    assert no_terminal.exit_code == 2
    assert "--body FILE" in no_terminal.errors
    no_file = await dead_letters(url, "edit", letter_id, "--body", "nowhere.json", *SIGNED)
    assert "nowhere.json cannot be read" in no_file.errors
