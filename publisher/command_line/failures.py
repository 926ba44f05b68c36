"""Errors as one sentence instead of a traceback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.command_line.exit_codes import ExitCode
from publisher.errors import (
    AnswerTimeout,
    BrokerRefused,
    BrokerUnavailable,
    ClientClosed,
    DatabaseUnavailable,
    InvalidInput,
    LedgerRefused,
    OrderError,
)

_CODES: dict[type[OrderError], ExitCode] = {
    AnswerTimeout: ExitCode.NO_ANSWER,
    BrokerRefused: ExitCode.UNAVAILABLE,
    BrokerUnavailable: ExitCode.UNAVAILABLE,
    ClientClosed: ExitCode.UNAVAILABLE,
    DatabaseUnavailable: ExitCode.UNAVAILABLE,
    InvalidInput: ExitCode.USAGE,
    LedgerRefused: ExitCode.REJECTED,
}


@contextmanager
def explained() -> Iterator[None]:
    """End the program with a sentence and an exit code where something went wrong."""
    try:
        yield
    except OrderError as error:
        complain(str(error))
        raise SystemExit(_code(error)) from error
    except BrokenPipeError:
        _give_up_output()
        raise SystemExit(ExitCode.OUTPUT_CLOSED) from None
    except OSError as error:
        complain(f"a file could not be read or written: {error}")
        raise SystemExit(ExitCode.USAGE) from error


def complain(sentence: str) -> None:
    """Write `sentence` to the standard error output."""
    sys.stderr.write(f"order-publisher: {sentence}\n")


def _code(error: OrderError) -> ExitCode:
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


def _give_up_output() -> None:
    # The interpreter flushes the output once more when it ends; that must not fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
