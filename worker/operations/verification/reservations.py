"""The reservations of one SKU, folded, against which their rows are compared. Memory holds those of one SKU."""

from collections.abc import Iterator

from worker import domain
from worker.event_store import ReservationRow
from worker.lane.row_codec import reservation_row
from worker.operations.verification.difference import Difference


class ReservationFold:
    """Every reservation that the events of one SKU began."""

    def __init__(self, sku: str) -> None:
        self._sku = sku
        self._folded: dict[str, tuple[domain.Reservation, int]] = {}

    def get(self, reservation_id: str | None) -> domain.Reservation | None:
        """Return a reservation as it stands; None where there never was one."""
        found = None if reservation_id is None else self._folded.get(reservation_id)
        return None if found is None else found[0]

    def apply(self, event: domain.ReservationEvent, version: int) -> Iterator[Difference]:
        """Move on by `event`; yield what is wrong with it."""
        before, _ = self._folded.get(event.reservation_id, (None, 0))
        try:
            after = domain.evolve_reservation(before, event)
        except ValueError as error:
            yield Difference(self._sku, "reservation", f"version {version}: {error}")
            return
        self._folded[event.reservation_id] = (after, version)
        if after.held < 0:
            yield self._differs(event.reservation_id, f"version {version}: {after.held} held")

    def compare(self, row: ReservationRow) -> Iterator[Difference]:
        """Yield what is wrong with a row."""
        folded = self._folded.pop(row.reservation_id, None)
        expected = None if folded is None else reservation_row((self._sku, row.reservation_id), *folded)
        if row != expected:
            yield self._differs(row.reservation_id, f"the row is {row}, the events make {expected or 'none'}")

    def finish(self) -> Iterator[Difference]:
        """Yield the rows that are missing."""
        for reservation_id in self._folded:
            yield self._differs(reservation_id, "the row is missing")

    def _differs(self, reservation_id: str, message: str) -> Difference:
        return Difference(self._sku, "reservation", f"{reservation_id}: {message}")
