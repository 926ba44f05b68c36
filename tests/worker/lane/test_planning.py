import json
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.results import parse_result
from tests.twins import EnvironmentTwin
from tests.twins.environment import START, TICK
from tests.twins.orders import order, purchase, restock
from worker.domain import Level, Stock
from worker.event_store import AuditRow, EventRow, LevelRow, StoredAnswer, Term
from worker.lane.answers import Answer
from worker.lane.decoding import Request, decode
from worker.lane.planning import Plan, Planner
from worker.lane.ports import Delivery

TERM = Term(partition=0, epoch=3, sequence=40)
FIVE_OF_A = {"A": Stock(1, {"main": Level(5)})}


def test_an_applied_command_becomes_an_event_an_audit_row_and_a_stock_row() -> None:
    plan = _plan([purchase(7, 3, order_id="O-1", reason="gift")], FIVE_OF_A)
    event_id, command_id = UUID(int=1), UUID(int=7)
    assert plan.batch.events == [
        EventRow("A", 2, event_id, "StockRemoved", '{"item_id":"main","quantity":3}', command_id)
    ]
    assert plan.batch.audit == [
        AuditRow("till-3", -3, "A", "main", 2, command_id, event_id, reason="gift", order_id="O-1", version=2)
    ]
    assert list(plan.batch.levels.values()) == [LevelRow("A", "main", 2, 0, 2)]
    assert plan.batch.timestamp == (START + TICK).replace(tzinfo=None)


def test_its_answer_tells_levels_version_and_place() -> None:
    plan = _plan([purchase(7, 3)], FIVE_OF_A)
    answer = _answers(plan)[0]
    assert (answer.command_type, answer.outcome, answer.reason) == ("purchase", "applied", None)
    assert answer.reply.routing_key == "till.applied.purchase.A"
    assert answer.reply.correlation_id == str(UUID(int=7))
    assert json.loads(answer.reply.body) == {
        "command_id": str(UUID(int=7)),
        "outcome": "applied",
        "type": "purchase",
        "sku": "A",
        "location": "main",
        "quantity": 3,
        "reason": None,
        "message": None,
        "on_hand": 2,
        "reserved": 0,
        "available": 2,
        "version": 2,
        "partition": 0,
        "sequence": 41,
        "user": "till-3",
        "committed_at": "2026-01-31T12:00:00.001000Z",
        "to_location": None,
        "reservation_id": None,
        "expires_at": None,
    }


def test_a_refusal_is_recorded_and_changes_nothing() -> None:
    plan = _plan([purchase(7, 6)], FIVE_OF_A)
    assert (plan.batch.events, plan.batch.audit, plan.batch.levels, plan.stocks) == ([], [], {}, {})
    result = parse_result(plan.batch.commands[0].answer)
    assert (result.outcome, result.reason, result.available, result.version, result.sequence) == (
        "rejected",
        "insufficient_stock",
        5,
        1,
        41,
    )
    assert result.message == "6 wanted at main, 5 available"


def test_what_is_recorded_is_what_is_sent_byte_for_byte() -> None:
    plan = _plan([purchase(1, 2), purchase(2, 9), restock(3, 1, sku="Ä")], {**FIVE_OF_A, "Ä": Stock()})
    assert [command.answer.encode() for command in plan.batch.commands] == [
        answer.reply.body for answer in _answers(plan)
    ]


def test_a_copy_in_the_same_batch_gets_the_same_bytes_and_no_effect() -> None:
    plan = _plan([purchase(1, 3), purchase(2, 3), purchase(1, 3), purchase(2, 3)], FIVE_OF_A)
    first, second, *copies = [answer.reply.body for answer in _answers(plan)]
    assert copies == [first, second]
    assert (len(plan.batch.commands), len(plan.batch.events)) == (2, 1)


def test_a_stored_answer_is_given_again_as_it_is() -> None:
    request = _request(purchase(1, 3))
    stored = _plan([purchase(1, 3)], FIVE_OF_A).batch.commands[0].answer
    plan = _plan([purchase(1, 3)], {}, {UUID(int=1): StoredAnswer(UUID(int=1), request.digest, stored)})
    assert _answers(plan)[0].reply.body == stored.encode()
    assert (plan.batch.commands, plan.term.sequence) == ([], 40)


@pytest.mark.parametrize("second", [purchase(1, 2), restock(1, 3), purchase(1, 3, user="other")])
def test_the_same_id_for_something_else_is_a_conflict_that_is_not_recorded(second: Delivery) -> None:
    plan = _plan([purchase(1, 3), second], FIVE_OF_A)
    conflict = parse_result(_answers(plan)[1].reply.body)
    assert (conflict.outcome, conflict.reason, conflict.sequence) == ("rejected", "conflict", None)
    assert conflict.message == (
        "this command id was used before, for another command: purchase of 3 A at main by till-3; use a new id"
    )
    assert (len(plan.batch.commands), plan.stocks["A"].at("main").on_hand) == (1, 2)


def test_a_conflict_does_not_take_the_place_of_the_first_command() -> None:
    plan = _plan([purchase(1, 3), purchase(1, 2), purchase(1, 3)], FIVE_OF_A)
    assert _answers(plan)[2] == _answers(plan)[0]


def test_of_several_changes_only_the_last_is_a_stock_row() -> None:
    plan = _plan([purchase(1, 1), restock(2, 4), restock(3, 2, location="attic")], FIVE_OF_A)
    assert plan.batch.levels == {
        ("A", "main"): LevelRow("A", "main", 8, 0, 3),
        ("A", "attic"): LevelRow("A", "attic", 2, 0, 4),
    }
    assert [(row.delta, row.balance, row.version) for row in plan.batch.audit] == [(-1, 4, 2), (4, 8, 3), (2, 2, 4)]


