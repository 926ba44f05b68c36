"""A log through `order-publisher import --orders`, every answer kept by its line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.demo.columns import LogColumns
from tests.demo.import_process import run_import
from tests.demo.streaming import AnswerNotes, column_options


@dataclass(slots=True)
class OrderNotes(AnswerNotes):
    """What came back so far, whole."""

    results: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    repeated: list[int] = field(default_factory=list)
    """Lines that were answered more than once."""

    def note_answer(self, result: Mapping[str, Any]) -> None:
        if result["line"] in self.results:
            self.repeated.append(result["line"])
        self.results[result["line"]] = result
        AnswerNotes.note_answer(self, result)


async def stream_orders(amqp_url: str, path: Path, columns: LogColumns, notes: OrderNotes, at_once: int | None) -> None:
    """Send every invoice and return, and come back when all are answered. Raises `ImportBroken`."""
    options = ["--format=csv", "--orders", "--expires-in=3600", *column_options(columns)]
    if at_once is not None:
        options.append(f"--at-once={at_once}")
    await run_import(amqp_url, path, options, notes.note_answer)
    notes.half_way.set()
