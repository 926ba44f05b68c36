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
    shop: str
    """Which database it works on."""


class Roster:
    """The workers that share the partitions, as one of them sees it.

    Workers of another shop, which should not be on the same virtual host, are
    remembered apart and never share.
    """

    def __init__(self, own_name: str, shop: str) -> None:
        self._own_name = own_name
        self._shop = shop
        self._others: set[str] = set()
        self.joined = False
        """Until it has joined, those that are joining too are counted: all settle at once then."""
        self.present = True
        """Whether this worker counts itself: not while it cannot work."""
        self.strangers: set[str] = set()
        """Members of another shop."""

    @property
    def members(self) -> frozenset[str]:
        """Return who shares the partitions."""
        return frozenset({self._own_name, *self._others} if self.present else self._others)

    @property
    def others(self) -> frozenset[str]:
        """Return the members but this one."""
        return frozenset(self._others)

    def hear(self, announcement: Announcement) -> bool:
        """Take note of `announcement`; return whether the worker that made it must be told of us.

        One that has just joined, or that we hear of for the first time, does not know us.
        """
        worker = announcement.worker
        if worker == self._own_name:
            return False
        if announcement.shop != self._shop:
            return self._hear_stranger(announcement)
        match announcement.presence:
            case Presence.JOINING:
                if not self.joined:
                    self._others.add(worker)
                return True
            case Presence.MEMBER:
                is_new = worker not in self._others
                self._others.add(worker)
                return is_new
            case Presence.LEAVING:
                self._others.discard(worker)
                return False

    def _hear_stranger(self, announcement: Announcement) -> bool:
        if announcement.presence is Presence.MEMBER:
            self.strangers.add(announcement.worker)
        # It must learn of us, and will not join.
        return announcement.presence is Presence.JOINING

    def lose(self, worker: str) -> None:
        """Take note that the broker does not know `worker` any more."""
        self._others.discard(worker)
