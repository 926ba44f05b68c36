"""The collector on a real database, between twins of the broker's queue and of the outbox."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schemas.commands import StockCommand, parse_command
from schemas.dead_letters import REASON_HEADER
from schemas.order_commands import OrderCommand
from tests.twins.environment import EnvironmentTwin
from tests.twins.faults import Faults
from tests.twins.observer import ObserverTwin
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin
from tests.worker.collecting.deliveries import (
    COMMAND_ID,
    DIED_AT,
    NOBODYS,
    OWN_USER,
    SKU,
    command_body,
    dead_letter,
    deaths,
)
from worker.collecting.collector import Collector
from worker.collecting.letter_box import LetterBox
from worker.collecting.letters import Collected
from worker.domain import orders as domain
from worker.event_store import LaneSession, StoredAnswer, StoreUnavailable
from worker.lane.decoding import digest_of
from worker.lane.orders.errands import commands_of
from worker.lane.orders.legs import parse_line_command
from worker.lane.ports import BundleKind, Delivery, PublishFailed, SourceClosed


@dataclass
class FailingBox:
    """Files after so many failures."""

    box: LetterBox
    failures: int

    async def file(self, collected: Sequence[Collected], now: datetime) -> Mapping[int, StoredAnswer]:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("away")
        return await self.box.file(collected, now)


@dataclass
class World:
    """A queue of dead letters, and the ledger."""

    connection: asyncpg.Connection
    session: LaneSession
    queue: QueueTwin = field(default_factory=QueueTwin)
    faults: Faults = field(default_factory=Faults)
    observer: ObserverTwin = field(default_factory=ObserverTwin)
    failures: int = 0

    def __post_init__(self) -> None:
        self.outbox = OutboxTwin(self.faults)

    async def collect(self, *deliveries: Delivery) -> None:
        """Collect these, and what is left from before."""
        self.queue.messages.extend(deliveries)
        source = self.queue.open(self.faults)
        collector = Collector(
            NOBODYS,
            source=source,
            box=FailingBox(LetterBox(self.session), self.failures),
            outbox=self.outbox,
            environment=EnvironmentTwin(),
            observer=self.observer,
            own_user=OWN_USER,
        )
        await collector.run()
        source.close()

    async def letters(self) -> list[asyncpg.Record]:
        return list(await self.connection.fetch("SELECT * FROM dead_letters ORDER BY letter_id"))

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(reply.body) for reply in self.outbox.replies]


@pytest.fixture
async def world(migrated_database_url: str) -> AsyncIterator[World]:
    connection, session = await asyncpg.connect(migrated_database_url), LaneSession(migrated_database_url)
    yield World(connection, session)
    await session.close()
    await connection.close()


async def test_what_the_broker_gave_up_is_filed_and_answered(world: World) -> None:
    await world.collect(dead_letter())
    (letter,) = await world.letters()
    assert (letter["state"], letter["reason"], letter["attempts"], letter["place"]) == ("set_aside", "expired", 0, None)
    assert (letter["command_id"], letter["body"]) == (COMMAND_ID, command_body())
    assert json.loads(letter["headers"])["x-death"][0]["reason"] == "expired"
    (reply,) = world.outbox.replies
    assert reply.routing_key == "till.dead_lettered.restock.85123A"
    (answer,) = world.answers
    assert (answer["reason"], answer["message"], answer["sequence"]) == ("expired", letter["error"], None)
    assert world.outbox.dead_letters == []  # it comes from there


async def test_of_a_bundle_each_line_has_a_letter_and_an_answer(world: World) -> None:
    lines = [command_body(command_id=UUID(int=number)) for number in (1, 2)]
    await world.collect(dead_letter(b"\n".join(lines), user_id=OWN_USER)._replace(bundle=BundleKind.ASKED))
    letters = {letter["command_id"]: letter for letter in await world.letters()}
    assert [letters[UUID(int=number)]["body"] for number in (1, 2)] == lines
    assert {letter["bundle"] for letter in letters.values()} == {"asked"}
    assert [answer["reason"] for answer in world.answers] == ["expired"] * 2


async def test_what_a_lane_has_set_aside_is_only_taken_out_of_the_queue(world: World) -> None:
    await world.collect(dead_letter(headers={REASON_HEADER: "invalid"}, user_id=OWN_USER))
    assert (await world.letters(), world.answers, len(world.queue.messages)) == ([], [], 0)


async def test_each_is_filed_once_however_often_it_comes(world: World) -> None:
    again = dead_letter(headers=deaths(died_at=DIED_AT + timedelta(seconds=3)), redelivered=True)
    rubbish = dead_letter(b"rubbish")
    await world.collect(dead_letter(), rubbish, again)
    await world.collect(rubbish, again)
    assert len(await world.letters()) == 2
    assert len(world.answers) == 5  # whoever asks again hears again


async def test_what_was_closed_is_filed_anew_only_if_it_was_given_up_anew(world: World) -> None:
    await world.collect(dead_letter())
    await world.connection.execute("UPDATE dead_letters SET state = 'skipped', closed_at = last_at")
    await world.collect(dead_letter(redelivered=True))
    assert len(await world.letters()) == 1
    # The twin's clock stands at noon, as the broker's did.
    await world.collect(dead_letter(headers=deaths(died_at=DIED_AT + timedelta(hours=1))))
    assert [letter["state"] for letter in await world.letters()] == ["skipped", "set_aside"]


async def _record(world: World, command: StockCommand | OrderCommand, answer: dict[str, Any]) -> None:
    await world.connection.execute("INSERT INTO partitions (partition) VALUES (0) ON CONFLICT DO NOTHING")
    await world.connection.execute(
        "INSERT INTO commands (command_id, digest, partition, sequence, answer) VALUES ($1, $2, 0, 1, $3)",
        command.command_id,
        digest_of(command),
        json.dumps(answer),
    )


LINES = (domain.Line(SKU, "main", 5), domain.Line("B", "main", 1))
ANSWER = {
    "command_id": str(COMMAND_ID),
    "outcome": "applied",
    "type": "restock",
    "sku": "85123A",
    "location": "main",
    "quantity": 5,
    "reason": None,
    "message": None,
}


async def test_a_copy_of_what_was_answered_before_gets_that_answer(world: World) -> None:
    await _record(world, parse_command(command_body(5)), ANSWER)
    await world.collect(dead_letter(b"rubbish"), dead_letter())
    assert [letter["body"] for letter in await world.letters()] == [b"rubbish"]
    assert [answer["outcome"] for answer in world.answers] == ["dead_lettered", "applied"]


async def test_a_line_that_was_answered_before_brings_its_leg_on(world: World) -> None:
    held = domain.Order(1, UUID(int=9), "till", None, LINES, allow_partial=False, deadline=DIED_AT, reply_tos=(None,))
    (asked,) = commands_of("order:17", held)
    command = parse_line_command(asked.body)
    answer = ANSWER | {"command_id": str(command.command_id), "type": "reserve_line", "reservation_id": "order:17#1"}
    await _record(world, command, answer)
    await world.collect(dead_letter(asked.body, user_id=OWN_USER, reply_to=None)._replace(bundle=BundleKind.ASKED))
    (bundle,) = world.outbox.bundles
    onward = json.loads(bundle.body)
    assert (bundle.kind, onward["sku"], onward["heard"]) == (BundleKind.ASKED, "B", [[5, None, None]])


async def test_a_sale_that_its_order_has_forestalled_goes_home(world: World) -> None:
    pending = domain.Order(1, UUID(int=9), "till", None, LINES[:1], allow_partial=False, deadline=DIED_AT, reply_tos=())
    (asked,) = commands_of("order:17", pending)
    command = parse_line_command(asked.body)
    ids = {"command_id": str(command.command_id), "type": "sell_line", "order_id": "17"}
    refusal = {"outcome": "rejected", "reason": "order_completed", "message": "the order is cancelled"}
    await _record(world, command, ANSWER | ids | refusal | dict.fromkeys(("sku", "location", "quantity")))
    await world.collect(dead_letter(asked.body, user_id=OWN_USER, reply_to=None)._replace(bundle=BundleKind.ASKED))
    (bundle,) = world.outbox.bundles
    told = json.loads(bundle.body)
    assert (bundle.kind, told["order"]) == (BundleKind.TOLD, "order:17")
    assert [answer[:2] for answer in told["answers"]] == [[0, "order_completed"]]


async def test_another_command_under_an_id_that_was_answered_is_a_conflict(world: World) -> None:
    await _record(world, parse_command(command_body(6)), ANSWER)
    await world.collect(dead_letter())
    assert await world.letters() == []
    assert [answer["reason"] for answer in world.answers] == ["conflict"]


async def test_texts_that_no_column_holds_are_filed_as_escapes(world: World) -> None:
    await world.collect(dead_letter(b"rubbish", headers=deaths("a\0b\ud800") | {"trace": "\0"}, content_type="\0"))
    (letter,) = await world.letters()
    assert (letter["queue"], letter["content_type"]) == ("a\\0b\\ud800", "\\0")


async def test_a_database_that_is_away_is_waited_for(world: World) -> None:
    world.failures = 3
    await world.collect(dead_letter())
    assert (len(await world.letters()), len(world.answers), len(world.queue.messages)) == (1, 1, 0)
    assert world.observer.retries == ["collect"] * 3


async def test_answers_that_are_not_confirmed_are_published_again(world: World) -> None:
    world.faults.plan("published", PublishFailed("not confirmed"))
    await world.collect(dead_letter())
    assert (len(await world.letters()), len(world.answers), len(world.queue.messages)) == (1, 2, 0)
    assert world.observer.retries == ["collect"]


@pytest.mark.parametrize("point", ["publish", "published", "acknowledge"])
async def test_a_collector_that_dies_leaves_it_to_the_next_one(world: World, point: str) -> None:
    world.faults.plan(point, SourceClosed("as for a worker that is killed here"))
    await world.collect(dead_letter())
    await world.collect()
    assert (len(await world.letters()), len(world.queue.messages)) == (1, 0)
    assert {answer["reason"] for answer in world.answers} == {"expired"}
