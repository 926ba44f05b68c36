import asyncio
import gzip
import json
import signal
from collections import Counter
from pathlib import Path

from publisher.order_log.line_ids import line_command_id
from tests.publisher.answering_twin import AnsweringTwin
from tests.publisher.command_line.program import run, started

LOG = """\
StockCode,Quantity,CustomerID,InvoiceNo
85123A,-10,17850.0,C1
85123A,6,17850.0,536365
85123A,6,,536366
85123A,x,,536367
22423,0,,536368
 22423 ,-3,,C2
"""
COLUMNS = (
    *("--sku-column", "StockCode", "--quantity-column", "Quantity"),
    *("--user-column", "CustomerID", "--order-column", "InvoiceNo"),
)


def written(directory: Path, text: str = LOG, name: str = "orders.csv") -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


async def test_a_log_is_sent_and_summarised(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    imported = await run("import", str(written(tmp_path)), *COLUMNS, ORDERS_AMQP_URL=amqp_url)
    assert imported.exit_code == 6
    assert imported.errors.splitlines() == [
        "line 5: quantity: must be a whole number (got 'x')",
        "line 6: quantity: must be at least 1 (got 0)",
    ]
    table = [line.split() for line in imported.output.splitlines()[:-1]]
    assert ["applied", "3"] in table
    assert ["rejected", "insufficient_stock", "1"] in table
    assert ["bad", "line", "not", "sent", "2"] in table
    assert twin.stock == {("85123A", "main"): 4, ("22423", "main"): 3}
    assert Counter(command.user for command in twin.received) == {"17850.0": 2, "import": 2}
    assert {command.order_id for command in twin.received} == {"C1", "536365", "536366", "C2"}


async def test_importing_again_changes_nothing_and_a_grown_log_adds_its_new_lines(
    amqp_url: str, twin: AnsweringTwin, tmp_path: Path
) -> None:
    first = await run("import", str(written(tmp_path / "a")), *COLUMNS, "--json", ORDERS_AMQP_URL=amqp_url)
    packed = written(tmp_path / "b", name="orders.csv.gz")
    again = await run("import", str(packed), *COLUMNS, "--json", ORDERS_AMQP_URL=amqp_url)
    grown = written(tmp_path / "a", LOG + "85123A,4,,536369\n")
    third = await run("import", str(grown), *COLUMNS, "--json", ORDERS_AMQP_URL=amqp_url)
    answers = [json.loads(each.output)["answers"] for each in (first, again, third)]
    assert answers[0] == answers[1]
    assert [sum(each["lines"] for each in answer) for answer in answers] == [4, 4, 5]
    assert twin.stock["85123A", "main"] == 0


async def test_another_source_is_another_log(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    log = str(written(tmp_path, "sku,quantity\nA,-1\n"))
    for source in ("monday", "tuesday", "monday"):
        await run("import", log, "--source", source, ORDERS_AMQP_URL=amqp_url)
    assert twin.stock["A", "main"] == 2


async def test_results_and_bad_lines_are_written_with_their_lines(
    amqp_url: str, twin: AnsweringTwin, tmp_path: Path
) -> None:
    results, bad = tmp_path / "results.jsonl", tmp_path / "bad.txt"
    files = ("--results", str(results), "--bad-lines", str(bad))
    await run("import", str(written(tmp_path)), *COLUMNS, *files, ORDERS_AMQP_URL=amqp_url)
    by_line = {each["line"]: each for each in map(json.loads, results.read_text().splitlines())}
    assert {line: each["outcome"] for line, each in by_line.items()} == {
        2: "applied",
        3: "applied",
        4: "rejected",
        7: "applied",
    }
    assert by_line[3]["command_id"] == str(line_command_id("orders.csv", 3, b"85123A,6,17850.0,536365"))
    assert [line.split(":")[0] for line in bad.read_text().splitlines()] == ["line 5", "line 6"]
    assert len(twin.received) == 4


async def test_json_lines(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    text = (
        '{"type":"restock","sku":"A","quantity":1,"user":"u"}\n{"type":"restock","sku":"A","quantity":0,"user":"u"}\n'
    )
    log = str(written(tmp_path, text, "orders.jsonl.gz"))
    imported = await run("import", log, ORDERS_AMQP_URL=amqp_url)
    assert imported.exit_code == 6
    assert twin.stock["A", "main"] == 1


async def test_a_dry_run_sends_nothing(tmp_path: Path) -> None:
    log = str(written(tmp_path))
    dry = await run("import", log, *COLUMNS, "--dry-run", ORDERS_AMQP_URL="amqp://127.0.0.1:1")
    assert dry.exit_code == 6
    rows = [line.split() for line in dry.output.splitlines()[1:]]
    assert sorted(rows) == [["bad", "line", "2"], ["purchase", "2", "2", "12"], ["restock", "2", "2", "13"]]


async def test_twenty_bad_lines_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    log = str(written(tmp_path, "sku,quantity\n" + "A,x\n" * 100))
    dry = await run("import", log, "--dry-run", "--json")
    assert len(dry.errors.splitlines()) == 21
    summary = json.loads(dry.output)
    assert (summary["lines"], summary["bad_lines"], summary["dry_run"]) == (100, 100, True)
    assert "unanswered" not in summary


async def test_a_missing_column_is_named(tmp_path: Path) -> None:
    refused = await run("import", str(written(tmp_path)), "--dry-run")
    assert (refused.exit_code, refused.output) == (2, "")
    assert "there is no column sku, quantity; the columns are StockCode" in refused.errors


async def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    refused = await run("import", str(written(tmp_path)), *COLUMNS, "--results", str(tmp_path / "no" / "where"))
    assert refused.exit_code == 2
    assert "cannot be written" in refused.errors


async def test_the_bar_is_shown_where_it_is_asked_for(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    log = str(written(tmp_path, "sku,quantity\n" + "A,-1\n" * 50))
    imported = await run("import", log, "--progress", ORDERS_AMQP_URL=amqp_url)
    assert "50/50" in imported.errors
    assert len(twin.received) == 50


async def test_no_answers_end_it_with_what_came_so_far(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    twin.silent = True
    log = str(written(tmp_path))
    ended = await run("import", log, *COLUMNS, "--timeout-seconds", "0.5", "--json", ORDERS_AMQP_URL=amqp_url)
    assert ended.exit_code == 4
    assert json.loads(ended.output)["unanswered"] == 4


async def test_an_import_that_was_interrupted_goes_on_where_it_was(
    amqp_url: str, twin: AnsweringTwin, tmp_path: Path
) -> None:
    log = str(written(tmp_path, "sku,quantity\n" + "A,-1\n" * 300))
    twin.silent = True
    async with started("import", log, ORDERS_AMQP_URL=amqp_url) as process:
        await twin.has_received(100)
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (130, b"")
    twin.silent = False
    again = await asyncio.create_task(run("import", log, "--json", ORDERS_AMQP_URL=amqp_url))
    assert again.exit_code == 0
    assert twin.stock["A", "main"] == 300
