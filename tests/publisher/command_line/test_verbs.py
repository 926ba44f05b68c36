import json
from uuid import UUID, uuid4

import asyncpg
import pytest
from rich.cells import cell_len
from yarl import URL

from publisher import OrderClient
from schemas.commands import Adjust, Transfer
from schemas.results import encode_result, parse_result
from tests.proxy import Proxy
from tests.publisher.answering_twin import PARTITION_COUNT, AnsweringTwin
from tests.publisher.command_line.program import Finished, run


def assert_readable(finished: Finished) -> None:
    assert max(cell_len(line) for line in finished.output.splitlines()) <= 80
    assert "Traceback" not in finished.errors


async def test_a_restock_and_a_purchase(amqp_url: str, twin: AnsweringTwin) -> None:
    restocked = await run("restock", "85123A", "10", "--user", "me", "--amqp-url", amqp_url)
    assert (restocked.exit_code, restocked.errors) == (0, "")
    assert "available  10 (on hand 10, reserved 0)" in restocked.output
    assert_readable(restocked)
    options = ["--location", "main", "--order-id", "7", "--reason", "sale", "--json"]
    purchased = await run("purchase", "85123A", "6", "--user", "me", *options, ORDERS_AMQP_URL=amqp_url)
    assert parse_result(purchased.output).available == 4
    assert (twin.received[1].order_id, twin.received[1].reason) == ("7", "sale")


async def test_a_refusal_has_an_exit_code_of_its_own(amqp_url: str, twin: AnsweringTwin) -> None:
    refused = await run("purchase", "85123A", "6", "--user", "me", ORDERS_AMQP_URL=amqp_url)
    assert refused.exit_code == 1
    assert "insufficient_stock" in refused.output
    assert_readable(refused)
    assert len(twin.received) == 1


async def test_the_same_id_gets_the_same_answer(amqp_url: str, twin: AnsweringTwin) -> None:
    arguments = ("restock", "A", "5", "--user", "me", "--command-id", str(uuid4()), "--json")
    first, second = [await run(*arguments, ORDERS_AMQP_URL=amqp_url) for _ in range(2)]
    assert first.output == second.output
    assert twin.stock["A", "main"] == 5


