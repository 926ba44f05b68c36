"""`order-publisher import --orders`."""

import json
from pathlib import Path

import pytest

from publisher.order_log.whole_orders import order_command_id
from schemas.order_commands import PlaceOrder
from tests.publisher.answering_twin import AnsweringTwin
from tests.publisher.command_line.program import run
from tests.publisher.command_line.test_import import COLUMNS, written

LOG = """\
InvoiceNo,StockCode,Quantity,CustomerID
1,A,2,17850.0
2,A,1,
1,B,1,17850.0
C3,A,-4,17850.0
4,B,x,
4,A,1,
5,A,9,
5,B,1,
"""


async def test_orders_are_placed_whole_and_summarised(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    twin.stock |= {("A", "main"): 2, ("B", "main"): 9}
    options = ("--orders", "--at-once", "1")
    imported = await run("import", str(written(tmp_path, LOG)), *COLUMNS, *options, ORDERS_AMQP_URL=amqp_url)
    assert imported.exit_code == 6
    assert imported.errors.splitlines() == [
        "line 6: quantity: must be a whole number (got 'x')",
        "line 7: the order '4' is not sent: its line 6 is bad",
    ]
    table = [line.split() for line in imported.output.splitlines()]
    assert ["applied", "1", "1", "1", "1", "1"] in table
    assert ["rejected", "insufficient_stock", "2", "4", "0", "13", "0"] in table
    assert ["bad", "order", "not", "sent", "1", "1"] in table
    assert ["bad", "line", "not", "sent", "1"] in table
    assert ["applied", "1"] in table
    assert table[-1][:2] == ["4", "answers"]
    assert twin.stock == {("A", "main"): 5, ("B", "main"): 9}
    assert [command.order_id for command in twin.received] == ["2", "1", "C3", "5"]


async def test_importing_again_changes_nothing(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    twin.stock |= {("A", "main"): 20, ("B", "main"): 9}
    log = str(written(tmp_path, LOG))
    options = ("--orders", "--allow-partial", "--expires-in", "60", "--json")
    first, again = [await run("import", log, *COLUMNS, *options, ORDERS_AMQP_URL=amqp_url) for _ in range(2)]
    summary = json.loads(first.output)
    assert summary | {"seconds": 0} == json.loads(again.output) | {"seconds": 0}
    assert summary["lines"] == 8
    assert summary["bad_orders"] == {"orders": 1, "lines": 1}
    assert summary["commands"]["place_order"] == {"commands": 3, "lines": 5, "units": 14}
    assert sum(each["sold_units"] for each in summary["orders"]) == 14
    assert twin.stock == {("A", "main"): 12, ("B", "main"): 7}
    placed = [command for command in twin.received if isinstance(command, PlaceOrder)]
    assert {(order.allow_partial, order.expires_in) for order in placed} == {(True, 60)}


async def test_results_name_the_first_line_of_their_order(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    log = str(written(tmp_path, LOG))
    await run("import", log, *COLUMNS, "--orders", "--results", str(results), ORDERS_AMQP_URL=amqp_url)
    by_line = {each["line"]: each for each in map(json.loads, results.read_text().splitlines())}
    assert {line: each["command_id"] for line, each in by_line.items() if each["type"] == "place_order"} == {
        line: str(order_command_id("orders.csv", order)) for line, order in ((2, "1"), (3, "2"), (8, "5"))
    }
    assert by_line[5]["type"] == "restock"
    assert len(twin.received) == 4


async def test_the_bar_counts_lines(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    log = str(written(tmp_path, LOG))
    imported = await run("import", log, *COLUMNS, "--orders", "--progress", ORDERS_AMQP_URL=amqp_url)
    assert "8/8" in imported.errors
    assert len(twin.received) == 4


async def test_a_dry_run_counts_orders(tmp_path: Path) -> None:
    log = str(written(tmp_path, LOG))
    dry = await run("import", log, *COLUMNS, "--orders", "--dry-run", ORDERS_AMQP_URL="amqp://127.0.0.1:1")
    assert dry.exit_code == 6
    rows = sorted(line.split() for line in dry.output.splitlines()[1:])
    assert rows == [
        ["bad", "line", "1"],
        ["bad", "order", "1", "1"],
        ["place_order", "3", "5", "14"],
        ["restock", "1", "1", "4"],
    ]


@pytest.mark.parametrize(
    ("text", "name", "options", "said"),
    [
        ("sku,quantity\nA,1\n", "log.csv", ("--orders",), "there is no column order_id; the columns are sku, quantity"),
        ("{}", "log.jsonl", ("--orders",), "--orders is for CSV"),
        (LOG, "log.csv", ("--allow-partial", *COLUMNS), "say --orders, too"),
        (LOG, "log.csv", ("--expires-in", "5", *COLUMNS), "say --orders, too"),
        (LOG, "log.csv", ("--orders", "--expires-in", "3601", *COLUMNS), "3600"),
        (LOG, "log.csv", ("--at-once", "0", *COLUMNS), "--at-once"),
    ],
)
async def test_wrong_use(tmp_path: Path, text: str, name: str, options: tuple[str, ...], said: str) -> None:
    refused = await run("import", str(written(tmp_path, text, name)), *options, "--dry-run")
    assert (refused.exit_code, refused.output) == (2, "")
    assert said in " ".join(refused.errors.split())
