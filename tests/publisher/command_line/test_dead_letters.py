"""`order-publisher dead-letters ...` as a script uses it, on a real database and a stand-in for the workers."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from rich.cells import cell_len

from schemas.commands import Purchase, encode_command
from tests.publisher.command_line.program import Finished, run, started
from tests.publisher.dead_letters.lane_twin import Ending, LaneTwin
from tests.publisher.dead_letters.ledger_rows import PARTITION_COUNT, LedgerRows

SIGNED = ("--operator", "ann", "--why", "fixed in 1.4")


@pytest.fixture
async def rows(migrated_database_url: str) -> AsyncIterator[LedgerRows]:
    connection = await asyncpg.connect(migrated_database_url)
    await connection.execute("INSERT INTO topology (partition_count, recorded_at) VALUES ($1, now())", PARTITION_COUNT)
    yield LedgerRows(connection)
    await connection.close()


@pytest.fixture
def url(migrated_database_url: str) -> str:
    return migrated_database_url


async def dead_letters(url: str, *arguments: str, given: str | None = None, **environment: str) -> Finished:
    finished = await run("dead-letters", *arguments, given=given, ORDERS_DATABASE_URL=url, **environment)
    assert "Traceback" not in finished.errors
    if "--json" not in arguments and arguments[0] != "export":
        assert max((cell_len(line) for line in finished.output.splitlines()), default=0) <= 80
    return finished


def objects(finished: Finished) -> list[Any]:
    return [json.loads(line) for line in finished.output.splitlines()]


async def test_a_list_says_how_many_since_when_and_what_to_type(url: str, rows: LedgerRows) -> None:
    line = await rows.add_line("71053", 2)
    odd = await rows.add(sku=None, reason="invalid", error="\x1b[31mthe body is\n" + "not JSON " * 50, body=b"\xff")
    listed = await dead_letters(url, "list")
    assert (listed.exit_code, listed.errors) == (0, "")
    assert "4 open dead letters: 1 set aside, 1 held, 2 parked" in listed.output
    assert "oldest  2026-01-31 02:00:00 UTC (" in listed.output
    assert f"show {odd}" in listed.output
    assert "list --state held" in listed.output
    assert "\x1b" not in listed.output
    assert [letter["letter_id"] for letter in objects(await dead_letters(url, "list", "--json"))] == [odd, *line[::-1]]


async def test_a_list_goes_on_where_it_stopped(url: str, rows: LedgerRows) -> None:
    ids = [await rows.add() for _ in range(4)]
    first = await dead_letters(url, "list", "--limit", "2")
    assert f"list --before {ids[2]}" in first.output
    rest = await dead_letters(url, "list", "--before", str(ids[2]), "--json")
    assert [letter["letter_id"] for letter in objects(rest)] == ids[1::-1]


async def test_an_empty_ledger_is_good_news(url: str) -> None:
    for verb, said in (("list", "no open dead letter"), ("groups", "no open dead letter"), ("export", "")):
        found = await dead_letters(url, verb)
        assert (found.exit_code, found.errors) == (0, "")
        assert said in found.output
    assert "was ever planned" in (await dead_letters(url, "plan", "list")).output


async def test_filters_are_options(url: str, rows: LedgerRows) -> None:
    await rows.add()
    wanted = await rows.add(reason="invalid", error="not JSON", sku="71053", user="till-4", type="restock")
    options = {
        "reason": "invalid",
        "sku": "71053",
        "type": "restock",
        "user": "till-4",
        "since": "2026-01-31T02:00",
        "until": "2026-01-31T03:00:01+01:00",
        "text": "not JSON",
        "state": "set_aside",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    found = objects(await dead_letters(url, "list", "--json", *given))
    assert [letter["letter_id"] for letter in found] == [wanted]
    assert (await dead_letters(url, "list", "--json", "--since", "2h")).output == ""


async def test_groups_count_by_cause(url: str, rows: LedgerRows) -> None:
    await rows.add_line("71053", 1)
    for number in range(3):
        await rows.add(reason="invalid", error=f"quantity: must be at least 1 (got {-number})", sku=f"SKU-{number}")
    shown = await dead_letters(url, "groups")
    assert (shown.exit_code, shown.errors) == (0, "")
    assert "quantity: must be at least 1 (got -2)" in shown.output
    assert "1 of them holds its SKU" in shown.output
    first = objects(await dead_letters(url, "groups", "--json", "--limit", "1"))[0]
    assert (first["reason"], first["count"]) == ("invalid", 2)
    assert f"replay --fingerprint {first['fingerprint']} --dry-run" in shown.output


async def test_one_letter_is_shown_whole(url: str, rows: LedgerRows) -> None:
    head, parked = await rows.add_line("71053", 1, error="x" * 300)
    shown = await dead_letters(url, "show", str(head))
    assert f"it holds 71053 since 2026-01-31 02:00:00 UTC; 1 behind it: {parked}" in " ".join(shown.output.split())
    assert '"sku":"71053"' in shown.output.replace("\n", "")
    assert f"edit {head} --why TEXT" in shown.output
    behind = await dead_letters(url, "show", str(parked))
    assert f"it waits behind {head}" in behind.output
    assert f"replay {parked}" not in behind.output
    as_json = json.loads((await dead_letters(url, "show", str(head), "--json")).output)
    assert (as_json["waiting"]["next_behind"], as_json["deeds"]) == ([parked], [])
    missing = await dead_letters(url, "show", "99")
    assert (missing.exit_code, missing.output) == (1, "")
    assert "there is no dead letter 99" in missing.errors


async def test_an_export_holds_everything(url: str, rows: LedgerRows) -> None:
    text, bytes_ = await rows.add(), await rows.add("replayed", body=b"\xff\x00")
    exported = objects(await dead_letters(url, "export", "--state", "all"))
    assert [letter["letter_id"] for letter in exported] == [text, bytes_]
    assert json.loads(exported[0]["body"])["sku"] == "85123A"
    assert (exported[1]["body_base64"], exported[1]["headers"]) == ("/wA=", {"x-tries": 3})
    assert [letter["letter_id"] for letter in objects(await dead_letters(url, "export", str(bytes_)))] == [bytes_]


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


async def test_replaying_everything_needs_yes_in_a_script(url: str, rows: LedgerRows) -> None:
    await rows.add()
    await rows.add(reason="invalid", error="not JSON")
    refused = await dead_letters(url, "replay", *SIGNED)
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "1", "--operator", "ann"), "--why"),
        (("skip", "1", "--why", " "), "why: must be a text"),
        (("skip", "1", "--why", "x", "--operator", "a\nb"), "operator: must be a text"),
        (("list", "--reason", "bad luck"), "there is no 'bad luck'"),
        (("list", "--since", "yesterday"), "since: must be a time such as"),
        (("list", "--since", "999999d"), "since: must be a time such as"),
        (("list", "--state", "lost"), "--state"),
        (("replay", "1", "--reason", "failed", "--why", "x"), "either name the dead letters or say what they are like"),
        (("replay", "1", "--canary", "0", "--why", "x"), "canary: must be from 1"),
        (("replay", "1", "--rate", "nan", "--why", "x"), "rate: must be above 0"),
        (("show", "x"), "ID"),
    ],
    ids=" ".join,
)
async def test_wrong_use(url: str, arguments: tuple[str, ...], said: str) -> None:
    refused = await dead_letters(url, *arguments)
    assert (refused.exit_code, refused.output) == (2, "")
    assert said in refused.errors


async def test_a_database_that_is_away() -> None:
    for arguments in (("list",), ("replay", "1", *SIGNED), ("plan", "show", "1")):
        ended = await dead_letters("postgresql://127.0.0.1:1/orders", *arguments)
        assert ended.exit_code == 5
        assert ended.errors.startswith("order-publisher: database: ")
        assert len(ended.errors.splitlines()) == 1