async def test_an_adjustment_and_a_transfer(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.stock["85123A", "main"] = 10
    adjusted = await run(
        *("adjust", "85123A", "--difference", "-2", "--reason", "broken", "--user", "me"), ORDERS_AMQP_URL=amqp_url
    )
    assert (adjusted.exit_code, adjusted.errors) == (0, "")
    moved = await run("transfer", "85123A", "3", "--to", "attic", "--user", "me", ORDERS_AMQP_URL=amqp_url)
    assert (moved.exit_code, moved.errors) == (0, "")
    adjustment, transfer = twin.received
    assert isinstance(adjustment, Adjust)
    assert (adjustment.difference, adjustment.set_to, adjustment.reason) == (-2, None, "broken")
    assert isinstance(transfer, Transfer)
    assert (transfer.quantity, transfer.location, transfer.to_location) == (3, "main", "attic")
    assert_readable(moved)


async def test_a_reservation_from_its_begin_to_its_end(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 50
    for verb in (
        ("reserve", "A", "5", "r", "--expires-in", "60"),
        ("extend", "A", "r", "--expires-in", "90"),
        ("release", "A", "r", "--quantity", "2"),
        ("fulfil", "A", "r"),
    ):
        ended = await run(*verb, "--user", "me", ORDERS_AMQP_URL=amqp_url)
        assert (ended.exit_code, ended.errors) == (0, "")
    received = [command.model_dump(include={"type", "quantity", "expires_in"}) for command in twin.received]
    assert received == [
        {"type": "reserve", "quantity": 5, "expires_in": 60},
        {"type": "extend", "expires_in": 90},
        {"type": "release", "quantity": 2},
        {"type": "fulfil", "quantity": None},
    ]


async def test_no_answer_in_time(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.silent = True
    command_id = str(uuid4())
    arguments = ("purchase", "A", "1", "--user", "me", "--command-id", command_id, "--timeout-seconds", "0.3")
    unanswered = await run(*arguments, ORDERS_AMQP_URL=amqp_url)
    assert (unanswered.exit_code, unanswered.output) == (4, "")
    assert command_id in unanswered.errors
    assert len(unanswered.errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("purchase", "A", "0", "--user", "me"), "quantity: must be at least 1 (got 0)"),
        (("purchase", "A", "x", "--user", "me"), "QUANTITY"),
        (("purchase", "A", "1"), "--user"),
        (("adjust", "A", "--set-to", "1", "--user", "me"), "--reason"),
        (("adjust", "A", "--user", "me", "--reason", "r"), "exactly one of set_to and difference"),
        (("transfer", "A", "1", "--user", "me"), "--to"),
        (("purchase", "A", "1", "--user", "me", "--command-id", "7"), "--command-id"),
        (("purchase", "A", "1", "--user", "me", "--partitions", "0"), "from 1 to 100"),
        (("purchase", "A", "1", "--user", "me", "--amqp-url", "http://x"), "amqp://"),
        (("steal", "A"), "steal"),
        (("import", "nothing.csv"), "nothing.csv cannot be read"),
        (("import", "nothing.txt"), "--format"),
    ],
    ids=" ".join,
)
async def test_wrong_use(arguments: tuple[str, ...], said: str) -> None:
    refused = await run(*arguments)
    assert (refused.exit_code, refused.output) == (2, "")
    assert said in refused.errors
    assert "Traceback" not in refused.errors


@pytest.mark.parametrize("arguments", [("purchase", "A", "1", "--user", "me"), ("watch",)], ids=" ".join)
async def test_a_broker_that_is_away(amqp_url: str, proxy: Proxy, arguments: tuple[str, ...]) -> None:
    proxy.refuse()
    ended = await run(*arguments, ORDERS_AMQP_URL=proxy.url(amqp_url))
    assert (ended.exit_code, ended.output) == (5, "")
    assert ended.errors.startswith("order-publisher: broker at amqp://127.0.0.1")
    assert str(URL(amqp_url).password) not in ended.errors.replace("guest:", "")
    assert len(ended.errors.splitlines()) == 1


async def test_a_broker_without_our_topology(amqp_url: str) -> None:
    ended = await run("purchase", "A", "1", "--user", "me", ORDERS_AMQP_URL=amqp_url)
    assert ended.exit_code == 5
    assert "has an order-worker been started?" in ended.errors


@pytest.fixture
async def command_id(migrated_database_url: str, amqp_url: str, twin: AnsweringTwin) -> UUID:
    """Give the id of a refused purchase that the database knows, beside stock of the SKU."""
    assert twin.received == []
    async with OrderClient(amqp_url, partition_count=PARTITION_COUNT) as client:
        result = await client.purchase("85123A", 6, user="me")
    connection = await asyncpg.connect(migrated_database_url)
    await connection.execute(
        "INSERT INTO commands (command_id, digest, partition, sequence, answer) VALUES ($1, '', 0, 1, $2)",
        result.command_id,
        encode_result(result).decode(),
    )
    await connection.execute("INSERT INTO stock_levels VALUES ('85123A', 'main', 1234567, 7, 3)")
    await connection.close()
    assert result.command_id is not None
    return result.command_id


async def test_a_stored_result_exits_as_its_command_did(migrated_database_url: str, command_id: UUID) -> None:
    shown = await run("result", str(command_id), "--database-url", migrated_database_url)
    assert shown.exit_code == 1
    assert "insufficient_stock" in shown.output
    assert_readable(shown)
    as_json = await run("result", str(command_id), "--json", ORDERS_DATABASE_URL=migrated_database_url)
    assert parse_result(as_json.output).command_id == command_id


async def test_stock_is_shown(migrated_database_url: str, command_id: UUID) -> None:
    assert command_id
    shown = await run("stock", "85123A", ORDERS_DATABASE_URL=migrated_database_url)
    assert shown.exit_code == 0
    assert "1,234,560" in shown.output
    assert_readable(shown)
    as_json = await run("stock", "85123A", "--json", ORDERS_DATABASE_URL=migrated_database_url)
    expected = {"sku": "85123A", "location": "main", "on_hand": 1234567, "reserved": 7, "version": 3}
    assert json.loads(as_json.output) == [expected | {"available": 1234560}]


async def test_what_is_not_recorded_is_said(migrated_database_url: str) -> None:
    result = await run("result", str(uuid4()), ORDERS_DATABASE_URL=migrated_database_url)
    assert (result.exit_code, result.output) == (4, "")
    assert "no answer is stored" in result.errors
    stock = await run("stock", "85123A", ORDERS_DATABASE_URL=migrated_database_url)
    assert (stock.exit_code, stock.output) == (1, "")


@pytest.mark.parametrize("arguments", [("result", str(uuid4())), ("stock", "A")], ids=["result", "stock"])
async def test_a_database_that_is_away(arguments: tuple[str, ...]) -> None:
    ended = await run(*arguments, ORDERS_DATABASE_URL="postgresql://127.0.0.1:1/orders")
    assert ended.exit_code == 5
    assert ended.errors.startswith("order-publisher: database: ")
    assert len(ended.errors.splitlines()) == 1


SENDING_VERBS = [
    "purchase",
    "restock",
    "adjust",
    "transfer",
    "reserve",
    "extend",
    "release",
    "fulfil",
    "order",
    "cancel-order",
]
DEAD_LETTER_VERBS = [
    f"dead-letters {verb}".strip()
    for verb in (
        *("", "list", "groups", "show", "replay", "skip", "edit", "export"),
        *("plan", "plan list", "plan show", "plan pause", "plan resume", "plan cancel"),
    )
]
VERBS = [*SENDING_VERBS, "import", "watch", "result", "stock", *DEAD_LETTER_VERBS]


@pytest.mark.parametrize("verb", ["", *VERBS])
async def test_help_names_settings_and_exit_codes_in_80_columns(verb: str) -> None:
    shown = await run(*verb.split(), "--help")
    assert shown.exit_code == 0
    assert "Exit codes: 0 applied" in shown.output
    assert_readable(shown)
    words = " ".join(shown.output.split())
    for flag, variable in (("--amqp-url", "ORDERS_AMQP_URL"), ("--database-url", "ORDERS_DATABASE_URL")):
        assert (flag in words) == (variable in words)
