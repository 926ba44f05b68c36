"""What is sent when workers are asked for reports, and what they answer.

Reports go only to queues of one prefix: who may ask cannot have anything else
written to by a worker.
"""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from worker.ownership import WorkerReport

REPORT_QUEUE_PREFIX = "orders.status."

_REPORT = TypeAdapter(WorkerReport)


def report_request(queue: str) -> bytes:
    """Return the message that asks for reports to `queue`."""
    return json.dumps({"report_to": queue}).encode()


def requested_queue(body: bytes) -> str | None:
    """Return the queue that a report is asked for to, or None: `body` is something else."""
    try:
        fields: Any = json.loads(body)
        queue = fields["report_to"]
    except (ValueError, KeyError, TypeError):
        return None
    return queue if isinstance(queue, str) and queue.startswith(REPORT_QUEUE_PREFIX) else None


def report_body(report: WorkerReport) -> bytes:
    """Return `report` as it is sent."""
    return _REPORT.dump_json(report)


def report_of(body: bytes) -> WorkerReport | None:
    """Return the report that `body` is, or None: a worker of another version may say it otherwise."""
    try:
        return _REPORT.validate_json(body)
    except ValidationError:
        return None
