import gzip
from pathlib import Path

import pytest

from tests.demo.columns import ColumnOptions, LogColumns
from tests.demo.errors import DemoError
from tests.demo.log_lines import OrderLine, ReadLog, read_log

USUAL = "InvoiceNo,StockCode,Quantity,CustomerID\n"


def read(folder: Path, content: str | bytes, options: ColumnOptions | None = None) -> ReadLog:
    path = folder / "log.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_log(path, options or ColumnOptions())


def test_a_code_is_what_is_written(tmp_path: Path) -> None:
    log = read(tmp_path, USUAL + "1,15056BL,2,7\n1,15056bl,3,\nC2, BANK CHARGES ,-1,7\n")
    assert log.orders == [
        OrderLine(2, "15056BL", 2, "1", "7"),
        OrderLine(3, "15056bl", 3, "1"),
        OrderLine(4, "BANK CHARGES", -1, "C2", "7"),
    ]


def test_a_compressed_log_and_one_with_a_byte_order_mark_read_the_same(tmp_path: Path) -> None:
    content = (USUAL + "1,A,2,7\n").encode()
    plain = read(tmp_path, content)
    assert read(tmp_path, gzip.compress(content)) == plain
    assert read(tmp_path, b"\xef\xbb\xbf" + content) == plain


def test_lines_count_as_in_the_file(tmp_path: Path) -> None:
    log = read(tmp_path, 'StockCode,Description,Quantity\nA,"two\nlines",1\n\nB,one,2\n')
    assert log.orders == [OrderLine(2, "A", 1), OrderLine(5, "B", 2)]


@pytest.mark.parametrize(
    "row", ["1,A,0,7", "1,A,1.5,7", "1,A,,7", "1,,1,7", "1,A,1", "1,A,1000000001,7", "1,A\x07,1,7"]
)
def test_what_is_no_order_is_told_apart(tmp_path: Path, row: str) -> None:
    log = read(tmp_path, f"{USUAL}1,A,1,7\n{row}\n")
    assert log.no_orders == [3]
    assert len(log.orders) == 1


def test_bytes_that_are_not_utf_8_matter_only_where_they_are_read(tmp_path: Path) -> None:
    log = read(tmp_path, b"StockCode,Description,Quantity\nA,caf\xe9,1\n\xe9,cafe,1\n")
    assert log.orders == [OrderLine(2, "A", 1)]
    assert log.no_orders == [3]


def test_named_columns_are_used_and_usual_ones_found(tmp_path: Path) -> None:
    options = ColumnOptions(sku="article", quantity="units")
    log = read(tmp_path, "units,article,CustomerID\n4,A,7\n", options)
    assert log.orders == [OrderLine(2, "A", 4, user="7")]
    assert log.columns == LogColumns(sku="article", quantity="units", user="CustomerID", order=None)


@pytest.mark.parametrize("options", [ColumnOptions(), ColumnOptions(user="who")])
def test_a_missing_column_is_named_with_those_there_are_and_the_options(tmp_path: Path, options: ColumnOptions) -> None:
    with pytest.raises(DemoError) as refusal:
        read(tmp_path, "article,units\nA,1\n", options)
    for part in ("no column StockCode", "article, units", "--sku-column", "--quantity-column", "--user-column"):
        assert part in str(refusal.value)


@pytest.mark.parametrize("content", [b"\x1f\x8bnot gzip", b"", USUAL.encode()])
def test_a_file_without_orders_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DemoError):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="nowhere"):
        read_log(tmp_path / "nowhere.csv", ColumnOptions())


def test_an_order_with_a_bad_line_is_noted(tmp_path: Path) -> None:
    log = read(tmp_path, USUAL + "1,A,2,7\n2,A,x,7\n2,B,0,7\nA,1\n")
    assert (log.no_orders, log.spoilt) == ([3, 4, 5], {"2": 3, "": 5})
