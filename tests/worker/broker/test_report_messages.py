"""Reports survive their way, and go nowhere else."""

import json
from datetime import UTC, datetime

import pytest

from worker.broker.report_messages import report_body, report_of, report_request, requested_queue
from worker.ownership import LaneError, LaneReport, WorkerReport

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
REPORT = WorkerReport(
    worker="one.1a2b3c4d",
    name="one",
    shop="2026-07-01T11:00:00.000001",
    joined_at=NOON,
    members=("one.1a2b3c4d", "two.1a2b3c4d"),
    lanes=(
        LaneReport(0, NOON, leaving=False, epoch=None, held=0, oldest_seconds=None, last_error=None),
        LaneReport(7, NOON, leaving=True, epoch=3, held=5, oldest_seconds=0.5, last_error=LaneError(NOON, "no room ü")),
    ),
    database_away=False,
)


def test_a_report_is_read_as_it_was_written() -> None:
    assert report_of(report_body(REPORT)) == REPORT


def test_what_a_newer_worker_says_besides_is_left_out() -> None:
    assert report_of(json.dumps({**json.loads(report_body(REPORT)), "mood": "good"}).encode()) == REPORT


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"worker": 5}', b"\xff"])
def test_what_is_no_report_is_none(body: bytes) -> None:
    assert report_of(body) is None


def test_a_request_names_its_queue() -> None:
    assert requested_queue(report_request("orders.status.1a2b")) == "orders.status.1a2b"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b"7", report_request("orders.commands.03"), b'{"report_to": ["orders.status."]}'],
)
def test_nothing_else_makes_a_worker_write_anywhere(body: bytes) -> None:
    assert requested_queue(body) is None
