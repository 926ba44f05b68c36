"""The ledger of dead letters: its lines, and what its closed letters say became of commands."""

import json
from collections.abc import AsyncIterator, Iterator

import asyncpg

from schemas.partitions import partition_of
from worker.operations.statements import statement
from worker.operations.verification.difference import Difference

FETCH_ROWS = 2_000

NO_AGGREGATE = "-"


async def ledger_differences(connection: asyncpg.Connection) -> AsyncIterator[Difference]:
    """Yield what is wrong with it; the connection must be in a transaction."""
    partition_count = await connection.fetchval(statement("recorded_partition_count"))
    for row in await connection.fetch(statement("all_holds")):
        for message in _unlike_line(row, partition_count):
            yield Difference(row["aggregate_id"], "hold", message)
    async for row in connection.cursor(statement("lineless_letters"), prefetch=FETCH_ROWS):
        message = f"letter {row['letter_id']} is {row['state']}, and no line has it"
        yield Difference(row["aggregate_id"], "letter", message)
    async for row in connection.cursor(statement("letter_partitions"), prefetch=FETCH_ROWS):
        for message in _misplaced("letters lie", row, partition_count):
            yield Difference(row["aggregate_id"], "letter", message)
    async for row in connection.cursor(statement("closed_letters"), prefetch=FETCH_ROWS):
        for message in _unlike_answer(row):
            yield Difference(row["aggregate_id"] or NO_AGGREGATE, "letter", message)


def _unlike_line(row: asyncpg.Record, partition_count: int | None) -> Iterator[str]:
    head = row["head"]
    if head is not None and (row["head_state"], row["head_aggregate_id"]) != ("held", row["aggregate_id"]):
        yield f"its head is letter {head}, which is {row['head_state']}, about {row['head_aggregate_id']}"
    if row["parked"] != row["parked_letters"]:
        yield f"says {row['parked']} parked, but {row['parked_letters']} letters are"
    if head is None and not row["parked_letters"]:
        yield "nothing holds it, and nothing waits"
    if None not in {row["head_place"], row["first_place"]} and row["head_place"] >= row["first_place"]:
        yield f"a letter is parked at place {row['first_place']}, before its head at place {row['head_place']}"
    last = max(row["head_place"] or 0, row["last_place"] or 0)
    if row["next_place"] <= last:
        yield f"the next place is {row['next_place']}, but place {last} is taken"
    yield from _misplaced("lies", row, partition_count)


def _misplaced(lies: str, row: asyncpg.Record, partition_count: int | None) -> Iterator[str]:
    home = None if partition_count is None else partition_of(row["aggregate_id"], partition_count)
    if home not in {None, row["partition"]}:
        yield f"{lies} in partition {row['partition']}, but it belongs to partition {home} of {partition_count}"


def _unlike_answer(row: asyncpg.Record) -> Iterator[str]:
    told = (row["outcome"], row["outcome_reason"])
    where = f"letter {row['letter_id']} says {_words(told)}"
    if row["answer"] is None:
        yield f"{where}, but command {row['command_id']} has no stored answer"
        return
    try:
        answer = json.loads(row["answer"])
        stored = (answer.get("outcome"), answer.get("reason"))
    except (ValueError, RecursionError, AttributeError):
        return  # what cannot be read is named where the answers are verified
    if stored != told:
        yield f"{where}, the answer to command {row['command_id']} says {_words(stored)}"


def _words(told: tuple[object, object]) -> str:
    return " ".join(str(word) for word in told if word is not None)
