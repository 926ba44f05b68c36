"""Declares the topology again when something of it is found missing while the worker runs."""

import asyncio

import structlog

from publisher.errors import BrokerUnavailable
from worker.broker.errors import TopologyMismatch
from worker.broker.session import BrokerSession

GRACE_SECONDS = 0.5
"""Waited before anything is declared. A queue that is back within milliseconds of its deletion has the old one's
consumers: RabbitMQ does not tell them that they were cancelled, hands them messages, and sends them none."""


async def mend_topology(session: BrokerSession, missing: asyncio.Event) -> None:
    """Declare whatever is missing each time `missing` is set, until cancelled.

    Whoever set it tries again by itself, as after any other failure to publish.
    """
    log = structlog.get_logger()
    while True:
        await missing.wait()
        await asyncio.sleep(GRACE_SECONDS)
        missing.clear()
        try:
            await session.declare()
            log.warning("topology.mended")
        except (BrokerUnavailable, TopologyMismatch) as error:
            log.warning("topology.unavailable", error=str(error))
