"""What publishers wrote down becomes messages and how they ended."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checker.history import History
from tests.faults.checker.reading import read_history

EMPTY: dict[str, Any] = {
    "partition_count": 4,
    "ended_at": 1.0,
    "commands": [],
    "events": [],
    "audit": [],
    "levels": [],
    "reservations": [],
    "partitions": [],
    "letters": [{"name": "rubbish", "text": "\\377"}],
    "orders": [],
    "waiting": {},
    "feed": "feed",
    "private": {},
    "dead_letters": "dead",
}


def _read(folder: Path, outcomes: list[str]) -> History:
    sent = {"event": "sent", "publisher": "p", "name": "n", "subject": "command", "sku": "a", "routing_key": "k"}
    lines: list[dict[str, Any]] = []
    for at, outcome in enumerate(outcomes):
        lines.append({"at": float(at), **sent, "body": {}})
        if outcome:
            lines.append({"at": at + 0.5, "event": "outcome", "subject": "command", "names": ["n"], "outcome": outcome})
    (folder / "sent-p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "faults.jsonl").write_text("")
    received = {"at": 0, "queue": "feed", "name": None, "redelivered": False, "body": "no json"}
    (folder / "received-feed.jsonl").write_text(json.dumps(received))
    (folder / "database.json").write_text(json.dumps(EMPTY))
    return read_history(folder)


@pytest.mark.parametrize(
    ("outcomes", "outcome"),
    [
        (["ok"], "ok"),
        (["refused"], "refused"),
        (["unknown", "ok"], "ok"),
        (["refused", "unknown"], "unknown"),
        (["unknown", "refused"], "unknown"),
        ([""], "unknown"),
    ],
)
def test_the_tries_of_a_message_end_together(tmp_path: Path, outcomes: list[str], outcome: str) -> None:
    (sending,) = _read(tmp_path, outcomes).sent
    assert (sending.outcome, sending.tries, sending.first_at) == (outcome, len(outcomes), 0.0)


def test_an_answer_that_is_no_json_is_kept(tmp_path: Path) -> None:
    receipt, _ = _read(tmp_path, ["ok"]).received
    assert (receipt.text, receipt.answer) == ("no json", {})


def test_what_lies_in_the_ledger_is_received_where_dead_letters_are(tmp_path: Path) -> None:
    _, letter = _read(tmp_path, ["ok"]).received
    assert (letter.queue, letter.name, letter.text) == ("dead", "rubbish", "\\377")
