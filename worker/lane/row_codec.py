"""Between the states of stock and reservations and their rows."""

from datetime import UTC

from worker import domain
from worker.event_store import AggregateRecord, ReservationName, ReservationRow
from worker.lane.event_codec import stored_event


def reservation(row: ReservationRow) -> domain.Reservation:
    """Return the reservation that `row` holds."""
    return domain.Reservation(
        row.location,
        row.quantity,
        row.held,
        row.fulfilled,
        row.released,
        domain.ReservationStatus(row.status),
        None if row.expires_at is None else row.expires_at.replace(tzinfo=UTC),
    )


def reservation_row(name: ReservationName, found: domain.Reservation, version: int) -> ReservationRow:
    """Return the row of the reservation `name` as of the event `version`."""
    return ReservationRow(
        *name,
        found.location,
        found.quantity,
        found.held,
        found.fulfilled,
        found.released,
        found.status.value,
        None if found.expires_at is None else found.expires_at.astimezone(UTC).replace(tzinfo=None),
        version,
    )


def stock(record: AggregateRecord) -> domain.Stock:
    """Return the state of a loaded aggregate, folding its events where its stock rows lag behind."""
    if record.levels is not None:
        levels = {level.location: domain.Level(level.on_hand, level.reserved) for level in record.levels}
        return domain.Stock(record.version, levels)
    folded = domain.Stock()
    for stored in record.events:
        event = stored_event(stored)
        if event is not None:
            folded = domain.evolve(folded, event)
    return domain.Stock(record.version, folded.levels)
