"""Which reservations are taken for new without a look: those that orders are about to make.

What an order holds for a line has an id of its own, and the command that holds it is answered once. So there is such
a reservation already only where somebody has drawn that id on purpose; and then the commit finds it, since it makes a
reservation only where there is none. That proves no refusal, though: only what will be made may be taken for new. And
only what comes on a leg, from a worker, or anybody could send a lane into conflicts as often as he likes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from worker.domain import Stock
from worker.event_store import ReservationName
from worker.lane.command_codec import reservation_id_of
from worker.lane.decoding import Request
from worker.lane.orders.legs import ReserveLineOnLeg, SellLineOnLeg
from worker.lane.ports import Environment


def named(requests: Sequence[Request]) -> set[ReservationName]:
    """Return the reservations by which `requests` are decided: a line that is sold at once has none."""
    return {
        (command.sku, reservation_id)
        for request in requests
        if type(command := request.command) is not SellLineOnLeg
        and (reservation_id := reservation_id_of(command)) is not None
    }


def taken_for_new(
    requests: Sequence[Request], stocks: Mapping[str, Stock], environment: Environment
) -> set[ReservationName]:
    """Return the reservations that `requests` will make, as things stand, and name in no other way."""
    if all(type(request.command) is not ReserveLineOnLeg for request in requests):
        return set()
    now = environment.now()
    made: list[Request] = []
    others: list[Request] = []
    for request in requests:
        (made if _will_be_made(request, stocks[request.command.sku], now) else others).append(request)
    return named(made) - named(others)


def _will_be_made(request: Request, stock: Stock, now: datetime) -> bool:
    command = request.command
    if type(command) is not ReserveLineOnLeg:
        return False
    return now < command.not_after and stock.at(command.location).available >= command.quantity
