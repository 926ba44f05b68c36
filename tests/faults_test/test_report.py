"""What a campaign has to say: every figure, and after a violation how to see it again."""

import json
from io import StringIO
from pathlib import Path

from rich.console import Console

from tests.faults.campaign import Outcome
from tests.faults.checker.history import History
from tests.faults.checker.verdict import judge
from tests.faults.report import print_report, report, write_report
from tests.faults_test.sound_history import NOW, command, sending, sound_history

SEED = 7


def _outcome(history: History, folder: Path) -> Outcome:
    return Outcome(history, judge(history), folder)


def _printed(outcome: Outcome) -> str:
    written = StringIO()
    print_report(Console(file=written, width=100), outcome.folder, report(outcome, SEED))
    return written.getvalue()


def _lossy_history() -> History:
    history = sound_history()
    history.sent.append(sending(command("three", "restock", 1), 2))
    at = NOW.timestamp() + 2
    history.faults = [
        {"number": 0, "kind": "broker.killed", "at": at, "until": at + 1, "outcome": "injected"},
        {"number": 1, "kind": "input.burst", "at": at, "until": at, "outcome": "left out: it did not come about"},
    ]
    return history


def test_only_faults_that_came_about_are_counted(tmp_path: Path) -> None:
    figures = report(_outcome(_lossy_history(), tmp_path), SEED)
    assert (figures["faults"], figures["kinds"], figures["left_out"]) == (1, {"broker.killed": 1}, 1)
    assert figures["operations"] == {"ok": 3}


def test_what_is_sound_has_nothing_to_show(tmp_path: Path) -> None:
    outcome = _outcome(sound_history(), tmp_path)
    figures = report(outcome, SEED)
    assert (figures["violations"], figures["shortest_history"]) == ([], [])
    assert "shortest history" not in _printed(outcome)


def test_a_violation_is_printed_with_the_seed_and_the_shortest_history(tmp_path: Path) -> None:
    printed = _printed(_outcome(_lossy_history(), tmp_path))
    assert f"Seed {SEED}. The shortest history that shows it:\nlost: " in printed
    assert '"command_id": "three"' in printed
    assert "fault 0: broker.killed" in printed


def test_the_file_says_what_was_found_and_on_what(tmp_path: Path) -> None:
    figures = report(_outcome(_lossy_history(), tmp_path), SEED)
    write_report(figures, {"versions": {"RabbitMQ": "4.0.5"}}, tmp_path / "report.json")
    told = json.loads((tmp_path / "report.json").read_text())
    assert told == {"versions": {"RabbitMQ": "4.0.5"}, **figures}
    assert told["verdict"]["lost"] > 0
