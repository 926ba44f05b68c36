import gzip
from pathlib import Path

import pytest

from publisher.errors import InvalidInput
from publisher.order_log.logged_commands import LoggedCommand
from publisher.order_log.reading import LogFormat, OrderLog, default_source, format_of


@pytest.mark.parametrize(
    ("name", "log_format"),
    [
        ("orders.csv", LogFormat.CSV),
        ("orders.CSV", LogFormat.CSV),
        ("orders.csv.gz", LogFormat.CSV),
        ("orders.json", LogFormat.JSON),
        ("orders.jsonl.gz", LogFormat.JSON),
        ("2026.01.ndjson", LogFormat.JSON),
    ],
)
def test_the_name_tells_the_format(name: str, log_format: LogFormat) -> None:
    assert format_of(Path(name)) is log_format


@pytest.mark.parametrize("name", ["orders", "orders.gz", "orders.txt", "csv"])
def test_a_name_that_tells_nothing_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="--format"):
        format_of(Path(name))


def test_packing_or_moving_a_log_keeps_its_command_ids(tmp_path: Path) -> None:
    plain, packed = tmp_path / "orders.csv", tmp_path / "elsewhere" / "orders.csv.gz"
    packed.parent.mkdir()
    plain.write_bytes(b"sku,quantity\nA,1\nA,-1\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    def ids(path: Path) -> list[object]:
        log = OrderLog(path, default_source(path), format_of(path))
        return [order.command.command_id for order in log.read() if isinstance(order, LoggedCommand)]

    assert ids(plain) == ids(packed)
    assert len(set(ids(plain))) == 2
