"""Which part of the worker a moment of CPU belongs to."""

from collections.abc import Iterable
from enum import StrEnum

Place = tuple[str, str]
"""The file and the qualified name of a function."""


class Stage(StrEnum):
    """The way of a command through the worker, in order."""

    RECEIVE = "receive"
    """Frames from the broker, commands and confirms, up to the lane's buffer."""
    DECODE = "decode"
    """Validation, partition check, digest."""
    PLAN = "plan"
    """Decide, evolve, encode the answers and the rows."""
    COMMIT = "commit"
    """The client's side of the statement."""
    PUBLISH = "publish"
    """Answers to the broker, their confirms settled."""
    ACKNOWLEDGE = "acknowledge"
    REST = "rest"
    """The event loop, metrics, the lane's own loop."""


_RULES: tuple[tuple[str, str, Stage], ...] = (
    ("worker/broker/source.py", "QueueSource.acknowledge", Stage.ACKNOWLEDGE),
    ("worker/broker/source.py", "", Stage.RECEIVE),
    ("worker/lane/bundles.py", "Bundler", Stage.PUBLISH),
    ("worker/lane/bundles.py", "", Stage.DECODE),
    ("worker/lane/decoding.py", "", Stage.DECODE),
    ("worker/lane/orders/line_replies.py", "", Stage.DECODE),
    ("worker/lane/planning.py", "", Stage.PLAN),
    ("worker/lane/answers.py", "", Stage.PLAN),
    ("worker/lane/orders/", "", Stage.PLAN),
    ("worker/lane/settling.py", "Settler._attempt", Stage.COMMIT),
    ("worker/event_store/", "", Stage.COMMIT),
    ("worker/broker/outbox.py", "", Stage.PUBLISH),
    ("publisher/broker/tapped_connection.py", "", Stage.RECEIVE),
    ("publisher/broker/delivery_tap.py", "", Stage.RECEIVE),
    ("publisher/broker/", "", Stage.PUBLISH),
    ("aiormq/connection.py", "Connection.__writer", Stage.PUBLISH),
    ("aiormq/", "", Stage.RECEIVE),
    ("asyncio/streams.py", "StreamReaderProtocol", Stage.RECEIVE),
    ("asyncpg/", "", Stage.COMMIT),
)
"""File, beginning of the name, stage. What lies between is claimed by the innermost caller that a rule names."""


def stage_of(places: Iterable[Place]) -> Stage:
    """Return the stage of a stack of calls, innermost first."""
    for file, name in places:
        for file_part, name_start, stage in _RULES:
            if file_part in file and name.startswith(name_start):
                return stage
    return Stage.REST
