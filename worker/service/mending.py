"""Declares the topology again when something of it is found missing while the worker runs."""

import asyncio

import structlog

from publisher.errors import BrokerUnavailable
from worker.broker.errors import TopologyMismatch
from worker.broker.session import BrokerSession


async def mend_topology(session: BrokerSession, missing: asyncio.Event) -> None:
    """Declare whatever is missing each time `missing` is set, until cancelled.

    Whoever set it tries again by itself, as after any other failure to publish.
    """
    log = structlog.get_logger()
    while True:
        await missing.wait()
        missing.clear()
        try:
            await session.declare()
            log.warning("topology.mended")
        except (BrokerUnavailable, TopologyMismatch) as error:
            log.warning("topology.unavailable", error=str(error))
