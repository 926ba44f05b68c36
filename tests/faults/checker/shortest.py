"""The shortest history that shows a violation: everything about its commands, and nothing else."""

import json
from typing import Any

from tests.faults.checker.history import History
from tests.faults.checker.violation import Violation

NEARBY_SECONDS = 3.0


def shortest_history(history: History, violations: list[Violation]) -> tuple[Violation, list[str]]:
    """Return the violation that is shown in the fewest lines, with those, the earliest first."""
    told = [(violation, _lines(history, violation)) for violation in violations]
    # One without a command of its own shows nothing but its message.
    return min(told, key=lambda pair: (not pair[1], len(pair[1])))


def _lines(history: History, violation: Violation) -> list[str]:
    names = set(violation.names)
    dated: list[tuple[float, str]] = []
    for sending in history.sent:
        if sending.name in names:
            dated.append((sending.first_at, f"sent as {sending.subject} by {sending.publisher}: {_json(sending.body)}"))
            dated.append((sending.last_at, f"{sending.outcome} after {sending.tries} tries: {sending.name}"))
    dated += [(each.at, f"received from {each.queue}: {each.text}") for each in history.received if each.name in names]
    if not dated:
        return []
    began, ended = min(dated)[0] - NEARBY_SECONDS, max(dated)[0] + NEARBY_SECONDS
    faults = [fault for fault in history.faults if fault["at"] <= ended and fault["until"] >= began]
    dated += [(fault["at"], f"fault {fault['number']}: {fault['kind']} until {fault['until']:.3f}") for fault in faults]
    rows = [f"recorded: {_json(_row(history, name))}" for name in violation.names]
    return [f"{at:.3f}  {text}" for at, text in sorted(dated)] + rows


def _row(history: History, name: str) -> Any:
    recorded = history.recorded.get(name)
    return None if recorded is None else {"partition": recorded.partition, "answer": recorded.answer}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
