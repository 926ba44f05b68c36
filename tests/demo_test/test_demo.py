"""The demo as a user runs it, on the servers of the test run, with a log small enough for a test."""

import os
import re
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.demo.__main__ import INTERRUPTED
from tests.services import Services

Start = Callable[..., Coroutine[Any, Any, Process]]

pytestmark = pytest.mark.usefixtures("amqp_url")  # the demo finds none of the project's queues, and leaves none


@pytest.fixture
async def start_demo(services: Services) -> AsyncIterator[Start]:
    """Give what starts a demo; kill those that are left at the end."""
    environment = {
        **os.environ,
        "ORDERS_TEST_AMQP_URL": services.amqp_url,
        "ORDERS_TEST_DATABASE_URL": services.database_url,
    }
    started: list[Process] = []

    async def start(*arguments: str) -> Process:
        command = [sys.executable, "-m", "tests.demo", *arguments]
        started.append(await create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=STDOUT))
        return started[-1]

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def output_of(process: Process) -> str:
    said, _ = await process.communicate()
    return said.decode()


async def test_the_stock_is_proven_through_the_death_of_a_worker(start_demo: Start) -> None:
    process = await start_demo("--lines", "3000", "--seed", "7")
    said = await output_of(process)
    assert process.returncode == 0, said
    assert "is killed with SIGKILL" in said
    assert "rejected: insufficient_stock" in said
    assert said.count("equal") == 5
    assert "Nothing was lost" in said
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 80


async def test_a_log_of_ones_own_is_streamed_and_its_bad_lines_are_counted(start_demo: Start, tmp_path: Path) -> None:
    log = tmp_path / "own.csv"
    log.write_text("article,units\nA,10\nA,zero\nb,3\nB,-4\nB,4\n" + "A,1\n" * 40)
    process = await start_demo("--log", str(log), "--sku-column", "article", "--quantity-column", "units")
    said = await output_of(process)
    assert process.returncode == 0, said
    assert re.search(r"lines not an order +1\b", said)


@pytest.mark.parametrize(("option", "checks"), [("--orders", 5), ("--at-once=1", 6)])
async def test_whole_orders_are_proven_through_the_death_of_a_worker(
    start_demo: Start, option: str, checks: int
) -> None:
    process = await start_demo("--lines", "300", "--seed", "7", option)
    said = await output_of(process)
    assert process.returncode == 0, said
    assert "is killed with SIGKILL" in said
    assert "place_orders rejected: insufficient_stock" in said
    assert said.count("equal") == checks
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 80


async def test_a_log_that_cannot_be_read_starts_nothing(start_demo: Start, tmp_path: Path) -> None:
    log = tmp_path / "own.csv"
    log.write_text("article,units\nA,10\n")
    process = await start_demo("--log", str(log))
    said = await output_of(process)
    assert process.returncode == 1
    assert "no column StockCode" in said
    assert "RabbitMQ" not in said


async def test_terminated_it_leaves_no_worker(start_demo: Start) -> None:
    process = await start_demo()
    assert process.stdout is not None
    worker = None
    async for line in process.stdout:
        if working := re.search(rb"process (\d+) is at work", line):
            worker = int(working[1])
            break
    assert worker is not None
    process.terminate()
    said = await output_of(process)
    assert process.returncode == INTERRUPTED, said
    assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
