import json
from pathlib import Path

import pytest

from tests.bench import picture, record
from tests.bench.parts import PARTS
from tests.bench.sizes import Sizes
from tests.bench_test.sections import complete_sections

CONDITIONS = {
    "date": "2026-01-01T00:00:00+00:00",
    "machine": {"processor": "a processor", "cores": 2},
    "versions": {"RabbitMQ": "4.0.5", "PostgreSQL": "17.2", "Python": "3.13.1"},
}


def test_a_run_leaves_everything_measured_and_a_picture(tmp_path: Path) -> None:
    contents = record.record(complete_sections(), Sizes(), CONDITIONS)
    record.write(contents, tmp_path)
    written = json.loads((tmp_path / record.FILE_NAME).read_text(encoding="utf-8"))
    assert written["throughput"]["commands_per_second"]["worker"]["measured"] == [9_876.0, 12_345.6, 11_111.0]
    assert written["sizes"]["history_commands"] == 5_000_000
    assert {goal["met"] for goal in written["goals"]} == {True, False}
    assert picture.missing_parts(written) == []
    picture.draw(written, tmp_path)
    assert (tmp_path / picture.FILE_NAME).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("part", picture.PARTS)
def test_a_run_without_a_part_that_the_picture_shows_says_which(part: str) -> None:
    sections = {name: section for name, section in complete_sections().items() if name != part}
    assert picture.missing_parts(record.record(sections, Sizes(), CONDITIONS)) == [part]


def test_the_picture_shows_parts_that_there_are() -> None:
    assert set(picture.PARTS) <= set(PARTS)
