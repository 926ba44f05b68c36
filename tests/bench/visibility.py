"""What readers were shown, held against when it was committed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import asyncpg

from tests.bench.commit_watch import CommitWatch, Visible

PROMISED_SECONDS = 0.1

SkuVersion = tuple[str, int]

_COMMITS = """
SELECT aggregate_id, version, partition, sequence,
       extract(epoch FROM pg_xact_commit_timestamp(events.xmin))::float8 AS begun
FROM events JOIN commands USING (command_id)
"""


class Commit(NamedTuple):
    """When a version was committed, by the wall clock."""

    begun: float
    """By the database's own record, which is older than the flush."""
    visible: Visible


class Shown(NamedTuple):
    """When a version was first shown to a reader who asked all the time."""

    sku: str
    version: int
    moment: float


class Reading(NamedTuple):
    """What a reader was told, and when it had asked."""

    sku: str
    version: int
    asked: float
    elapsed_seconds: float


async def commits(database_url: str, watch: CommitWatch) -> dict[SkuVersion, Commit]:
    """Return when each version was committed. Needs `track_commit_timestamp`."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(_COMMITS)
    finally:
        await connection.close()
    return {
        (row["aggregate_id"], row["version"]): Commit(row["begun"], watch.visible(row["partition"], row["sequence"]))
        for row in rows
    }


def visible_milliseconds(shown: Iterable[Shown], committed: Mapping[SkuVersion, Commit]) -> list[float]:
    """Return how long each version was not shown though it could be seen: at least as long as it was.

    It could be seen neither before the last question that did not find it, nor before its commit began. The second
    bound counts where the question itself waited, so that it says nothing about the view.
    """
    return [
        (moment - max(commit.visible.after, commit.begun)) * 1_000
        for sku, version, moment in shown
        for commit in (committed[sku, version],)
    ]


def begun_milliseconds(shown: Iterable[Shown], committed: Mapping[SkuVersion, Commit]) -> list[float]:
    """Return the same from the moment at which the database began to commit."""
    return [(moment - committed[sku, version].begun) * 1_000 for sku, version, moment in shown]


def wrong_readings(readings: Iterable[Reading], committed: Mapping[SkuVersion, Commit]) -> int:
    """Return how many told a version that others had seen superseded for longer than promised when they were asked."""
    return sum(reading.asked - moment.before > PROMISED_SECONDS for reading, moment in _superseded(readings, committed))


def doubtful_readings(readings: Iterable[Reading], committed: Mapping[SkuVersion, Commit]) -> int:
    """Return how many may have been wrong, those that were included."""
    return sum(reading.asked - moment.after > PROMISED_SECONDS for reading, moment in _superseded(readings, committed))


def _superseded(
    readings: Iterable[Reading], committed: Mapping[SkuVersion, Commit]
) -> Iterator[tuple[Reading, Visible]]:
    for reading in readings:
        superseding = committed.get((reading.sku, reading.version + 1))
        if superseding is not None:
            yield reading, superseding.visible
