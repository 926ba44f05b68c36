"""Commands of every kind, over so few SKUs, places and reservations that they get in each other's way."""

import json
from random import Random
from typing import Any

from tests.twins.orders import message, order
from worker.lane.ports import Delivery

_ABOUT_STOCK = ("restock", "purchase", "adjust", "transfer")
_ABOUT_RESERVATIONS = ("reserve", "reserve", "extend", "release", "fulfil")
_KINDS = (*_ABOUT_STOCK, *_ABOUT_RESERVATIONS)
_PLACES = ("main", "attic")


def random_commands(random: Random, first: int, count: int) -> list[Delivery]:
    """Return `count` commands numbered from `first`, with copies between them, some of which ask for something else."""
    commands: list[Delivery] = []
    for number in range(first, first + count):
        command = _random_command(random, number)
        commands.extend([command] * random.choice([1, 1, 2, 3]))
        if random.random() < 0.1:
            commands.append(order(number, "restock", 7, "C"))
        if random.random() < 0.1:
            commands.append(message(b"rubbish"))
    return commands + random.choices(commands, k=count // 2)


def _random_command(random: Random, number: int) -> Delivery:
    kind, sku, location = random.choice(_KINDS), random.choice("AB"), random.choice(_PLACES)
    quantity: int | None = random.randint(1, 5)
    more: dict[str, Any] = {}
    if kind == "restock":
        quantity = random.randint(5, 15)
    elif kind == "adjust":
        quantity = None
        more = {"reason": "counted", **random.choice([{"set_to": random.randint(0, 20)}, {"difference": -4}])}
    elif kind == "transfer":
        more = {"to_location": _PLACES[location == "main"]}
    elif kind in _ABOUT_RESERVATIONS:
        reservation = number // 6 - random.randint(0, 1)
        if random.random() < 0.95:
            sku, location = "AB"[reservation % 2], _PLACES[reservation // 2 % 2]
        more = _about(random, kind, reservation)
        if kind == "extend" or (kind != "reserve" and random.random() < 0.5):
            quantity = None
    return order(number, kind, quantity, sku, location=location, **more)


def _about(random: Random, kind: str, reservation: int) -> dict[str, Any]:
    lasts = {"expires_in": random.choice([1, 2, 60])}
    may_last = kind == "extend" or (kind == "reserve" and random.random() < 0.7)
    return {"reservation_id": f"r{reservation}", **(lasts if may_last else {})}


def fields_of(delivery: Delivery) -> dict[str, Any]:
    """Return what the command of `delivery` asks for, with the location it means."""
    return {"location": "main", **json.loads(delivery.body)}
