"""From the files of a soak to figures over time."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.soak.misfortune import MORTAL, SURVIVOR

SAMPLES_FILE = "samples.jsonl"
CLIENT_FILE = "client.jsonl"
FAULTS_FILE = "faults.jsonl"

MEGABYTE_BYTES = 1_000_000
Note = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """One figure: when, in seconds from the beginning, and how much."""

    name: str
    unit: str
    points: list[tuple[float, float]]


def notes(path: Path, since: float = -math.inf, until: float = math.inf) -> list[Note]:
    """Return the lines of a file that were written within a time."""
    with path.open(encoding="utf-8") as file:
        return [note for note in map(json.loads, file) if since <= note["at"] <= until]


def series_of(samples: list[Note], client: list[Note], since: float) -> dict[str, Series]:
    """Return every figure by name."""
    workers = {"survivor": SURVIVOR, "mortal": MORTAL}
    found = [
        *(
            _of(f"memory of the {name}", "MB", _held(samples, seat, since, "resident_bytes", MEGABYTE_BYTES))
            for name, seat in workers.items()
        ),
        *(
            _of(f"descriptors of the {name}", "", _held(samples, seat, since, "descriptors", 1))
            for name, seat in workers.items()
        ),
        _of("dead rows for 100 live ones", "", _shares(samples, since, "dead_rows", "live_rows", 100)),
        _of("index bytes per command", "B", _shares(samples, since, "index_bytes", "commands", 1)),
        _of("table bytes per command", "B", _shares(samples, since, "table_bytes", "commands", 1)),
        _of("age of the oldest command", "s", ((note["at"] - since, note["oldest_seconds"]) for note in client)),
        _of("commands on their way", "", ((note["at"] - since, note["unanswered"]) for note in client)),
        _of("answers per second", "", _rates(client, since)),
    ]
    return {each.name: each for each in found}


def _of(name: str, unit: str, points: Iterator[tuple[float, float]]) -> Series:
    return Series(name, unit, [(round(seconds, 2), round(float(value), 4)) for seconds, value in points])


def _held(samples: list[Note], seat: int, since: float, what: str, divisor: int) -> Iterator[tuple[float, float]]:
    for note in samples:
        if note["workers"][seat] is not None:
            yield note["at"] - since, note["workers"][seat][what] / divisor


def _shares(samples: list[Note], since: float, what: str, of: str, times: int) -> Iterator[tuple[float, float]]:
    for note in samples:
        if note["database"] is not None and note["database"][of]:
            yield note["at"] - since, times * (note["database"][what] or 0) / note["database"][of]


def _rates(client: list[Note], since: float) -> Iterator[tuple[float, float]]:
    for earlier, later in pairwise(client):
        elapsed_seconds = later["at"] - earlier["at"]
        if elapsed_seconds > 0:
            yield later["at"] - since, (later["answered"] - earlier["answered"]) / elapsed_seconds
