"""A second, plain account of every operation, kept apart from the domain's: what must come of which commands.

It is told the commands in the order of the queue, each with the time at which it
was decided, and says how each must have ended.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Fields = Mapping[str, Any]
"""A command, as its JSON has it."""


@dataclass(slots=True)
class Held:
    """One reservation."""

    location: str
    units: int
    due: datetime | None
    ended: str | None = None


@dataclass(slots=True)
class Model:
    """All SKUs; what is asked of them is answered with `applied` or the reason why not."""

    on_hand: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """By SKU and location."""
    held: dict[tuple[str, str], Held] = field(default_factory=dict)
    """By SKU and reservation id."""

    def reserved(self, sku: str, location: str) -> int:
        """Return how many units are held there: the sum of its reservations."""
        return sum(held.units for (of, _), held in self.held.items() if (of, held.location) == (sku, location))

    def ask(self, command: Fields, now: datetime) -> str:
        """Do what `command` asks for, if the rules allow it; return how it ended."""
        if "reservation_id" not in command:
            return self._stock(command)
        held = self.held.get((command["sku"], command["reservation_id"]))
        if command["type"] == "reserve":
            return self._reserve(command, now, held)
        if held is None or held.location != command["location"]:
            return "unknown_reservation"
        return held.ended or self._end(command, now, held)

    def _stock(self, command: Fields) -> str:
        here = command["sku"], command["location"]
        match command:
            case {"type": "restock", "quantity": quantity}:
                self.on_hand[here] += quantity
            case {"type": "adjust"}:
                wanted = command.get("set_to", self.on_hand[here] + command.get("difference", 0))
                if wanted < self.reserved(*here):
                    return "below_reserved"
                self.on_hand[here] = wanted
            case {"quantity": quantity}:
                if self.on_hand[here] - self.reserved(*here) < quantity:
                    return "insufficient_stock"
                self.on_hand[here] -= quantity
                if command["type"] == "transfer":
                    self.on_hand[command["sku"], command["to_location"]] += quantity
        return "applied"

    def _reserve(self, command: Fields, now: datetime, held: Held | None) -> str:
        here = command["sku"], command["location"]
        if held is not None:
            return "reservation_exists"
        if self.on_hand[here] - self.reserved(*here) < command["quantity"]:
            return "insufficient_stock"
        due = now + timedelta(seconds=command["expires_in"]) if "expires_in" in command else None
        self.held[command["sku"], command["reservation_id"]] = Held(command["location"], command["quantity"], due)
        return "applied"

    def _end(self, command: Fields, now: datetime, held: Held) -> str:
        if command["type"] == "expire":
            if held.due is None or held.due != datetime.fromisoformat(command["expires_at"]):
                return "not_due"
            held.units, held.ended = 0, "reservation_expired"
            return "applied"
        if held.due is not None and now >= held.due:
            return "reservation_expired"
        if command["type"] == "extend":
            held.due = now + timedelta(seconds=command["expires_in"])
            return "applied"
        quantity = command.get("quantity", held.units)
        if quantity > held.units:
            return "quantity_exceeds_reservation"
        held.units -= quantity
        if command["type"] == "fulfil":
            self.on_hand[command["sku"], held.location] -= quantity
        if not held.units:
            held.ended = "already_fulfilled" if command["type"] == "fulfil" else "already_released"
        return "applied"
