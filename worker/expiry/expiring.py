"""The command that ends a reservation."""

from datetime import UTC
from uuid import UUID, uuid5

from schemas.commands import Expire
from worker.event_store import ReservationRow

EXPIRY_USER = "system:expiry"
"""Whom the audit names."""

_NAMESPACE = UUID("b6a0a4d5-7f0d-5c43-8b5e-0d1c2f6e9a34")
_SEPARATOR = "\x1f"


def expire_command(row: ReservationRow) -> Expire:
    """Return the command that ends the due reservation `row`.

    The same one whoever makes it, and whenever: its id is made of the
    reservation and its due time, so of many copies one takes effect, and all get
    one answer. A reservation that was extended has another due time, and so
    another command.
    """
    if row.expires_at is None:
        raise ValueError(f"{row.reservation_id} has no end")
    expires_at = row.expires_at.replace(tzinfo=UTC)
    name = _SEPARATOR.join((row.sku, row.reservation_id, expires_at.isoformat()))
    return Expire(
        command_id=uuid5(_NAMESPACE, name),
        sku=row.sku,
        location=row.location,
        user=EXPIRY_USER,
        reservation_id=row.reservation_id,
        expires_at=expires_at,
        issued_at=expires_at,  # so that the figures of latency tell how late reservations end
    )
