from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import QUANTITY_LIMIT
from schemas.order_commands import LINES_LIMIT
from schemas.partitions import partition_of
from schemas.results import Outcome, Result, encode_result
from schemas.texts import (
    LOCATION_LIMIT_CHARACTERS,
    ORDER_ID_LIMIT_CHARACTERS,
    ORDER_PREFIX,
    REASON_LIMIT_CHARACTERS,
    SKU_LIMIT_BYTES,
    USER_LIMIT_CHARACTERS,
)
from worker.domain.orders import Errand, Line, Order, Step
from worker.event_store import StoredAnswer
from worker.lane.answers import conflicting
from worker.lane.bundles import (
    BUNDLE_LIMIT_MESSAGES,
    MESSAGE_LIMIT_BYTES,
    Bundler,
    last_ended,
    message_count,
    unbundled,
)
from worker.lane.decoding import Request
from worker.lane.lane import BATCH_LIMIT_COMMANDS
from worker.lane.orders.errands import LEG_LIMIT_LINES, command_of
from worker.lane.orders.legs import ReserveLineOnLeg, parse_line_command
from worker.lane.ports import Bundle, BundleKind, Delivery

PARTITION_COUNT = 4


def _delivered(bundle: Bundle) -> Delivery:
    return Delivery(bundle.body, 7, "orders.commands.00", "partition.00", redelivered=True, bundle=bundle.kind)


@given(st.lists(st.sampled_from(["A", "B", "C", "D", "E"]), max_size=5 * BUNDLE_LIMIT_MESSAGES))
def test_every_message_arrives_once_at_its_lane_and_in_order(skus: list[str]) -> None:
    bundler = Bundler(BundleKind.ASKED, PARTITION_COUNT)
    for number, sku in enumerate(skus):
        bundler.add(sku, f"{sku}{number}".encode())
    arrived: dict[int, list[bytes]] = {}
    for bundle in bundler.bundles():
        messages = unbundled(_delivered(bundle))
        assert 0 < len(messages) <= BUNDLE_LIMIT_MESSAGES
        assert len(messages) == message_count(_delivered(bundle))
        arrived.setdefault(bundle.partition, []).extend(message.body for message in messages)
    sent: dict[int, list[bytes]] = {}
    for number, sku in enumerate(skus):
        sent.setdefault(partition_of(sku, PARTITION_COUNT), []).append(f"{sku}{number}".encode())
    assert arrived == sent


def test_a_message_of_a_bundle_keeps_where_it_came_from() -> None:
    bundler = Bundler(BundleKind.TOLD, PARTITION_COUNT)
    command_id = "00000000-0000-5000-8000-000000000002"
    told = b'{"message":"\\"command_id\\":\\"me\\"","command_id":"%s"}' % command_id.encode()
    bundler.add("order:1", b"one")
    bundler.add("order:1", told)
    (bundle,) = bundler.bundles()
    first, second = unbundled(_delivered(bundle))
    assert (first.body, first.correlation_id) == (b"one", None)
    assert second == Delivery(
        told,
        7,
        "orders.commands.00",
        "partition.00",
        redelivered=True,
        correlation_id=command_id,
        content_type="application/json",
        bundle=BundleKind.TOLD,
    )


@pytest.mark.parametrize(
    ("tags", "start", "stop", "ended"),
    [
        ([1, 2, 3], 0, 3, 3),
        ([1, 2, 3], 0, 2, 2),
        ([1, 2, 2, 2], 0, 2, 1),
        ([1, 2, 2, 2], 2, 3, None),
        ([1, 2, 2, 2], 3, 4, 2),
        ([0, 1, 1, 2, 3, 3], 1, 5, 2),
    ],
)
def test_a_bundle_is_acknowledged_with_its_last_message(
    tags: list[int], start: int, stop: int, ended: int | None
) -> None:
    messages = [Delivery(b"{}", tag, "orders.commands.00", "partition.00") for tag in tags]
    last = last_ended(messages, start, stop)
    assert (None if last is None else last.tag) == ended


@pytest.mark.parametrize("body", [b"", b"{}", b"two\nlines"])
def test_a_command_of_anybody_is_one_message(body: bytes) -> None:
    delivery = Delivery(body, 7, "orders.commands.00", "partition.00")
    assert unbundled(delivery) == [delivery]
    assert message_count(delivery) == 1


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("letter", ["x", "\\", "\u00e9", "\U0001f4e6"])
def test_the_longest_command_about_a_line_fits(step: Step, letter: str) -> None:
    wide = len(letter.encode())
    order_id = letter * min(ORDER_ID_LIMIT_CHARACTERS, (SKU_LIMIT_BYTES - len(ORDER_PREFIX)) // wide)
    line = Line(letter * (SKU_LIMIT_BYTES // wide), letter * LOCATION_LIMIT_CHARACTERS, QUANTITY_LIMIT)
    order = Order(
        version=1,
        command_id=UUID(int=1),
        user=letter * USER_LIMIT_CHARACTERS,
        reason=letter * REASON_LIMIT_CHARACTERS,
        lines=(line,) * LINES_LIMIT,
        allow_partial=True,
        deadline=datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
        reply_tos=(None,),
    )
    body = command_of(f"{ORDER_PREFIX}{order_id}", order, Errand(step, LINES_LIMIT - LEG_LIMIT_LINES)).body
    for _ in range(LEG_LIMIT_LINES if step is Step.RESERVE else 1):
        assert len(body) <= MESSAGE_LIMIT_BYTES
        command = parse_line_command(body)
        assert (command.aggregate_id, command.order_id, command.reason) == (line.sku, order_id, order.reason)
        if isinstance(command, ReserveLineOnLeg):
            assert (command.quantity, command.not_after) == (QUANTITY_LIMIT, order.deadline)
            body = _after_a_conflict(command)


def _after_a_conflict(command: ReserveLineOnLeg) -> bytes:
    """Return what follows from the refusal that takes the most words."""
    request = Request(Delivery(b"", 1, "", ""), command, b"", command.user)
    stored = Result(
        outcome=Outcome.APPLIED,
        reason=None,
        message=None,
        **command.model_dump(include={"command_id", "type", "sku", "location", "quantity", "user"}),
    )
    follows = conflicting(request, StoredAnswer(command.command_id, b"", encode_result(stored).decode())).onward
    assert follows is not None
    return follows.body


def test_a_bundle_makes_a_batch_a_quarter_longer_at_most() -> None:
    assert 4 * BUNDLE_LIMIT_MESSAGES <= BATCH_LIMIT_COMMANDS
