import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiormq.connection import Connection, FrameReceiver
from pamqp import frame

from publisher.broker.confirmed_channel import ConfirmedChannel
from tests.bench.cpu_stages import section
from tests.bench.sampler import StageSampler, places
from tests.bench.stages import Place, Stage, stage_of
from worker.broker.source import QueueSource
from worker.lane import decoding
from worker.lane.planning import Planner

LOOP: Place = (asyncio.runners.__file__, "Runner.run")


def place(function: Callable[..., Any]) -> Place:
    code = inspect.unwrap(function).__code__
    return code.co_filename, code.co_qualname


# The client library's own loop; that it is still called so is what the test is about.
WRITER = place(Connection._Connection__writer)  # type: ignore[attr-defined]  # noqa: SLF001


@pytest.mark.parametrize(
    ("stack", "stage"),
    [
        ([place(frame.unmarshal), place(FrameReceiver.get_frame), LOOP], Stage.RECEIVE),
        ([place(asyncio.StreamReaderProtocol.data_received), LOOP], Stage.RECEIVE),
        ([place(QueueSource.take), LOOP], Stage.RECEIVE),
        ([place(decoding.decode), LOOP], Stage.DECODE),
        ([place(decoding.digest_of), place(decoding.decode), LOOP], Stage.DECODE),
        ([place(Planner.plan), LOOP], Stage.PLAN),
        ([place(frame.marshal), place(ConfirmedChannel.publish), LOOP], Stage.PUBLISH),
        ([place(asyncio.StreamWriter.write), WRITER, LOOP], Stage.PUBLISH),
        ([place(frame.marshal), place(QueueSource.acknowledge), LOOP], Stage.ACKNOWLEDGE),
        ([LOOP], Stage.REST),
        ([], Stage.REST),
    ],
)
def test_a_moment_belongs_to_the_innermost_stage(stack: list[Place], stage: Stage) -> None:
    assert stage_of(stack) is stage


def test_places_are_listed_from_the_innermost_call() -> None:
    names = [name for _, name in places(inspect.currentframe())]
    assert names[0] == "test_places_are_listed_from_the_innermost_call"


def test_the_sampler_counts_cpu_not_waiting() -> None:
    with StageSampler() as sampler:
        time.sleep(0.05)
        asleep = sum(sampler.counts.values())
        deadline_seconds = time.process_time() + 0.1
        while time.process_time() < deadline_seconds:
            pass
    assert asleep <= 1
    assert sum(sampler.counts.values()) > 5


def test_stages_add_up_to_the_process() -> None:
    figures = section(120.0, {"receive": 5, "plan": 15, "rest": 20}).figures
    assert figures["stage_microseconds"]["plan"] == 45.0
    assert sum(figures["stage_microseconds"].values()) == pytest.approx(120.0)
