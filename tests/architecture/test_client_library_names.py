"""`confirmed_channel` reaches into aiormq's channel: what it relies on must be there."""

import ast
import inspect
from collections.abc import Iterator

import aio_pika.abc
import aiormq
import pytest

import publisher.broker.confirmed_channel

SOURCE = inspect.getsource(publisher.broker.confirmed_channel)


def _relied_on() -> set[str]:
    """Return every attribute that the module takes from `channel` or `self._channel`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"channel", "self._channel"}
    }


def _offered() -> Iterator[str]:
    """Yield every attribute of the class, and of its instances, from its source and that of its bases."""
    for base in (*aiormq.Channel.__mro__, aio_pika.abc.AbstractChannel):
        yield from vars(base)
        yield from getattr(base, "__annotations__", {})
        if base is not object and base.__module__.startswith("aiormq"):
            tree = ast.parse(inspect.getsource(base))
            yield from (
                node.attr
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
            )


def test_the_module_relies_on_something() -> None:
    assert "_on_confirm_frame" in _relied_on()


@pytest.mark.parametrize("name", sorted(_relied_on()))
def test_the_installed_version_has_it(name: str) -> None:
    assert name in set(_offered())


def test_confirms_are_still_handed_to_the_method_that_is_replaced() -> None:
    parameters = inspect.signature(aiormq.Channel._on_confirm_frame).parameters  # noqa: SLF001
    assert list(parameters) == ["self", "frame"]
    assert "self._on_confirm_frame" in inspect.getsource(aiormq.channel)
