"""`order-publisher dead-letters ...` as a person uses it, who is asked, and has an editor."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.publisher.command_line.dead_letter_program import SIGNED
from tests.publisher.command_line.terminal import on_terminal
from tests.publisher.dead_letters.lane_twin import LaneTwin
from tests.publisher.dead_letters.ledger_rows import LedgerRows


async def test_replaying_everything_is_asked_about_with_the_numbers(rows: LedgerRows, url: str) -> None:
    for number in range(3):
        await rows.add(error=f"division by {number}")
    await rows.add(reason="invalid", error="not JSON")
    async with on_terminal("dead-letters", "replay", *SIGNED, ORDERS_DATABASE_URL=url) as terminal:
        asked = await terminal.asked("replay 4 dead letters of 2 causes? [y/N]:")
        assert "division by 2" in asked
        assert await rows.deeds() == []
        terminal.type("n")
        given_up = await terminal.ended()
    assert (given_up.exit_code, given_up.output) == (1, "")
    assert "nothing was asked for" in given_up.errors
    assert await rows.deeds() == []


async def test_who_means_it_says_so(rows: LedgerRows, url: str) -> None:
    letter_id = await rows.add()
    arguments = ("dead-letters", "skip", "--reason", "failed", *SIGNED)
    async with (
        LaneTwin(url),
        on_terminal(*arguments, ORDERS_DATABASE_URL=url) as terminal,
    ):
        await terminal.asked("skip 1 dead letter of 1 cause? [y/N]:")
        terminal.type("y")
        skipped = await terminal.ended()
    assert (skipped.exit_code, skipped.output) == (0, "1 of 1 dead letter skipped\n")
    assert [deed[:1] + deed[3:4] for deed in await rows.deeds()] == [("asked_skip", letter_id), ("skipped", letter_id)]


async def test_a_body_is_edited_until_it_is_right(rows: LedgerRows, url: str, tmp_path: Path) -> None:
    command_id = uuid4()
    letter_id = await rows.add(
        command_id=command_id,
        body=f'{{"type":"purchase","command_id":"{command_id}","sku":"85123A","quantity":-1,"user":"a"}}'.encode(),
    )
    # The first time it makes the quantity 0, the second time 10.
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i -e 's/: 0/: 10/' -e 's/: -1/: 0/' \"$1\"\n", encoding="utf-8")
    editor.chmod(0o700)
    arguments = ("dead-letters", "edit", str(letter_id), *SIGNED)
    settings = {"ORDERS_DATABASE_URL": url, "VISUAL": str(editor)}
    async with LaneTwin(url), on_terminal(*arguments, **settings) as terminal:
        asked = await terminal.asked("edit it again? [Y/n]:")
        assert "quantity: must be at least 1 (got 0)" in asked
        terminal.type("")
        edited = await terminal.ended()
    assert (edited.exit_code, edited.output) == (0, f"dead letter {letter_id} was edited: applied\n")
    body = await rows.connection.fetchval("SELECT corrected_body FROM dead_letters")
    assert b'"quantity": 10' in body


@pytest.mark.parametrize(
    ("editor", "said"),
    [("true", "nothing was changed"), ("false", "ended with 1"), ("no-such-editor", "cannot be used")],
)
async def test_an_editor_that_changes_nothing_asks_for_nothing(
    rows: LedgerRows, url: str, editor: str, said: str
) -> None:
    letter_id = await rows.add()
    arguments = ("dead-letters", "edit", str(letter_id), *SIGNED)
    settings = {"ORDERS_DATABASE_URL": url, "VISUAL": "", "EDITOR": editor}
    async with on_terminal(*arguments, **settings) as terminal:
        ended = await terminal.ended()
    assert (ended.exit_code, ended.output) == (2, "")
    assert said in ended.errors
    assert await rows.deeds() == []
