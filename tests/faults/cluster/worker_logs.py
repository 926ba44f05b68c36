"""What the workers' logs say: who claimed which partition when, how many commands came again, and what crashed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Claim:
    """One new term."""

    at: float
    seat: int
    partition: int
    epoch: int


def claims(logs: Iterable[tuple[int, Path]]) -> list[Claim]:
    """Return every claim in the logs of these seats, the earliest first."""
    found = [
        Claim(datetime.fromisoformat(record["timestamp"]).timestamp(), seat, record["partition"], record["epoch"])
        for seat, log in logs
        for record in _records(log, "lane.claimed")
    ]
    return sorted(found, key=lambda claim: claim.at)


def takeover_seconds(found: list[Claim], seat: int, died_at: float, within_seconds: float) -> list[float]:
    """Return how long after its owner's death at `seat` each partition had a new one elsewhere.

    Of partitions that nobody claimed `within_seconds`, nothing is known: no command may have come for them.
    """
    last: dict[int, Claim] = {}
    for claim in found:
        if claim.at < died_at:
            last[claim.partition] = claim
    orphans = {claim.partition for claim in last.values() if claim.seat == seat}
    taken: dict[int, float] = {}
    for claim in found:
        if claim.partition in orphans and 0 <= claim.at - died_at <= within_seconds:
            taken.setdefault(claim.partition, claim.at - died_at)
    return list(taken.values())


def redelivery_count(logs: Iterable[Path]) -> int:
    """Return how many commands came to a lane that had been delivered before."""
    return sum(record["count"] for log in logs for record in _records(log, "lane.redelivered"))


def crash_count(logs: Iterable[Path]) -> int:
    """Return how often something in a worker ended by a bug."""
    return sum(1 for log in logs for _ in _records(log, "consumer.crashed"))


def _records(log: Path, event: str) -> Iterable[dict[str, Any]]:
    for line in log.read_text(errors="replace").splitlines():
        if f'"{event}"' in line:
            try:
                yield json.loads(line)
            except ValueError:
                continue  # cut short by the death of its writer
