"""What a script can tell from the exit code."""

from enum import IntEnum

from schemas.results import Outcome


class ExitCode(IntEnum):
    """The exit codes of every verb."""

    DONE = 0
    REJECTED = 1
    USAGE = 2
    DEAD_LETTERED = 3
    NO_ANSWER = 4
    UNAVAILABLE = 5
    BAD_LINES = 6
    STOPPED = 7
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141


EPILOG = (
    "Exit codes: 0 applied or found; 1 rejected, or no such stock, or not all dead letters done as asked; 2 wrong use; "
    "3 dead-lettered; 4 no answer in time, or none stored; 5 broker or database unavailable, or it refused; "
    "6 an import with bad lines; 7 a replay that is paused or cancelled; 130 interrupted; 141 output closed. "
    "An import counts rejected orders and ends with 0."
)

_CODES = {
    Outcome.APPLIED: ExitCode.DONE,
    Outcome.REJECTED: ExitCode.REJECTED,
    Outcome.DEAD_LETTERED: ExitCode.DEAD_LETTERED,
}


def exit_code_of(outcome: Outcome) -> ExitCode:
    """Return the code that tells how one command ended."""
    return _CODES[outcome]
