"""Dry runs: every letter is decided against the present state, and nothing but the plan is written.

Slice by slice, in a short transaction each; who carries out the next one need
not be who did the last. A slice holds whole lines, so that what its letters would
do to a SKU or an order adds up; the next one reads the state anew.

What kills its worker is found as in a lane, and not tried any more.
"""

from collections.abc import Mapping, Sequence
from typing import TypeGuard, cast

import asyncpg

from worker.event_store import PartitionStore, StoredAnswer, StoreUnavailable
from worker.lane.dead_letters.letters import failed
from worker.lane.dead_letters.reading import Closable, NotDone, Reading, StandingAnswer, read_letter
from worker.lane.decoding import Unprocessable
from worker.lane.orders.codec import stored_order
from worker.lane.orders.known_order import KnownOrder
from worker.lane.orders.last_sale import sale_id
from worker.lane.planning import Item, request_of
from worker.lane.ports import Assignment, Environment
from worker.lane.row_codec import reservation, stock
from worker.ledger import Action, LaneLedger, LetterMessage, LetterState, OpenLetter
from worker.replay.attempts import Attempts, Page
from worker.replay.forecasts import Forecast, Forecasts, LetterToDecide
from worker.replay.foresight import Foresight, Wanted
from worker.replay.lines import PlannedLetter, Turn, needing_followers, turns_of
from worker.replay.session import LedgerSession
from worker.replay.statements import statement

DRY_RUN_TICK_SECONDS = 0.5

LOOK_LIMIT_LETTERS = 1_000
"""Decided at each look: the slice that reaches it is its last."""

SLICE_LIMIT_LETTERS = 64
"""Taken at once, with all that belongs to the same lines: of SKUs with hundreds of letters, that is many thousand."""

PAGE_LIMIT_LETTERS = 64
"""Decided without a pause, in some ten milliseconds: the lanes of the process wait as long."""

WRITE_LIMIT_LETTERS = 10_000
"""Written by one statement: a line may have a million letters, and a statement that takes too long is given up."""

_DRY_RUN = True


class DryRuns:
    """The dry runs of the shop, as a worker carries them out."""

    def __init__(
        self,
        session: LedgerSession,
        store: PartitionStore,
        environment: Environment,
        partition_count: int,
        *,
        look_limit_letters: int = LOOK_LIMIT_LETTERS,
    ) -> None:
        """Read states from `store`, which must be one that writes nothing; attempts are counted over its session."""
        self._session = session
        self._store = store
        self._ledger = LaneLedger(store.session)
        self._environment = environment
        self._partition_count = partition_count
        self._look_limit_letters = look_limit_letters
        self._slice_limit_letters = min(SLICE_LIMIT_LETTERS, look_limit_letters)

    async def carry_on(self) -> None:
        """Take every dry run at work some slices further. Raises `EventStoreError`."""
        async with self._session.transaction() as connection:
            running = await connection.fetch(statement("running_plans"), _DRY_RUN)
        for row in running:
            decided = 0
            while decided < self._look_limit_letters and (count := await self.advance(row["plan_id"])):
                decided += count

    async def advance(self, plan_id: int) -> int:
        """Decide the next slice; return how many letters it had: 0 where none is left, or somebody else is at it."""
        async with self._session.transaction() as connection:
            if await connection.fetchrow(statement("lock_plan"), plan_id) is None:
                return 0
            rows = await connection.fetch(statement("dry_run_items"), plan_id, self._slice_limit_letters)
            if not rows:
                await connection.execute(statement("finish_plan"), plan_id)
                return 0
            planned = [PlannedLetter(*row) for row in rows]
            attempts = Attempts(plan_id, self._ledger, self._environment)
            told = await self._foresee(connection, turns_of(planned, await _parked(connection, planned)), attempts)
            await _write(connection, plan_id, told.told())
        return len(planned)

    async def _foresee(self, connection: asyncpg.Connection, turns: Sequence[Turn], attempts: Attempts) -> Forecasts:
        foresight, forecasts = Foresight(self._environment), Forecasts()
        for page in await attempts.pages(turns, PAGE_LIMIT_LETTERS):
            letters = await _letters(connection, page.turns)
            async with attempts.attempt(page):
                await self._foresee_page(connection, page, letters, foresight, forecasts)
        return forecasts

    async def _foresee_page(
        self,
        connection: asyncpg.Connection,
        page: Page,
        letters: Sequence[LetterToDecide],
        foresight: Foresight,
        forecasts: Forecasts,
    ) -> None:
        readings = [None if page.convicted or each.kills else self._read(each) for each in letters]
        readings = await self._loaded(connection, foresight, readings)
        for turn, each, reading in zip(page.turns, letters, readings, strict=True):
            # What is no command waits for nobody, unless it stands in a line itself.
            waits = each.letter.in_line or reading is None or _is_item(reading)
            if not waits or forecasts.comes(turn):
                _decide(turn, each, reading, foresight, forecasts)

    def _read(self, each: LetterToDecide) -> Reading:
        return read_letter(each.letter, Assignment(each.partition, self._partition_count, owner=""))

    async def _loaded(
        self, connection: asyncpg.Connection, foresight: Foresight, readings: Sequence[Reading | None]
    ) -> list[Reading | None]:
        """Read what these need; return them, and in place of those about what cannot be read that they would fail."""
        try:
            await self._load(connection, foresight, [each for each in readings if _is_item(each)])
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as in a lane, whatever a request causes ends at that request
            if len(readings) == 1:
                return [failed(request_of(each), error) if _is_item(each) else each for each in readings]
            return [alone for each in readings for alone in await self._loaded(connection, foresight, [each])]
        return list(readings)

    async def _load(self, connection: asyncpg.Connection, foresight: Foresight, items: Sequence[Item]) -> None:
        """Read what the items need, as far as it is not here: what is here has moved on."""
        wanted = Wanted(items).without(foresight)
        for record in await self._store.load(sorted(wanted.skus)):
            foresight.stocks[record.aggregate_id] = stock(record)
        for row in await self._store.load_reservations(sorted(wanted.reservations)):
            foresight.reservations[row.sku, row.reservation_id] = reservation(row)
        found, command_ids = list[StoredAnswer](), set(wanted.command_ids)
        for order in await self._store.load_orders(sorted(wanted.orders)):
            if (placed := stored_order(order)) is not None:
                foresight.orders[order.aggregate_id] = KnownOrder(placed, order.answer, order.placed)
                command_ids.add(sale_id(order.aggregate_id, placed))
            found += [] if order.answer is None else [order.answer]
        answers = await connection.fetch(statement("stored_answers"), list(command_ids))
        found += [StoredAnswer(*answer) for answer in answers]
        for answer in found:
            foresight.stored.setdefault(answer.command_id, answer)
        foresight.seen(wanted)


