"""What a process has used and holds, from outside: `/proc`.

Each raises `ProcessGone` where the process has ended.
"""

import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class ProcessGone(Exception):
    """There is no such process any more."""


def cpu_seconds(pid: int) -> float:
    """Return the CPU it has used so far, in user and in system mode."""
    # The second field is the program's name in parentheses, and may hold anything but the last one.
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def resident_bytes(pid: int) -> int:
    """Return the memory that is its own or shared with others, and in RAM."""
    return int(_read(pid, "statm").split()[1]) * _PAGE_BYTES


def descriptor_count(pid: int) -> int:
    """Return how many files and sockets it has open."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessGone from error


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessGone from error
