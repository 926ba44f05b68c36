"""A soak of seconds: everything is measured and drawn, and nobody is left without an answer."""

import json
from pathlib import Path

import pytest

from tests.services import Services
from tests.soak.__main__ import soaked_section
from tests.soak.flatness import LIMITS
from tests.soak.options import Options

pytestmark = pytest.mark.timeout(400)  # half a minute; the machine may be busy

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


async def test_a_short_soak_measures_and_draws_everything(services: Services, tmp_path: Path) -> None:
    options = Options(
        seed=5,
        folder=tmp_path / "soak",
        minutes=0.2,
        fault_every_seconds=4.0,
        opening_skus=500,
        warm_up_seconds=2.0,
        limit_seconds=4.0,
    )
    result = await soaked_section(options, services)
    goals = {goal.name: goal for goal in result.goals}
    assert {f"growth of {name}" for name in LIMITS} < goals.keys()
    assert goals["commands without an answer"].measured == 0
    told = json.loads((options.folder / "soak.json").read_text())
    assert told["commands"] > 0
    assert told["pace_per_second"] == pytest.approx(0.7 * told["limit_per_second"], rel=0.01)
    assert sum(told["faults"].values()) >= 1
    assert (options.folder / "soak.png").read_bytes().startswith(PNG_SIGNATURE)
