"""Who is there, from what was heard and whom the broker still knows."""

from dataclasses import dataclass
from enum import StrEnum


class Presence(StrEnum):
    """What a worker says of itself."""

    JOINING = "joining"
    """Here, with no partitions yet; tell me who else is."""

    MEMBER = "member"
    """Here, and ready for its share."""

    LEAVING = "leaving"
    """Finishing what it has; take over its share."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one worker has said."""

    worker: str
    presence: Presence


class Roster:
    """The workers that share the partitions, as one of them sees it. It always counts itself."""

    def __init__(self, own_name: str) -> None:
        self._own_name = own_name
        self._others: set[str] = set()

    @property
    def members(self) -> frozenset[str]:
        """Return who shares the partitions."""
        return frozenset({self._own_name, *self._others})

    @property
    def others(self) -> frozenset[str]:
        """Return the members but this one."""
        return frozenset(self._others)

    def hear(self, announcement: Announcement) -> bool:
        """Take note of `announcement`; return whether the worker that made it must be told of us.

        One that has just joined, or that we hear of for the first time, does not know us.
        """
        if announcement.worker == self._own_name:
            return False
        match announcement.presence:
            case Presence.JOINING:
                return True
            case Presence.MEMBER:
                is_new = announcement.worker not in self._others
                self._others.add(announcement.worker)
                return is_new
            case Presence.LEAVING:
                self._others.discard(announcement.worker)
                return False

    def lose(self, worker: str) -> None:
        """Take note that the broker does not know `worker` any more."""
        self._others.discard(worker)
