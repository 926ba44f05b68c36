"""The reservations a lane keeps in memory, so that what becomes of them costs no read."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from worker.domain import Reservation, ReservationStatus
from worker.event_store import ReservationName


class HeldReservations:
    """At most `limit` reservations that hold units, as this lane has written them; those not used for longest go first.

    Valid only within one term, as `worker.lane.stock_cache` is: no other lane can commit meanwhile.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[ReservationName, Reservation] = OrderedDict()

    def of(self, names: Iterable[ReservationName]) -> dict[ReservationName, Reservation]:
        """Return those of `names` that are here; they now count as used."""
        found = {name: self._held[name] for name in names if name in self._held}
        for name in found:
            self._held.move_to_end(name)
        return found

    def put(self, reservations: Mapping[ReservationName, Reservation]) -> None:
        """Keep those of `reservations` that hold units, and drop the others: they are hardly named again."""
        for name, reservation in reservations.items():
            self._held.pop(name, None)
            if reservation.status is ReservationStatus.HELD:
                self._held[name] = reservation
        while len(self._held) > self._limit:
            self._held.popitem(last=False)

    def forget(self, skus: Collection[str]) -> None:
        """Drop all that is known of the reservations of `skus`."""
        for name in [name for name in self._held if name[0] in skus]:
            del self._held[name]
