"""What the acceptance tests stand on: a Docker engine, and the composed service."""

from collections.abc import Iterator

import pytest

from tests.acceptance.stack import Stack
from tests.services.containers import engine_answers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process, with one stack; skip them, and only them, where there is no engine."""
    needy = [item for item in items if item.get_closest_marker("docker")]
    for item in needy:
        item.add_marker(pytest.mark.xdist_group("docker"))
    if needy and not engine_answers():
        for item in needy:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Give the composed service with three workers, built from this source."""
    with Stack.up(workers=3) as stack:
        yield stack
