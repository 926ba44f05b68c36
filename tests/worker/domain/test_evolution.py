"""Properties of `decide` and `evolve` together, over random histories."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain import (
    ChangeStock,
    Command,
    Event,
    Level,
    Purchase,
    Refusal,
    Restock,
    SetStock,
    Stock,
    StockAdded,
    StockAdjusted,
    StockRemoved,
    StockTransferred,
    Transfer,
    decide,
    evolve,
    movements,
)
from worker.domain.stock import ON_HAND_LIMIT

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LOCATIONS = st.sampled_from(["main", "attic", "cellar"])
# Small quantities meet the floor, huge ones the ceiling.
QUANTITIES = st.one_of(st.integers(1, 20), st.integers(ON_HAND_LIMIT // 3, ON_HAND_LIMIT))
COMMANDS = st.lists(
    st.one_of(
        st.builds(Purchase, LOCATIONS, QUANTITIES),
        st.builds(Restock, LOCATIONS, QUANTITIES),
        st.builds(SetStock, LOCATIONS, st.one_of(st.just(0), QUANTITIES)),
        st.builds(ChangeStock, LOCATIONS, st.one_of(QUANTITIES, QUANTITIES.map(lambda units: -units))),
        st.builds(Transfer, st.sampled_from(["main", "attic"]), st.just("cellar"), QUANTITIES),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (Stock(), StockAdded("main", 5), Stock(1, {"main": Level(5)})),
        (Stock(1, {"main": Level(5)}), StockRemoved("main", 5), Stock(2, {"main": Level(0)})),
        (
            Stock(7, {"main": Level(5, reserved=2)}),
            StockRemoved("main", 1),
            Stock(8, {"main": Level(4, reserved=2)}),
        ),
        (
            Stock(1, {"main": Level(5)}),
            StockAdded("attic", 2),
            Stock(2, {"main": Level(5), "attic": Level(2)}),
        ),
        (Stock(1, {"main": Level(5, 1)}), StockAdjusted("main", -4), Stock(2, {"main": Level(1, 1)})),
        (
            Stock(1, {"main": Level(5, 1)}),
            StockTransferred("main", "attic", 3),
            Stock(2, {"main": Level(2, 1), "attic": Level(3)}),
        ),
    ],
)
def test_an_event_moves_its_locations_and_the_version(before: Stock, event: Event, after: Stock) -> None:
    assert evolve(before, event) == after


def test_what_happened_is_not_questioned() -> None:
    assert evolve(Stock(), StockRemoved("main", 3)).at("main").available == -3


@given(COMMANDS)
def test_no_history_of_commands_leaves_the_bounds(commands: Sequence[Command]) -> None:
    stock = Stock()
    for command in commands:
        stock = _after(stock, command)
        assert all(0 <= level.available <= level.on_hand <= ON_HAND_LIMIT for level in stock.levels.values())


@given(COMMANDS)
def test_every_unit_is_accounted_for(commands: Sequence[Command]) -> None:
    stock, balance = Stock(), 0
    for command in commands:
        decision = decide(stock, command, NOW)
        if not isinstance(decision, Refusal):
            stock = evolve(stock, decision)
            balance += sum(movement.on_hand for movement in movements(decision))
        assert sum(level.on_hand for level in stock.levels.values()) == balance


@given(COMMANDS)
def test_folding_the_events_again_makes_the_same_state(commands: Sequence[Command]) -> None:
    stock, events = Stock(), list[Event]()
    for command in commands:
        decision = decide(stock, command, NOW)
        if not isinstance(decision, Refusal):
            events.append(decision)
            stock = evolve(stock, decision)
    assert reduce(evolve, events, Stock()) == stock
    assert stock.version == len(events)


def _after(stock: Stock, command: Command) -> Stock:
    decision = decide(stock, command, NOW)
    return stock if isinstance(decision, Refusal) else evolve(stock, decision)
