"""A log through `order-publisher import`, every answer noted by its line as it comes."""

import json
import re
import time
from asyncio import Event
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.demo.columns import LogColumns
from tests.demo.expectation import NO_ORDER, Verdict
from tests.demo.import_process import run_import
from tests.demo.progress import Advance

OPENING_USER = "opening"
CLOCK_RESOLUTION_SECONDS = 1e-6

_BAD_LINE = re.compile(r"^line ([0-9]+): ", re.MULTILINE)


@dataclass(slots=True)
class AnswerNotes:
    """What came back so far; `half_way` is set once half of the `expected_count` answers are there, or no more come."""

    expected_count: int
    advance: Advance
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)
    half_way: Event = field(default_factory=Event)
    longest_silence_seconds: float = 0.0
    _first_answer_seconds: float | None = None
    _last_answer_seconds: float = 0.0

    @property
    def duration_seconds(self) -> float:
        """Return the time from the first answer to the last one; never 0."""
        if self._first_answer_seconds is None:
            return CLOCK_RESOLUTION_SECONDS
        return max(self._last_answer_seconds - self._first_answer_seconds, CLOCK_RESOLUTION_SECONDS)

    def note_answer(self, result: Mapping[str, Any]) -> None:
        """Note the answer to a line."""
        self._note_time(time.monotonic())
        line = result["line"]
        self.verdicts[line] = Verdict(result["outcome"], result["reason"], result["available"])
        self.types[line] = result["type"]
        self.advance()
        if 2 * len(self.verdicts) >= self.expected_count:
            self.half_way.set()

    def _note_time(self, now_seconds: float) -> None:
        if self._first_answer_seconds is None:
            self._first_answer_seconds = self._last_answer_seconds = now_seconds
        silence_seconds = now_seconds - self._last_answer_seconds
        self.longest_silence_seconds = max(self.longest_silence_seconds, silence_seconds)
        self._last_answer_seconds = now_seconds


async def stream_log(amqp_url: str, path: Path, columns: LogColumns, notes: AnswerNotes, folder: Path) -> None:
    """Send every order of the log, and return when all are answered. Raises `ImportBroken`."""
    bad_lines = folder / "bad-lines"
    options = [*column_options(columns), f"--bad-lines={bad_lines}"]
    await run_import(amqp_url, path, ["--format=csv", *options], notes.note_answer)
    notes.half_way.set()
    for number in _BAD_LINE.findall(bad_lines.read_text(encoding="utf-8")):
        notes.verdicts[int(number)] = NO_ORDER


def column_options(columns: LogColumns) -> list[str]:
    """Return what tells `order-publisher import` the columns."""
    named = {"sku": columns.sku, "quantity": columns.quantity, "user": columns.user, "order": columns.order}
    return [f"--{field}-column={column}" for field, column in named.items() if column is not None]


async def put_in_stock(amqp_url: str, opening: Mapping[str, int], folder: Path) -> None:
    """Restock each SKU, and return when all are answered. What is refused shows in the proof. Raises `ImportBroken`."""
    log = folder / "opening-stock.jsonl"
    with log.open("w", encoding="utf-8") as file:
        for sku, quantity in opening.items():
            command = {"type": "restock", "sku": sku, "quantity": quantity, "user": OPENING_USER}
            file.write(f"{json.dumps(command)}\n")
    await run_import(amqp_url, log, [], lambda _result: None)
