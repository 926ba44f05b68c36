"""Times as operators write and read them: in UTC, and how long ago."""

import re
from datetime import UTC, datetime, timedelta

from publisher.errors import InvalidInput

_AGO = re.compile(r"^(\d{1,6})([mhd])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_moment(name: str, text: str, now: datetime) -> datetime:
    """Return what `text` means: `90m`, `2h` or `3d` ago, or a time in ISO 8601, in UTC where it names no offset."""
    ago = _AGO.match(text)
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{name}: must be a time such as 2026-01-31T02:00, in UTC unless it says otherwise, or 90m, 2h or 3d ago "
            f"(got {text!a})"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def minute_of(moment: datetime) -> str:
    """Return `2026-01-31 02:00`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def second_of(moment: datetime) -> str:
    """Return `2026-01-31 02:00:00 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def since(moment: datetime, now: datetime) -> str:
    """Return `2026-01-31 02:00:00 UTC (3 h ago)`."""
    return f"{second_of(moment)} ({ago(now - moment)})"


def ago(elapsed: timedelta) -> str:
    """Return `3 h ago`, in the largest unit of which there are two."""
    seconds = max(0, int(elapsed.total_seconds()))
    for unit, size_seconds in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size_seconds:
            return f"{seconds // size_seconds:,} {unit} ago"
    return f"{seconds} s ago"
