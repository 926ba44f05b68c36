"""Sends until the broker has it, and notes how each try ended."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import BrokerRefused, BrokerUnavailable
from schemas.names import COMMANDS_EXCHANGE
from schemas.partitions import partition_of, partition_routing_key
from tests.faults.load.journal import Journal

TRY_TIMEOUT_SECONDS = 5.0
"""A broker that blocks publishers says nothing; what was sent is then unknown."""
PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, and what the checker has to know of it."""

    body: bytes
    routing_key: str
    subject: str
    """`command`, `again`, `conflict` or `rubbish`."""
    sku: str
    name: str
    """Its correlation id: of a command, the command's id."""


class Sending:
    """What one publisher sends through one connection."""

    def __init__(self, sender: Sender, journal: Journal, publisher: str, partition_count: int) -> None:
        self._sender = sender
        self._journal = journal
        self._publisher = publisher
        self._partition_count = partition_count

    def routing_key(self, sku: str) -> str:
        """Return the key under which commands of `sku` go to their partition."""
        return partition_routing_key(partition_of(sku, self._partition_count))

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Return when the broker has all of them; what is unknown, or was refused, is sent again.

        All are of one subject.
        """
        tries = 0
        while True:
            tries += 1
            for parcel in parcels:
                self._note(parcel)
            outcome = await self._try(parcels)
            self._journal.note(
                event="outcome",
                subject=parcels[0].subject,
                names=[parcel.name for parcel in parcels],
                outcome=outcome,
            )
            if outcome == "ok":
                return
            await asyncio.sleep(PAUSE_SECONDS * min(tries, 4))

    async def _try(self, parcels: Sequence[Parcel]) -> str:
        messages = [
            OutgoingMessage(
                COMMANDS_EXCHANGE,
                parcel.routing_key,
                parcel.body,
                correlation_id=parcel.name,
                reply_to=self._publisher,
                mandatory=True,
            )
            for parcel in parcels
        ]
        try:
            async with asyncio.timeout(TRY_TIMEOUT_SECONDS):
                await self._sender.publish(messages)
        except BrokerRefused:
            # Of several, some may have been taken.
            return "refused" if len(parcels) == 1 else "unknown"
        except (BrokerUnavailable, TimeoutError):
            return "unknown"
        return "ok"

    def _note(self, parcel: Parcel) -> None:
        is_rubbish = parcel.subject == "rubbish"
        body = {"base64": base64.b64encode(parcel.body).decode()} if is_rubbish else json.loads(parcel.body)
        self._journal.note(
            event="sent",
            publisher=self._publisher,
            name=parcel.name,
            subject=parcel.subject,
            sku=parcel.sku,
            routing_key=parcel.routing_key,
            body=body,
        )
