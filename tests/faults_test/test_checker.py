"""The checker finds what is spoilt in a sound history, and nothing else."""

import dataclasses
import json
from collections.abc import Callable

import pytest

from tests.faults.checker.history import History
from tests.faults.checker.purges import WAITED_SECONDS
from tests.faults.checker.shortest import shortest_history
from tests.faults.checker.verdict import judge
from tests.faults_test.sound_history import (
    FEED,
    NOW,
    PARTITION,
    SKU,
    TILL,
    answer,
    audit,
    command,
    receipt,
    recorded,
    sending,
    sound_history,
)
from tests.faults_test.sound_order import sold_order

Spoil = Callable[[History], None]


def _terms(history: History) -> set[str]:
    return {term for term, count in judge(history).counts.items() if count}


def _forget_answer(history: History) -> None:
    history.received = [each for each in history.received if (each.queue, each.name) != (FEED, "two")]


def _forget_private_answer(history: History) -> None:
    history.received = [each for each in history.received if each.queue != TILL]


def _lose_command(history: History) -> None:
    history.sent.append(sending(command("three", "restock", 1), 2))


def _lose_rubbish(history: History) -> None:
    history.sent.append(sending(command("three", "restock", 0), 2, "rubbish"))


def _answer_no_conflict(history: History) -> None:
    history.sent.append(sending(command("one", "restock", 1005), 2, "conflict"))


def _leave_gap(history: History) -> None:
    history.partitions = [{**history.partitions[0], "sequence": 3}]


def _record_unasked(history: History) -> None:
    history.sent = history.sent[:1]


def _answer_wrongly(history: History) -> None:
    told = answer(command("two", "purchase", 3), 2, 3)
    history.recorded["two"] = recorded(told)
    history.received = [receipt(each.queue, told) if each.name == "two" else each for each in history.received]


def _answer_a_stranger(history: History) -> None:
    history.received.append(receipt(FEED, answer(command("nobody", "restock", 1), 9, 1)))


def _answer_in_two_ways(history: History) -> None:
    told = answer(command("two", "purchase", 3), 2, 2) | {"user": "somebody"}
    history.received.append(receipt(FEED, told))


def _take_effect_twice(history: History) -> None:
    history.events = [*history.events, {"command_id": "two", "event_id": "e3", "aggregate_id": SKU, "version": 3}]
    history.audit = [*history.audit, audit("two", 3, -2, 0)]
    history.levels = [{**history.levels[0], "on_hand": 0}]


def _send_in_another_order(history: History) -> None:
    first, second = history.sent
    history.sent = [dataclasses.replace(first, position=1), dataclasses.replace(second, position=0)]


def _oversell(history: History) -> None:
    history.audit = [audit("one", 1, 5, 5), audit("two", 2, -6, -1)]


def _skip_audit_row(history: History) -> None:
    history.audit = history.audit[:1]


def _change_level(history: History) -> None:
    history.levels = [{**history.levels[0], "on_hand": 3}]


def _hold_for_ever(history: History) -> None:
    due = NOW.replace(tzinfo=None).isoformat()
    history.reservations = [{"sku": SKU, "reservation_id": "r", "held": 1, "status": "held", "expires_at": due}]


def _leave_in_queue(history: History) -> None:
    history.waiting = {"orders.commands.00": 1}


SPOILT: list[tuple[Spoil, str]] = [
    (_forget_answer, "lost"),
    (_forget_private_answer, "lost"),
    (_lose_command, "lost"),
    (_lose_rubbish, "lost"),
    (_answer_no_conflict, "lost"),
    (_leave_gap, "lost"),
    (_record_unasked, "unexpected"),
    (_answer_wrongly, "unexpected"),
    (_answer_a_stranger, "unexpected"),
    (_answer_in_two_ways, "doubled"),
    (_take_effect_twice, "doubled"),
    (_send_in_another_order, "reordered"),
    (_oversell, "negative"),
    (_skip_audit_row, "unaudited"),
    (_change_level, "unaudited"),
    (_hold_for_ever, "held_for_ever"),
    (_leave_in_queue, "held_for_ever"),
]


def test_a_sound_history_has_no_violation() -> None:
    assert judge(sound_history()).violations == []


@pytest.mark.parametrize(("spoil", "term"), SPOILT, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_spoilt_is_found(spoil: Spoil, term: str) -> None:
    history = sound_history()
    spoil(history)
    assert term in _terms(history)


@pytest.mark.parametrize("outcome", ["unknown", "refused"])
def test_what_was_not_confirmed_may_be_lost(outcome: str) -> None:
    history = sound_history()
    history.sent.append(sending(command("three", "restock", 1), 2, outcome=outcome))
    assert _terms(history) == set()


def test_what_waited_in_a_queue_that_was_deleted_may_be_lost() -> None:
    history = sound_history()
    _lose_command(history)
    at = history.sent[-1].last_at
    deleted = {"number": 0, "deleted_partition": PARTITION, "began": at + 1, "ended": at + 2, "restored": at + 3}
    history.faults = [deleted]
    assert _terms(history) == set()
    history.faults = [deleted | {"deleted_partition": PARTITION + 1}]
    assert _terms(history) == {"lost"}


def test_what_was_lost_long_before_a_queue_was_deleted_is_lost() -> None:
    history = sound_history()
    _lose_command(history)
    at = history.sent[-1].last_at + WAITED_SECONDS + 1
    history.faults = [{"number": 0, "deleted_partition": PARTITION, "began": at, "ended": at, "restored": at}]
    assert _terms(history) == {"lost"}


@pytest.mark.parametrize(("later_seconds", "terms"), [(1.0, set[str]()), (WAITED_SECONDS + 1, {"lost"})])
def test_an_answer_to_a_workers_own_command_may_be_lost_with_a_queue(later_seconds: float, terms: set[str]) -> None:
    history = sold_order()
    history.received = [each for each in history.received if each.name != "fulfil_line"]
    at = NOW.timestamp() + later_seconds
    partition = history.recorded["fulfil_line"].partition
    history.faults = [{"number": 0, "deleted_partition": partition, "began": at, "ended": at, "restored": at}]
    assert _terms(history) == terms


def test_what_was_out_of_a_queue_before_that_was_deleted_may_not_be_lost() -> None:
    history = sound_history()
    later = answer(command("four", "restock", 1), 3, 3)
    _lose_command(history)
    history.sent.append(sending(command("four", "restock", 1), 3))
    history.received.append(receipt(FEED, later))
    began = history.received[-1].at + 1
    deleted = {"number": 0, "deleted_partition": PARTITION, "began": began, "ended": began, "restored": began}
    history.faults = [deleted]
    assert "three" in {name for violation in judge(history).violations for name in violation.names}


def test_the_shortest_history_names_what_was_sent_and_received_and_which_fault_it_was() -> None:
    history = sound_history()
    _answer_in_two_ways(history)
    at = history.sent[1].first_at
    history.faults = [{"number": 7, "kind": "worker.killed", "at": at, "until": at}]
    violation, lines = shortest_history(history, judge(history).violations)
    assert violation.names == ("two",)
    text = "\n".join(lines)
    assert "sent as command by till" in text
    assert "fault 7: worker.killed" in text
    assert text.count("received from feed") == 2
    assert json.dumps("one") not in text
