"""`python -m tests.services`, as a person or a script runs it."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.services import Services

PRINT_URLS = "import os; print(os.environ['ORDERS_AMQP_URL'], os.environ['ORDERS_DATABASE_URL'], flush=True)"
PRINT_URLS_AND_FAIL = f"{PRINT_URLS}; raise SystemExit(7)"
PRINT_URLS_AND_WAIT = f"{PRINT_URLS}; import signal; signal.pause()"


async def test_a_command_gets_a_broker_and_a_new_database_and_gives_its_status(services: Services) -> None:
    process = await _run(services, "--", sys.executable, "-c", PRINT_URLS_AND_FAIL)
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


@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)])
async def test_however_it_ends_nothing_is_left(services: Services, end: signal.Signals, status: int) -> None:
    if services.kind != "native":
        pytest.skip("shown where it is harder: on private instances")
    process = await _run(None, "--", sys.executable, "-c", PRINT_URLS_AND_WAIT)
    assert process.stdout is not None
    urls = (await process.stdout.readline()).decode().split()
    data = await _data_folder(urls[1])
    process.send_signal(end)
    await process.communicate()  # until nobody is left who could print anything
    assert process.returncode == status
    for url in urls:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    assert not data.parent.exists()


async def _run(external: Services | None, *arguments: str) -> Process:
    """Run it on the servers of this test run, or on new private instances."""
    variables = (
        {"ORDERS_SERVICES": "native"}
        if external is None
        else {"ORDERS_TEST_AMQP_URL": external.amqp_url, "ORDERS_TEST_DATABASE_URL": external.database_url}
    )
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.services", *arguments),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, **variables},
        start_new_session=True,  # as a shell does, or the process that runs this test
    )


async def _data_folder(database_url: str) -> Path:
    connection = await asyncpg.connect(database_url)
    try:
        return Path(await connection.fetchval("SHOW data_directory"))
    finally:
        await connection.close()
