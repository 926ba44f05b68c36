"""A choice of the campaign, of a minute: always the same faults, and none may do harm."""

from pathlib import Path

import pytest

from tests.faults.campaign import Campaign, conduct
from tests.faults.kinds.kind import Need
from tests.faults.mutating import PROVOCATIONS, is_noticed, provoke
from tests.faults.options import chosen_weights
from tests.faults.place import prepared_cluster
from tests.faults.schedule import plan
from tests.services import Services

pytestmark = [
    pytest.mark.timeout(400),  # a minute; the machine may be busy
    pytest.mark.xdist_group("campaign"),  # one after the other, and, as what takes long, before all others
]

SEED = 20260101
DURATION_SECONDS = 20.0
EVERY_SECONDS = 0.5
KINDS = "worker.killed*,worker.terminated,worker.c*,broker.hung_up,database.*,network.*_cut_*,network.*_reset,input.*"
"""Those that are over in a second or two; `make faults` has them all."""


async def test_no_fault_does_harm(services: Services, tmp_path: Path) -> None:
    async with prepared_cluster(services, tmp_path / "campaign") as cluster:
        available = Need.ONE_NODE if cluster.disk is None else Need.ONE_NODE | Need.SMALL_DISK
        faults = plan(SEED, DURATION_SECONDS, chosen_weights(KINDS, available), EVERY_SECONDS)
        outcome = await conduct(Campaign(SEED, faults, DURATION_SECONDS), cluster, print)
    assert outcome.verdict.violations == []
    injected = {fault["kind"] for fault in outcome.history.faults if fault["outcome"] == "injected"}
    assert len(injected) >= 20
    assert len(outcome.history.recorded) > 1_000


async def test_a_worker_that_breaks_a_rule_is_found_out(services: Services, tmp_path: Path) -> None:
    """One of many, by the same way as all; `make faults ARGS=--mutants` proves them all."""
    mutant = "publishes-before-commit"
    assert is_noticed(mutant, await provoke(services, mutant, PROVOCATIONS[mutant], SEED, tmp_path / mutant))
