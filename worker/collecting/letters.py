"""A delivery from the dead letters -> the letter that is filed about it, and the answer to its sender."""

from dataclasses import replace
from typing import NamedTuple

from schemas.dead_letters import REASON_HEADER
from schemas.partitions import partition_of, partition_queue
from schemas.reasons import Reason
from worker.collecting.deaths import DEATHS_HEADER, Death, death_of
from worker.lane.bundles import unbundled
from worker.lane.dead_letters.letters import aggregate_id_of, letter_about, unprocessed
from worker.lane.decoding import Nudge, Unprocessable, decode
from worker.lane.orders.line_replies import PassedOver
from worker.lane.ports import Assignment, Delivery
from worker.ledger import Letter
from worker.ledger.records import storable


class Collected(NamedTuple):
    """What is filed about a delivery, and what is answered."""

    unprocessable: Unprocessable
    letter: Letter
    death: Death


def is_filed(delivery: Delivery, own_user: str) -> bool:
    """Return whether a lane has published `delivery`, which files everything before it does so.

    The broker lets nobody but workers set their user; and a message of theirs that
    it gave up on itself says so.
    """
    headers = delivery.headers
    return REASON_HEADER in headers and delivery.user_id == own_user and DEATHS_HEADER not in headers


def collect(delivery: Delivery, assignment: Assignment) -> list[Collected]:
    """Return what is to be filed about `delivery`: nothing about what carried nothing, and about each line of a bundle.

    The letter belongs to the lane of what it is about, where that can be made
    out; else to that of the queue where it was; else to the `assignment`'s.
    """
    death = death_of(delivery.headers)
    death = death._replace(error=storable(death.error))
    found = delivery._replace(queue=death.queue or delivery.queue)
    home = _lane_of(found.queue, assignment)
    return [
        Collected(unprocessable, letter_about(unprocessable, home, holds=False), death)
        for message in unbundled(found)
        if (unprocessable := _unprocessable(message, death, home)) is not None
    ]


def _lane_of(queue: str, assignment: Assignment) -> Assignment:
    partitions = range(assignment.partition_count)
    return replace(
        assignment,
        partition=next((each for each in partitions if partition_queue(each) == queue), assignment.partition),
    )


def _unprocessable(delivery: Delivery, death: Death, home: Assignment) -> Unprocessable | None:
    read = decode(delivery, home.partition, home.partition_count)
    if isinstance(read, Unprocessable) and read.reason is Reason.MISROUTED:
        # It was published under its SKU, or came to no queue of a lane.
        read = decode(delivery, partition_of(aggregate_id_of(read) or "", home.partition_count), home.partition_count)
    if isinstance(read, Nudge):
        return None
    if isinstance(read, PassedOver):
        return Unprocessable(delivery, death.reason, death.error)
    if isinstance(read, Unprocessable):
        return replace(read, reason=death.reason, error=f"{death.error}; besides, it is no command: {read.error}")
    return unprocessed(read, death.reason, death.error)
