from pathlib import Path

import pytest

from tests.bench.options import PUBLISHED, parse
from tests.bench.parts import PARTS
from tests.bench.sizes import QUICK


def test_a_complete_run_is_published() -> None:
    options = parse([])
    assert (options.parts, options.output) == (tuple(PARTS), PUBLISHED)


@pytest.mark.parametrize("arguments", [["--quick"], ["--only", "latency"], ["--history", "1000"]])
def test_anything_less_is_only_printed(arguments: list[str]) -> None:
    assert parse(arguments).output is None


def test_parts_run_in_their_own_order() -> None:
    assert parse(["--only", "memory,throughput"]).parts == ("throughput", "memory")


def test_an_unknown_part_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--only", "speed"])
    assert "no part speed; there are throughput" in capsys.readouterr().err


def test_sizes_can_be_chosen_one_by_one() -> None:
    options = parse(["--quick", "--history", "1000", "--rounds", "7", "--output", "here"])
    assert (options.sizes.history_commands, options.sizes.rounds) == (1_000, 7)
    assert options.sizes.backlog_commands == QUICK.backlog_commands
    assert options.output == Path("here")
