"""What `order-publisher dead-letters` shows, on a real database."""

import json

import pytest

from tests.publisher.command_line.dead_letter_program import SIGNED, dead_letters, objects
from tests.publisher.dead_letters.ledger_rows import LedgerRows


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
