"""The files of a folder -> a history.

sent-*.jsonl      the publishers' own notes
received-*.jsonl  the consumers'
faults.jsonl      the campaign's
database.json     the tables, and what was left in the queues
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.faults.checker.history import History, Receipt, Recorded, Sending

_STRONGEST = ("refused", "unknown", "ok")


def read_history(folder: Path) -> History:
    """Return what the files in `folder` tell."""
    tables = json.loads((folder / "database.json").read_text())
    recorded = [_recorded(row) for row in tables["commands"] if row["answer"] is not None]
    return History(
        partition_count=tables["partition_count"],
        ended_at=tables["ended_at"],
        sent=[sending for path in sorted(folder.glob("sent-*.jsonl")) for sending in _sendings(_lines(path))],
        received=[
            *(_receipt(line) for path in sorted(folder.glob("received-*.jsonl")) for line in _lines(path)),
            *(_set_aside(row, tables["dead_letters"], tables["ended_at"]) for row in tables["letters"]),
        ],
        recorded={row.name: row for row in recorded},
        events=tables["events"],
        audit=tables["audit"],
        levels=tables["levels"],
        reservations=tables["reservations"],
        partitions=tables["partitions"],
        orders=tables["orders"],
        undecided=frozenset(row["command_id"] for row in tables["commands"] if row["answer"] is None),
        faults=list(_lines(folder / "faults.jsonl")),
        waiting=tables["waiting"],
        feed=tables["feed"],
        private=tables["private"],
        dead_letters=tables["dead_letters"],
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _sendings(lines: Iterable[dict[str, Any]]) -> list[Sending]:
    """Join the tries of each message, and how they ended."""
    sent: dict[tuple[str, str], Sending] = {}
    for position, line in enumerate(lines):
        if line["event"] == "sent":
            key = (line["name"], line["subject"])
            sending = sent.get(key) or _first_try(line, position)
            sent[key] = sending
            sending.tries += 1
            sending.last_at = line["at"]
            continue
        for name in line["names"]:
            sending = sent[name, line["subject"]]
            sending.last_at = line["at"]
            # Until a first outcome is known it stands at `unknown`, which a refusal alone improves.
            if sending.tries == 1 or _STRONGEST.index(line["outcome"]) > _STRONGEST.index(sending.outcome):
                sending.outcome = line["outcome"]
    return list(sent.values())


def _first_try(line: dict[str, Any], position: int) -> Sending:
    fields = {name: line[name] for name in ("name", "subject", "publisher", "sku", "routing_key", "body")}
    return Sending(**fields, position=position, first_at=line["at"], last_at=line["at"])


def _receipt(line: dict[str, Any]) -> Receipt:
    try:
        answer = json.loads(line["body"])
    except (ValueError, RecursionError):
        answer = {}
    return Receipt(
        line["at"],
        line["queue"],
        line["name"],
        line["redelivered"],
        line["body"],
        answer if isinstance(answer, dict) else {},
    )


def _set_aside(row: dict[str, Any], where: str, at: float) -> Receipt:
    """Return a letter of the ledger as what it is to the checker: received where dead letters are."""
    return Receipt(at, where, row["name"], redelivered=False, text=row["text"], answer={})


def _recorded(row: dict[str, Any]) -> Recorded:
    return Recorded(row["command_id"], row["partition"], row["sequence"], row["answer"], json.loads(row["answer"]))