def _is_item(reading: Reading | None) -> TypeGuard[Item]:
    return reading is not None and not isinstance(reading, Unprocessable | NotDone | Closable | StandingAnswer)


def _decide(
    turn: Turn, each: LetterToDecide, reading: Reading | None, foresight: Foresight, forecasts: Forecasts
) -> None:
    if reading is None:
        forecasts.kills(turn, each.letter)
    elif _is_item(reading):
        forecasts.ends(turn, each.letter, foresight.decide(reading, each.partition))
    else:
        forecasts.ends(turn, each.letter, cast("Unprocessable | NotDone | Closable | StandingAnswer", reading))


async def _parked(connection: asyncpg.Connection, planned: Sequence[PlannedLetter]) -> Mapping[str, list[int]]:
    parked: dict[str, list[int]] = {}
    for row in await connection.fetch(statement("parked_letters"), needing_followers(planned)):
        parked.setdefault(row["aggregate_id"], []).append(row["letter_id"])
    return parked


async def _write(connection: asyncpg.Connection, plan_id: int, told: Sequence[Forecast]) -> None:
    for first in range(0, len(told), WRITE_LIMIT_LETTERS):
        columns = [list(column) for column in zip(*told[first : first + WRITE_LIMIT_LETTERS], strict=True)]
        await connection.execute(statement("write_forecasts"), plan_id, *columns)


async def _letters(connection: asyncpg.Connection, page: Sequence[Turn]) -> list[LetterToDecide]:
    """Return the letters of the page, in its order."""
    rows = await connection.fetch(statement("letters_to_decide"), [turn.letter_id for turn in page])
    found = {row["letter_id"]: row for row in rows}
    return [_letter(found[turn.letter_id], follows=turn.follows) for turn in page]


def _letter(row: asyncpg.Record, *, follows: bool) -> LetterToDecide:
    letter = OpenLetter(
        letter_id=row["letter_id"],
        state=LetterState(row["state"]),
        aggregate_id=row["aggregate_id"],
        command_id=row["command_id"],
        in_line=row["in_line"],
        head=row["head"],
        action=None if follows else Action.REPLAY,
        corrected_body=None,
        operator=None,
        why=None,
        message=LetterMessage(*(row[name] for name in LetterMessage._fields)),
    )
    return LetterToDecide(letter, row["partition"], row["reason"])
