from tests.bench.contenders.number_rows import NumberRows


def test_rows_come_back_as_they_were_written() -> None:
    rows = NumberRows("iqd")
    rows.append(1, 2**40, 0.1)
    rows.append(2, -1, 1e300)
    assert len(rows) == 2
    assert [repr(row) for row in rows] == ["(1, 1099511627776, 0.1)", "(2, -1, 1e+300)"]
