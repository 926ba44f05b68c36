"""`python -m tests.services`, as a person or a script runs it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.services import Services

PRINT_URLS = "import os; print(os.environ['ORDERS_AMQP_URL'], os.environ['ORDERS_DATABASE_URL']); raise SystemExit(7)"


async def test_a_command_gets_a_broker_and_a_new_database_and_gives_its_status(services: Services) -> None:
    process = await _run(services, "--", sys.executable, "-c", PRINT_URLS)
    output, _ = await process.communicate()
    amqp_url, database_url = output.decode().split()
    assert process.returncode == 7
    assert amqp_url == services.amqp_url
    with pytest.raises(asyncpg.InvalidCatalogNameError):  # dropped when the command ended
        await asyncpg.connect(database_url)


async def test_anything_but_a_command_is_refused(services: Services) -> None:
    process = await _run(services, "order-worker")
    await process.communicate()
    assert process.returncode == 2


async def test_a_termination_leaves_nothing_running(services: Services) -> None:
    if services.kind != "native":
        pytest.skip("shown where it is harder: on private instances")
    process = await _run(None)
    assert process.stdout is not None
    urls = [(await process.stdout.readline()).decode().strip().partition("=")[2] for _ in range(2)]
    process.terminate()
    await process.communicate()
    assert process.returncode == 130
    for url in urls:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)


async def _run(external: Services | None, *arguments: str) -> Process:
    """Run it on the servers of this test run, or on new private instances."""
    variables = (
        {"ORDERS_SERVICES": "native"}
        if external is None
        else {"ORDERS_TEST_AMQP_URL": external.amqp_url, "ORDERS_TEST_DATABASE_URL": external.database_url}
    )
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services", *arguments, stdout=PIPE, stderr=PIPE, env={**os.environ, **variables}
    )
