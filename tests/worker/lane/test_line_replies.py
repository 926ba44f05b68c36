"""What an order hears of its lines."""

import json
from typing import Any
from uuid import UUID, uuid5

import pytest

from tests.twins.orders import QUEUE, ROUTING_KEY
from worker.domain.orders import LineAnswer, LinesAnswered, Step
from worker.lane.orders.errands import line_command_id
from worker.lane.orders.line_replies import LineReply, PassedOver, read_line_reply
from worker.lane.ports import BundleKind, Delivery

NAMESPACE = UUID("0c9c1d8a-52b5-5f0f-9a53-2f3a8d4b7e61")
ASKED = line_command_id("order:17", 2, Step.RESERVE)
TOLD = {"command_id": ASKED, "order": "order:17", "line": 2, "answers": [[3, None, None, 0]]}


def _read(**changed: Any) -> LineReply | PassedOver:
    body = json.dumps(TOLD | changed).encode()
    return read_line_reply(Delivery(body, 1, QUEUE, ROUTING_KEY, bundle=BundleKind.TOLD), 0, 1)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("name", ["order:17", "order:Bestellung 17", "order:注文-17"])
def test_the_id_of_a_line_command_is_a_uuid5(name: str, step: Step) -> None:
    for line in range(1, 50):
        assert line_command_id(name, line, step) == str(uuid5(NAMESPACE, f"{name}\x1f{line}\x1f{step}"))


@pytest.mark.parametrize(
    "answers",
    [
        [LineAnswer(3)],
        [LineAnswer(0, "insufficient_stock", "none left")],
        [LineAnswer(1), LineAnswer(2), LineAnswer(0, "failed", "a bug")],
        [LineAnswer(1), LineAnswer(0, sold=2)],
    ],
)
def test_the_answer_to_its_question_is_heard(answers: list[LineAnswer]) -> None:
    reply = _read(answers=answers)
    assert isinstance(reply, LineReply)
    assert (reply.command_id, reply.aggregate_id) == (UUID(ASKED), "order:17")
    assert reply.heard == LinesAnswered(2, tuple(answers))


def test_what_an_earlier_version_told_in_fewer_words_is_heard() -> None:
    reply = _read(answers=[[3, None, None], [0, "insufficient_stock", "none left"]])
    assert isinstance(reply, LineReply)
    assert reply.heard.answers == (LineAnswer(3), LineAnswer(0, "insufficient_stock", "none left"))


def test_what_an_earlier_version_told_to_anybody_who_had_asked_is_passed_over() -> None:
    assert isinstance(_read(question="type=reserve_line"), PassedOver)


def test_what_belongs_to_another_partition_is_passed_over() -> None:
    body = json.dumps(TOLD).encode()
    delivery = Delivery(body, 1, QUEUE, ROUTING_KEY, bundle=BundleKind.TOLD)
    heard = [partition for partition in range(16) if isinstance(read_line_reply(delivery, partition, 16), LineReply)]
    assert len(heard) == 1
