import pytest

from tests.bench.samples import (
    Sample,
    Spread,
    commands_per_second,
    cpu_microseconds_per_command,
    percentile,
    working,
)

RUN = [
    Sample(seconds=0.0, answered=0, cpu_seconds=0.5, resident_bytes=10),
    Sample(seconds=1.0, answered=100, cpu_seconds=1.0, resident_bytes=20),
    Sample(seconds=2.0, answered=400, cpu_seconds=1.2, resident_bytes=30),
    Sample(seconds=3.0, answered=1_100, cpu_seconds=1.5, resident_bytes=25),
]


def test_starting_up_is_not_measured() -> None:
    assert working(RUN) == RUN[1:]


def test_the_rate_is_from_the_first_answer_to_the_last() -> None:
    assert commands_per_second(RUN) == 500


def test_the_cpu_is_of_the_same_time() -> None:
    assert cpu_microseconds_per_command(RUN) == pytest.approx(500)


@pytest.mark.parametrize("samples", [[], RUN[:2]])
def test_a_backlog_that_was_over_at_once_gives_no_rate(samples: list[Sample]) -> None:
    with pytest.raises(ValueError, match="must be larger"):
        commands_per_second(samples)


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (1, 1), (50, 50), (99, 99), (100, 100)])
def test_a_percentile_is_a_measured_value(percent: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), percent) == expected


def test_a_spread_keeps_everything_measured() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(median=2.0, least=1.0, most=3.0, measured=(3.0, 1.0, 2.0))
