"""What is filled in must be a past that the worker could have left, or the benchmark measures something else."""

import asyncpg

from tests.bench.history_filling import fill_history
from tests.bench.workload import SKU_COUNT
from worker.operations.verification import Difference, Verification, verify

COMMANDS = 10 * SKU_COUNT


async def test_the_filled_history_passes_verification(database_url: str) -> None:
    assert await fill_history(database_url, COMMANDS + 1) == COMMANDS
    differences: list[Difference] = []
    connection = await asyncpg.connect(database_url)
    try:
        verification = await verify(connection, differences.append)
    finally:
        await connection.close()
    assert differences == []
    assert verification == Verification(aggregates=SKU_COUNT, events=COMMANDS, answers=COMMANDS)
