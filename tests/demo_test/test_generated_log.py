from collections import Counter
from itertools import groupby
from pathlib import Path

from tests.demo.columns import ColumnOptions
from tests.demo.generated_log import BASKET_LIMIT_LINES, Row, generated_rows, write_generated_log
from tests.demo.log_lines import read_log

LINES = 20_000


def rows(seed: int = 1) -> list[Row]:
    return list(generated_rows(seed, LINES))


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    assert rows() == rows()
    assert rows(1) != rows(2)


def test_a_shorter_log_is_the_beginning_of_a_longer_one() -> None:
    assert list(generated_rows(1, 100)) == rows()[:100]


def test_few_skus_sell_most() -> None:
    lines_by_sku = Counter(sku for _, sku, *_ in rows())
    top_tenth = lines_by_sku.most_common(len(lines_by_sku) // 10)
    assert sum(count for _, count in top_tenth) > LINES / 2


def test_every_sku_is_another_and_some_differ_in_case_alone() -> None:
    skus = {sku for _, sku, *_ in rows()}
    assert len(skus) > 1_100
    assert len({sku.lower() for sku in skus}) < len(skus)


def test_a_basket_is_one_customers_and_has_few_lines() -> None:
    baskets = [list(lines) for _, lines in groupby(rows(), key=lambda row: row[0])]
    assert {len({customer for *_, customer in basket}) for basket in baskets} == {1}
    sizes = [len(basket) for basket in baskets]
    assert max(sizes) == BASKET_LIMIT_LINES
    assert min(sizes) == 1


def test_an_invoice_takes_back_exactly_if_it_begins_with_c() -> None:
    returns = [invoice for invoice, _, _, quantity, *_ in rows() if int(quantity) < 0]
    assert all(invoice.startswith("C") == (int(quantity) < 0) for invoice, _, _, quantity, *_ in rows())
    assert 0.01 < len(returns) / LINES < 0.05


def test_some_lines_have_no_customer_and_none_a_quantity_of_0() -> None:
    assert 0.15 < sum(not customer for *_, customer in rows()) / LINES < 0.35
    assert all(int(quantity) != 0 for _, _, _, quantity, *_ in rows())


def test_time_never_goes_back() -> None:
    moments = [moment for *_, moment, _ in rows()]
    assert moments == sorted(moments)


def test_the_written_log_reads_as_it_was_generated(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write_generated_log(path, seed=3, line_count=500)
    log = read_log(path, ColumnOptions())
    assert [(order.number, order.sku, order.quantity) for order in log.orders] == [
        (number, sku, int(quantity)) for number, (_, sku, _, quantity, *_) in enumerate(generated_rows(3, 500), start=2)
    ]
    assert log.no_orders == []
