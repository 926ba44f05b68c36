"""Exit codes, and errors as one sentence instead of a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import asyncpg
from pydantic import ValidationError

from publisher.errors import BrokerUnavailable
from worker.broker.errors import TopologyMismatch
from worker.database.errors import SchemaError
from worker.service.http import PortTaken
from worker.service.share import OtherShop


class ExitCode(IntEnum):
    """What a script can tell from the exit code."""

    DONE = 0
    FINDING = 1
    """`verify` found a difference, `status` a problem, or `rebuild` a SKU that it cannot fold."""
    USAGE = 2
    UNAVAILABLE = 5
    """The broker or the database could not be reached, or refused the login; or the HTTP port is taken."""
    MISMATCH = 6
    """The schema, the topology or the partition count does not fit this program, or another shop is at work there."""


_FLAGS = {"partition_count": "partitions"}
"""Settings whose flag has another name."""


@contextmanager
def explained() -> Iterator[None]:
    """End the program with a sentence and an exit code where an operator must act."""
    try:
        yield
    except ValidationError as error:
        _end(ExitCode.USAGE, *(_setting(item["loc"], item["msg"]) for item in error.errors()))
    except (SchemaError, TopologyMismatch, OtherShop) as error:
        _end(ExitCode.MISMATCH, str(error))
    except (BrokerUnavailable, PortTaken) as error:
        _end(ExitCode.UNAVAILABLE, str(error))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        _end(ExitCode.UNAVAILABLE, f"database: {str(error) or type(error).__name__}")


def _setting(place: tuple[int | str, ...], message: str) -> str:
    name = _FLAGS.get(str(place[0]), str(place[0]))
    return f"--{name.replace('_', '-')}: {message.removeprefix('Value error, ')}"


def _end(code: ExitCode, *sentences: str) -> None:
    for sentence in sentences:
        sys.stderr.write(f"order-worker: {sentence}\n")
    raise SystemExit(code)
