from worker.domain import Stock
from worker.lane.stock_cache import StockCache


def test_it_names_what_is_missing_once_and_in_order() -> None:
    cache = StockCache(10)
    cache.put({"b": Stock(1)})
    assert cache.missing(["c", "b", "a", "c"]) == ["c", "a"]


def test_a_newer_state_replaces_an_older_one() -> None:
    cache = StockCache(10)
    cache.put({"a": Stock(1)})
    cache.put({"a": Stock(2)})
    assert cache.stocks["a"].version == 2


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = StockCache(2)
    cache.put({"a": Stock(), "b": Stock(), "c": Stock()})
    assert cache.missing(["a"]) == []  # which uses it
    cache.trim()
    assert list(cache.stocks) == ["c", "a"]


def test_it_may_exceed_its_limit_until_it_is_trimmed() -> None:
    cache = StockCache(1)
    cache.put({"a": Stock(), "b": Stock()})
    assert cache.missing(["a", "b"]) == []
    cache.trim()
    assert len(cache.stocks) == 1


def test_what_is_forgotten_is_missing() -> None:
    cache = StockCache(10)
    cache.put({"a": Stock(), "b": Stock()})
    cache.forget(["a", "never-there"])
    assert cache.missing(["a", "b"]) == ["a"]
