"""What can go wrong before a test has even begun.

ServicesError           the servers cannot be provided; the message says what to do
└─ ServerStartError     one server did not come up; the message ends with its log
"""

from pathlib import Path

LOG_TAIL_CHARACTERS = 3000
"""Enough of a server's log to see the cause, little enough to read in a terminal."""


class ServicesError(Exception):
    """The servers cannot be provided."""


class ServerStartError(ServicesError):
    """A server ended, or stayed silent, instead of starting."""

    def __init__(self, server: str, what_happened: str, log: str) -> None:
        super().__init__(f"{server} {what_happened}. The end of its log:\n{log[-LOG_TAIL_CHARACTERS:]}")


def log_text(path: Path) -> str:
    """Return what a server has logged so far, in whatever encoding it took."""
    return path.read_text(errors="replace") if path.exists() else "(it logged nothing)"
