"""Whether a shop kept every promise: each answer, each row and each sum against the model."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from tests.twins.shop import Shop
from tests.worker.lane.model import Model
from tests.worker.lane.random_commands import fields_of
from worker.event_store import EventRow

UNRECORDED = frozenset({"conflict", "invalid"})
"""Reasons of answers that are not the answer of the command id."""


def judge(shop: Shop) -> Counter[tuple[str, str]]:
    """Compare all with the model; return how the commands ended, counted by type and ending."""
    assert not shop.queue.messages
    model = Model()
    endings = _judge_endings(shop, model)
    _judge_answers(shop)
    _judge_rows(shop, model)
    _judge_audit(shop)
    return endings


def _judge_endings(shop: Shop, model: Model) -> Counter[tuple[str, str]]:
    stored = {
        str(command_id): (sequence, json.loads(command.answer))
        for command_id, (_, sequence, command) in shop.database.commands.items()
    }
    foreign = {key: row for key, row in sorted(shop.database.events.items()) if row.command_id is None}
    endings: Counter[tuple[str, str]] = Counter()
    for place, (command_id, fields) in enumerate(_first_sendings(shop).items(), 1):
        sequence, answer = stored.pop(command_id)
        assert sequence == place
        _add_foreign(model, foreign, answer)
        ending = model.ask(fields, datetime.fromisoformat(answer["committed_at"]))
        assert ending == (answer["reason"] or answer["outcome"]), answer
        here = answer["sku"], answer["location"]
        assert (answer["on_hand"], answer["reserved"]) == (model.on_hand[here], model.reserved(*here)), answer
        endings[answer["type"], ending] += 1
    assert not stored
    for row in foreign.values():
        _add(model, row)
    return endings


def _first_sendings(shop: Shop) -> dict[str, dict[str, Any]]:
    """Return every command by its id, as it was sent first, in that order."""
    sendings: dict[str, dict[str, Any]] = {}
    for delivery in shop.arrived:
        if delivery.correlation_id is not None:
            sendings.setdefault(delivery.correlation_id, fields_of(delivery))
    return sendings


def _add_foreign(model: Model, foreign: dict[tuple[str, int], EventRow], answer: dict[str, Any]) -> None:
    """Let what others appended before `answer` was decided take its effect."""
    for sku, version in [key for key in foreign if key[0] == answer["sku"] and key[1] <= answer["version"]]:
        _add(model, foreign.pop((sku, version)))


def _add(model: Model, row: EventRow) -> None:
    data = json.loads(row.data)
    model.on_hand[row.aggregate_id, data["item_id"]] += data["quantity"]


def _judge_answers(shop: Shop) -> None:
    """See that every command has one answer, byte for byte the stored one."""
    bodies: dict[str, set[bytes]] = {}
    for reply, answer in zip(shop.outbox.replies, shop.answers, strict=True):
        if answer["reason"] not in UNRECORDED:
            bodies.setdefault(answer["command_id"], set()).add(reply.body)
    assert bodies == {
        str(command_id): {command.answer.encode()} for command_id, (_, _, command) in shop.database.commands.items()
    }


def _judge_rows(shop: Shop, model: Model) -> None:
    database = shop.database
    assert database.partitions[0].sequence == len(database.commands)
    for here, row in database.levels.items():
        assert (row.on_hand, row.reserved) == (model.on_hand[here], model.reserved(*here))
        assert 0 <= row.reserved <= row.on_hand
    assert sum(model.on_hand.values()) == sum(row.on_hand for row in database.levels.values())
    assert {name: row.held for name, row in database.reservations.items()} == {
        name: held.units for name, held in model.held.items()
    }


def _judge_audit(shop: Shop) -> None:
    """Compare the sums of the audit with the stock, and each balance with what was reserved then."""
    database = shop.database
    on_hand: Counter[tuple[str, str]] = Counter()
    reserved: Counter[tuple[str, str]] = Counter()
    for row in sorted(database.audit, key=lambda row: (row.sku, row.version)):
        here = row.sku, row.location
        on_hand[here] += row.delta
        reserved[here] += row.reserved_delta
        assert row.balance == on_hand[here] >= reserved[here] >= 0
        event = database.events[row.sku, row.version]
        assert (event.event_id, event.command_id) == (row.event_id, row.command_id)
    assert {here: (row.on_hand, row.reserved) for here, row in database.levels.items()} == {
        here: (on_hand[here], reserved[here]) for here in on_hand
    }
    assert {(row.sku, row.version) for row in database.audit} == set(database.events)