def test_a_transfer_is_one_event_with_two_audit_rows_and_two_stock_rows() -> None:
    plan = _plan([order(7, "transfer", 3, to_location="attic")], FIVE_OF_A)
    (event,) = plan.batch.events
    assert (event.event_type, event.version) == ("StockTransferred", 2)
    assert json.loads(event.data) == {"item_id": "main", "to_item_id": "attic", "quantity": 3}
    assert [(row.location, row.delta, row.balance, row.version) for row in plan.batch.audit] == [
        ("main", -3, 2, 2),
        ("attic", 3, 3, 2),
    ]
    assert {row.event_id for row in plan.batch.audit} == {event.event_id}
    assert list(plan.batch.levels.values()) == [LevelRow("A", "main", 2, 0, 2), LevelRow("A", "attic", 3, 0, 2)]
    answer = parse_result(_answers(plan)[0].reply.body)
    assert (answer.quantity, answer.location, answer.to_location, answer.on_hand) == (3, "main", "attic", 2)


@pytest.mark.parametrize(("fields", "difference"), [({"set_to": 3}, -2), ({"difference": 4}, 4), ({"set_to": 5}, 0)])
def test_an_adjustment_answers_with_the_difference_that_it_made(fields: dict[str, Any], difference: int) -> None:
    plan = _plan([order(7, "adjust", None, reason="counted", **fields)], FIVE_OF_A)
    assert [(row.delta, row.balance, row.reason) for row in plan.batch.audit] == [
        (difference, 5 + difference, "counted")
    ]
    answer = parse_result(_answers(plan)[0].reply.body)
    assert (answer.applied, answer.quantity, answer.on_hand) == (True, difference, 5 + difference)


def test_sequence_numbers_follow_the_term_over_applied_and_refused_alike() -> None:
    plan = _plan([purchase(1, 9), purchase(2, 1), purchase(1, 9), purchase(3, 9)], FIVE_OF_A)
    assert [parse_result(command.answer).sequence for command in plan.batch.commands] == [41, 42, 43]
    assert plan.term == Term(0, 3, 43)


def test_one_timestamp_stands_for_the_whole_batch() -> None:
    plan = _plan([purchase(number, 1) for number in range(1, 4)], FIVE_OF_A)
    moments = {parse_result(command.answer).committed_at for command in plan.batch.commands}
    assert moments == {START + timedelta(milliseconds=1)}
    assert plan.batch.timestamp.replace(tzinfo=UTC) in moments


def test_planning_changes_nothing_that_it_was_given() -> None:
    stocks = dict(FIVE_OF_A)
    _plan([purchase(1, 3)], stocks)
    assert stocks == FIVE_OF_A


def test_an_unknown_reply_to_is_answered_under_a_dash() -> None:
    delivery = Delivery(purchase(1, 1).body, 1, "orders.commands.00", "partition.00")
    assert _answers(_plan([delivery], FIVE_OF_A))[0].reply.routing_key == "-.applied.purchase.A"


# Few ids and small stock, so that copies, conflicts and refusals are all common.
BATCHES = st.lists(
    st.builds(
        lambda number, kind, quantity, sku: (restock if kind else purchase)(number, quantity, sku),
        st.integers(1, 15),
        st.booleans(),
        st.integers(1, 4),
        st.sampled_from("AB"),
    ),
    max_size=40,
)


@given(BATCHES)
def test_a_batch_ends_as_a_plain_fold_says(deliveries: Sequence[Delivery]) -> None:
    plan = _plan(deliveries, {"A": Stock(), "B": Stock()})
    outcomes, on_hand = _fold(deliveries)
    assert [(answer.outcome, answer.reason) for answer in _answers(plan)] == outcomes
    assert {sku: stock.at("main").on_hand for sku, stock in plan.stocks.items()} == {
        sku: quantity for sku, quantity in on_hand.items() if sku in plan.stocks
    }
    assert all(on_hand[sku] == 0 for sku in on_hand.keys() - plan.stocks.keys())


def _fold(deliveries: Sequence[Delivery]) -> tuple[list[tuple[str, str | None]], dict[str, int]]:
    """Decide the batch once more, as plainly as can be."""
    on_hand = {"A": 0, "B": 0}
    known: dict[str, tuple[bytes, tuple[str, str | None]]] = {}
    outcomes: list[tuple[str, str | None]] = []
    for delivery in deliveries:
        fields = json.loads(delivery.body)
        body, ending = known.get(fields["command_id"], (None, None))
        if body is None or ending is None:
            delta = fields["quantity"] if fields["type"] == "restock" else -fields["quantity"]
            applied = on_hand[fields["sku"]] + delta >= 0
            on_hand[fields["sku"]] += delta if applied else 0
            ending = ("applied", None) if applied else ("rejected", "insufficient_stock")
            known[fields["command_id"]] = (delivery.body, ending)
        elif body != delivery.body:
            ending = ("rejected", "conflict")
        outcomes.append(ending)
    return outcomes, on_hand


def _plan(
    deliveries: Sequence[Delivery], stocks: Mapping[str, Stock], stored: Mapping[UUID, StoredAnswer] | None = None
) -> Plan:
    planner = Planner(TERM, stocks, stored or {}, EnvironmentTwin())
    return planner.plan([_request(delivery) for delivery in deliveries])


def _request(delivery: Delivery) -> Request:
    request = decode(delivery, 0, 1)
    assert isinstance(request, Request)
    return request


def _answers(plan: Plan) -> list[Answer]:
    return [ending for ending in plan.endings if isinstance(ending, Answer)]
