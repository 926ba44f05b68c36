"""Workers that come, leave, die and hang under load: how long a partition's answers pause."""

import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field

from tests.bench.bench import Bench
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread
from tests.bench.steady_load import INTERVAL_SECONDS, SteadyLoad
from tests.bench.worker_team import WorkerTeam
from tests.services.databases import fresh_database

WORKER_COUNT = 3
CALM_SECONDS = 2.0
"""Before each misfortune, so that what is measured is its own doing."""

SETTLING_LIMIT_SECONDS = 5.0
HANDOVER_LIMIT_SECONDS = 1.0
TAKEOVER_LIMIT_SECONDS = 2.0
HANG_LIMIT_SECONDS = 20.0
"""With the default heartbeat of 10 seconds."""


@dataclass(slots=True)
class Pauses:
    """The longest time without an answer, of each partition and round."""

    joining: list[float] = field(default_factory=list)
    leaving: list[float] = field(default_factory=list)
    restarting: list[float] = field(default_factory=list)
    """Of each partition over the whole of a rolling restart."""
    killed: list[float] = field(default_factory=list)
    """Of the partitions of the worker that was killed."""
    hung: list[float] = field(default_factory=list)
    """Of the partitions of the worker that was stopped."""
    settling: list[float] = field(default_factory=list)
    """From a coming, leaving or death to the moment at which every worker has its new share."""


async def measure(bench: Bench) -> Section:
    """Return the pauses, and how many requests ended in an error."""
    await bench.broker.empty()
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(fresh_database(bench.database_server_url))
        team = await stack.enter_async_context(WorkerTeam.of(WORKER_COUNT, bench.broker.amqp_url, database_url))
        load = await stack.enter_async_context(SteadyLoad.on(bench.broker.amqp_url))
        run = _Run(team, load)
        for _ in range(bench.sizes.sharing_rounds):
            await run.join_and_leave()
            await run.rolling_restart()
            await run.kill()
        await run.hang()
    return section(run.pauses, len(load.errors))


class _Run:
    def __init__(self, team: WorkerTeam, load: SteadyLoad) -> None:
        self._team = team
        self._load = load
        self.pauses = Pauses()

    async def join_and_leave(self) -> None:
        since = await self._calm()
        await self._team.start()
        await self._settled(since)
        self.pauses.joining += (await self._pauses(since)).values()
        since = await self._calm()
        await self._team.stop()
        await self._settled(since)
        self.pauses.leaving += (await self._pauses(since)).values()

    async def rolling_restart(self) -> None:
        since = await self._calm()
        for _ in range(WORKER_COUNT):
            await self._team.stop()
            await self._team.start()
            await self._team.agreed()
        self.pauses.restarting += (await self._pauses(since)).values()

    async def kill(self) -> None:
        since = await self._calm()
        partitions = await self._team.kill()
        await self._settled(since)
        pauses = await self._pauses(since)
        self.pauses.killed += [pauses[partition] for partition in partitions]
        await self._team.start()
        await self._team.agreed()

    async def hang(self) -> None:
        since = await self._calm()
        partitions = await self._team.pause()
        await self._team.agreed()
        pauses = await self._pauses(since)
        self.pauses.hung += [pauses[partition] for partition in partitions]

    async def _calm(self) -> float:
        await self._load.go_on(CALM_SECONDS)
        return time.monotonic()

    async def _settled(self, since: float) -> None:
        await self._team.agreed()
        self.pauses.settling.append(time.monotonic() - since)

    async def _pauses(self, since: float) -> dict[int, float]:
        await self._load.go_on(CALM_SECONDS)
        return self._load.gaps_seconds(since, time.monotonic())


def section(pauses: Pauses, error_count: int) -> Section:
    spreads = {name: Spread.of(seconds) for name, seconds in asdict(pauses).items()}
    handover_seconds = max(spreads["joining"].most, spreads["leaving"].most)
    return Section(
        "Longest pause of a partition, s",
        ("median", "least", "most"),
        [
            (_ROWS[name], f"{spread.median:.2f}", f"{spread.least:.2f}", f"{spread.most:.2f}")
            for name, spread in spreads.items()
        ],
        [
            Goal("shares even again", spreads["settling"].most, "at most", SETTLING_LIMIT_SECONDS, "s"),
            Goal("handover", handover_seconds, "at most", HANDOVER_LIMIT_SECONDS, "s"),
            Goal("rolling restart", spreads["restarting"].most, "at most", HANDOVER_LIMIT_SECONDS, "s"),
            Goal("takeover after SIGKILL", spreads["killed"].most, "at most", TAKEOVER_LIMIT_SECONDS, "s"),
            Goal("takeover after SIGSTOP", spreads["hung"].most, "at most", HANG_LIMIT_SECONDS, "s"),
            Goal("requests that ended in an error", error_count, "at most", 0, ""),
        ],
        {
            "interval_seconds": INTERVAL_SECONDS,
            "errors": error_count,
            "seconds": {name: asdict(spread) for name, spread in spreads.items()},
        },
    )


_ROWS = {
    "joining": "a worker joins",
    "leaving": "a worker leaves",
    "restarting": "rolling restart of three",
    "killed": "SIGKILL",
    "hung": "SIGSTOP, default heartbeat",
    "settling": "(until the shares are even)",
}
