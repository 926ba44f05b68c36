"""One soak: what two workers can do, then seven tenths of it for a while, with a fault now and then."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.faults.cluster.cluster import Cluster, LoadDied, open_cluster
from tests.faults.cluster.polling import poll_until
from tests.faults.cluster.process import OwnProcess
from tests.faults.healing import everything_works, heal
from tests.faults.injecting import Injector
from tests.faults.load.journal import Journal
from tests.soak.client import ANSWERS_TIMEOUT_SECONDS
from tests.soak.misfortune import misfortunes
from tests.soak.options import Options
from tests.soak.sampling import Sampler
from tests.soak.series import CLIENT_FILE, FAULTS_FILE, SAMPLES_FILE, notes

LOAD_SHARE = 0.7
OPENING_TIMEOUT_SECONDS = 300.0
SETTLE_TIMEOUT_SECONDS = 60.0
"""Between measuring the limit and the steady load: for what was under way to be answered."""

NAP_SECONDS = 10
"""Autovacuum looks once a minute by default; this is an hour compressed by six. Its other settings stay at theirs."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What was done, and when."""

    limit_per_second: float
    pace_per_second: float
    began: float
    """The steady load, on the clock of `time.time`."""
    ended: float


async def soak(options: Options, cluster: Cluster, tell: Callable[[str], None]) -> Soaked:
    """Leave the files of one soak in the cluster's folder."""
    await cluster.admin.set("autovacuum_naptime", f"{NAP_SECONDS}s")
    async with open_cluster(cluster), _client(options, cluster) as client:
        await cluster.open_seats()
        limit = await _measured_limit(options, cluster, client)
        pace = LOAD_SHARE * limit
        tell(f"two workers answer {limit:,.0f} commands a second; {pace:,.0f} from now on")
        await _settled(cluster)
        client.tell(f"pace {pace:.1f}")
        began = time.time()
        await _misfortunate(options, cluster, tell)
        ended = time.time()
        await heal(cluster)
        client.tell("finish")
        if not await client.ended_within(2 * ANSWERS_TIMEOUT_SECONDS) or await client.ended():
            raise LoadDied(f"the client died: see client.log in {cluster.folder}")
    return Soaked(limit, pace, began, ended)


@asynccontextmanager
async def _client(options: Options, cluster: Cluster) -> AsyncIterator[OwnProcess]:
    urls = {"ORDERS_AMQP_URL": cluster.publisher_wires.amqp_url, "ORDERS_ANSWERS_URL": cluster.consumer_wires.amqp_url}
    arguments = [str(options.seed), str(options.opening_skus), str(cluster.folder / CLIENT_FILE)]
    client = await OwnProcess.start("tests.soak.client", arguments, urls, cluster.folder / "client.log")
    try:
        yield client
    finally:
        await client.kill()


async def _measured_limit(options: Options, cluster: Cluster, client: OwnProcess) -> float:
    """Return how many commands a second are answered while more than enough are there."""
    client.tell("pace flat-out")
    path = cluster.folder / CLIENT_FILE
    opened = await everything_works(cluster) and await poll_until(
        lambda: notes(path)[-1]["answered"] >= options.opening_skus, OPENING_TIMEOUT_SECONDS
    )
    if not opened:
        raise LoadDied(f"the workers did not come to work: see the logs in {cluster.folder}")
    await asyncio.sleep(options.warm_up_seconds)
    since = time.time()
    await asyncio.sleep(options.limit_seconds)
    client.tell("pace 0")
    noted = notes(path, since, time.time())
    if len(noted) < 2 or noted[0]["answered"] == noted[-1]["answered"]:
        raise LoadDied(f"no answers came: see the logs in {cluster.folder}")
    return float((noted[-1]["answered"] - noted[0]["answered"]) / (noted[-1]["at"] - noted[0]["at"]))


async def _settled(cluster: Cluster) -> None:
    """Wait until every command is answered, not for ever: what is late then counts as late."""
    path = cluster.folder / CLIENT_FILE
    await poll_until(lambda: not notes(path)[-1]["unanswered"], SETTLE_TIMEOUT_SECONDS)


async def _misfortunate(options: Options, cluster: Cluster, tell: Callable[[str], None]) -> None:
    """Let the time pass, with a fault now and then, but not at its end: what is late then is late by itself."""
    clock = asyncio.get_running_loop().time
    began = clock()
    faults = misfortunes(
        options.seed, options.duration_seconds - options.fault_every_seconds, options.fault_every_seconds
    )
    with Journal(cluster.folder / SAMPLES_FILE) as samples, Journal(cluster.folder / FAULTS_FILE) as journal:
        looking = asyncio.create_task(Sampler(cluster, samples).run())
        try:
            await Injector(cluster, journal, tell).run(faults)
            await asyncio.sleep(max(0.0, began + options.duration_seconds - clock()))
        finally:
            looking.cancel()
            await asyncio.wait({looking})
        if not looking.cancelled():
            looking.result()
