from typing import Literal

import pytest

from tests.bench.report import LINE_CHARACTERS, Goal, Section, rendered
from tests.bench_test.sections import complete_sections


@pytest.mark.parametrize(
    ("kind", "measured", "met"),
    [("at least", 2.2, True), ("at least", 2.1, False), ("at most", 2.2, True), ("at most", 2.3, False)],
)
def test_a_goal_is_met_up_to_its_limit(kind: Literal["at least", "at most"], measured: float, *, met: bool) -> None:
    assert Goal("ratio", measured, kind, 2.2, "times").met is met


@pytest.mark.parametrize("section", complete_sections().values(), ids=lambda section: section.title)
def test_every_section_fits_a_terminal(section: Section) -> None:
    assert max(map(len, rendered(section).splitlines())) <= LINE_CHARACTERS


def test_a_missed_goal_shows() -> None:
    assert "NOT MET" in rendered(complete_sections()["throughput"])


def test_memory_grows_only_after_every_sku_was_touched() -> None:
    figures = complete_sections()["memory"].figures
    assert figures["peak_megabytes"] == figures["touched_megabytes"] == 99.0
