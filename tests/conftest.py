"""The servers as fixtures, and the rule that a test's loop may hide nothing."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from tests.services import Services, ServicesError, ServicesKind, prepare, provide
from tests.services.broker_names import delete_project_names
from tests.services.databases import database_name, fresh_database

# Properties are tried without a clock, since timing belongs in benchmarks.
settings.register_profile("untimed", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

PROCESSES = 3
"""Much of a test is waiting, so that three keep two cores busy; each has servers of its own."""

_process_groups: list[int] = []


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get what the servers are made from now: on a fresh machine it takes longer than a test may."""
    if not session.config.option.collectonly and any("services" in _fixtures_of(item) for item in session.items):
        _prepare()


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes share the tests, where nobody says: servers that are not ours are one set for all."""
    return 1 if _prepare() == "external" else PROCESSES


def pytest_xdist_setupnodes(specs: Sequence[object]) -> None:
    """Get what the servers are made from before there are processes that would all get it at once."""
    if _prepare() == "external" and len(specs) > 1:
        raise pytest.UsageError("servers of your own are one set: run the tests in one process")


def pytest_xdist_newgateway(gateway: Any) -> None:
    """Note a process, which will be a group of its own."""
    _process_groups.append(gateway._rinfo().pid)  # noqa: SLF001 - as xdist itself finds it out


def pytest_keyboard_interrupt() -> None:
    """Hand on what a terminal says to its own group alone."""
    for group in _process_groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGINT)


def _prepare() -> ServicesKind:
    try:
        return prepare()
    except ServicesError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Spare what is there before the first test from the collector: `strict_loop` runs it after every test."""
    gc.collect()
    gc.freeze()


def _fixtures_of(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def pytest_configure(config: pytest.Config) -> None:
    """Undo what a shell does to what it starts in the background: the programs under test would inherit it.

    One of several processes that run tests is a group of its own with all that it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        os.setpgrp()


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> Iterator[Services]:
    """RabbitMQ and PostgreSQL, started by the first test that asks, for the whole run."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        with capture.global_and_fixture_disabled():  # so that people see what they wait for
            provided = stack.enter_context(provide())
            print(f"\nservices: {provided.kind}", flush=True)
        yield provided


@pytest.fixture
async def database_url(services: Services) -> AsyncIterator[str]:
    """Give an empty database of the test's own."""
    async with fresh_database(services.database_url) as url:
        yield url


@pytest.fixture
async def migrated_database_url(services: Services, migrated_template: str) -> AsyncIterator[str]:
    """Give a database of the test's own that holds the current schema and no rows."""
    async with fresh_database(services.database_url, migrated_template) as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_template(services: Services) -> AsyncIterator[str]:
    """Give the name of a migrated database to copy: copying is faster than migrating."""
    # Here, not above: what is not about the worker's schema must not need it.
    from worker.database.migrator import migrate  # noqa: PLC0415

    async with fresh_database(services.database_url) as url:
        await migrate(url)
        yield database_name(url)


@pytest.fixture
async def amqp_url(emptied_broker: str) -> AsyncIterator[str]:
    """Give a broker that has none of the project's exchanges and queues."""
    yield emptied_broker
    await delete_project_names(emptied_broker)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def emptied_broker(services: Services) -> str:
    """Give the broker without what a shop of before has left there, where it is not ours alone."""
    await delete_project_names(services.amqp_url)
    return services.amqp_url


@pytest.fixture(autouse=True)
def _strict_loop(request: pytest.FixtureRequest) -> None:
    if pytest_asyncio.is_async_test(request.node):
        request.getfixturevalue("strict_loop")


@pytest.fixture
async def strict_loop(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fail the test if an exception in its loop reached nobody."""
    loop, unhandled = asyncio.get_running_loop(), list[str]()
    loop.set_exception_handler(
        lambda _loop, context: unhandled.append(f"{context['message']}: {context.get('exception')!r}")
    )
    # Debug mode costs a multiple; tests that keep a server busy go without.
    loop.set_debug("services" not in request.fixturenames)
    yield
    gc.collect()  # a task tells of an exception nobody asked for when it goes
    assert not unhandled, "exceptions in the loop that nobody handled"
