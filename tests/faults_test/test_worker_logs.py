"""How long a partition had no owner, and what came again, from the workers' logs."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.cluster.worker_logs import claims, crash_count, redelivery_count, takeover_seconds


def _claimed(at: float, partition: int) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat()
    return json.dumps({"event": "lane.claimed", "timestamp": moment, "partition": partition, "epoch": 1})


@pytest.fixture
def logs(tmp_path: Path) -> list[tuple[int, Path]]:
    first, second = tmp_path / "worker-0.log", tmp_path / "worker-1.log"
    lines = [_claimed(100, 1), _claimed(100, 2), _claimed(100, 3), '{"event": "lane.claimed", "timest']
    first.write_text("\n".join(lines))
    again = json.dumps({"event": "lane.redelivered", "count": 7})
    second.write_text("\n".join([_claimed(101, 3), again, _claimed(200.5, 1), _claimed(203, 1), _claimed(290, 2)]))
    return [(0, first), (1, second)]


def test_a_takeover_lasts_until_the_next_owner_claims(logs: list[tuple[int, Path]]) -> None:
    # Partition 3 was another's by then, and nobody came for partition 2 in time.
    assert takeover_seconds(claims(logs), seat=0, died_at=200, within_seconds=15) == [pytest.approx(0.5)]


def test_what_came_again_is_counted(logs: list[tuple[int, Path]]) -> None:
    assert redelivery_count(log for _, log in logs) == 7


def test_what_ended_by_a_bug_is_counted(logs: list[tuple[int, Path]]) -> None:
    paths = [log for _, log in logs]
    assert crash_count(paths) == 0
    with paths[0].open("a") as file:
        file.write("\n" + json.dumps({"event": "consumer.crashed", "exception": "AttributeError"}))
    assert crash_count(paths) == 1
