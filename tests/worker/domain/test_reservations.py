"""Reservations: what each command does to each state, around the due time, and over random histories."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain import (
    Command,
    Event,
    Expire,
    Extend,
    Fulfil,
    Level,
    Purchase,
    Refusal,
    RefusalReason,
    Release,
    Reservation,
    ReservationEvent,
    ReservationExpired,
    ReservationExtended,
    ReservationFulfilled,
    ReservationReleased,
    ReservationStatus,
    Reserve,
    Restock,
    Stock,
    StockReserved,
    decide,
    evolve,
    evolve_reservation,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
TEN_OF_WHICH_FOUR_HELD = Stock(3, {"main": Level(10, reserved=4)})
HELD = Reservation("main", 6, 4, 1, 1, ReservationStatus.HELD, NOW + MINUTE)
ENDLESS = Reservation("main", 4, 4, 0, 0, ReservationStatus.HELD, None)
DUE = Reservation("main", 4, 4, 0, 0, ReservationStatus.HELD, NOW)
FULFILLED = Reservation("main", 4, 0, 3, 1, ReservationStatus.FULFILLED, None)
RELEASED = Reservation("main", 4, 0, 1, 3, ReservationStatus.RELEASED, None)
EXPIRED = Reservation("main", 4, 0, 1, 3, ReservationStatus.EXPIRED, NOW)


@pytest.mark.parametrize(
    ("reservation", "command", "event"),
    [
        (None, Reserve("main", "r", 6, None), StockReserved("main", "r", 6, None)),
        (None, Reserve("main", "r", 1, MINUTE), StockReserved("main", "r", 1, NOW + MINUTE)),
        (HELD, Extend("main", "r", 2 * MINUTE), ReservationExtended("main", "r", NOW + 2 * MINUTE)),
        (ENDLESS, Extend("main", "r", MINUTE), ReservationExtended("main", "r", NOW + MINUTE)),
        (HELD, Release("main", "r", None), ReservationReleased("main", "r", 4)),
        (HELD, Release("main", "r", 3), ReservationReleased("main", "r", 3)),
        (HELD, Fulfil("main", "r", None), ReservationFulfilled("main", "r", 4)),
        (ENDLESS, Fulfil("main", "r", 1), ReservationFulfilled("main", "r", 1)),
        (DUE, Expire("main", "r", NOW), ReservationExpired("main", "r", 4)),
        # The worker that sends it may have a clock that is ahead of ours.
        (HELD, Expire("main", "r", NOW + MINUTE), ReservationExpired("main", "r", 4)),
    ],
)
def test_what_the_rules_allow_happens(reservation: Reservation | None, command: Command, event: Event) -> None:
    assert decide(TEN_OF_WHICH_FOUR_HELD, command, NOW, reservation) == event


CLOSING = [Extend("main", "r", MINUTE), Release("main", "r", None), Fulfil("main", "r", 1), Expire("main", "r", NOW)]
CLOSED = [
    (FULFILLED, RefusalReason.ALREADY_FULFILLED),
    (RELEASED, RefusalReason.ALREADY_RELEASED),
    (EXPIRED, RefusalReason.RESERVATION_EXPIRED),
    (None, RefusalReason.UNKNOWN_RESERVATION),
]


@pytest.mark.parametrize(("reservation", "reason"), CLOSED, ids=lambda value: getattr(value, "status", value))
@pytest.mark.parametrize("command", CLOSING, ids=lambda command: type(command).__name__)
def test_what_holds_nothing_is_refused_by_what_became_of_it(
    reservation: Reservation | None, reason: RefusalReason, command: Command
) -> None:
    assert _reason(command, reservation) is reason


@pytest.mark.parametrize(
    ("reservation", "command", "reason"),
    [
        (None, Reserve("main", "r", 7, None), RefusalReason.INSUFFICIENT_STOCK),
        (None, Reserve("attic", "r", 1, None), RefusalReason.INSUFFICIENT_STOCK),
        (HELD, Reserve("main", "r", 1, None), RefusalReason.RESERVATION_EXISTS),
        (EXPIRED, Reserve("main", "r", 1, None), RefusalReason.RESERVATION_EXISTS),
        (HELD, Release("main", "r", 5), RefusalReason.QUANTITY_EXCEEDS_RESERVATION),
        (HELD, Fulfil("main", "r", 5), RefusalReason.QUANTITY_EXCEEDS_RESERVATION),
        (HELD, Fulfil("attic", "r", 1), RefusalReason.UNKNOWN_RESERVATION),
        (HELD, Expire("main", "r", NOW), RefusalReason.NOT_DUE),
        (ENDLESS, Expire("main", "r", NOW), RefusalReason.NOT_DUE),
    ],
)
def test_what_they_do_not_is_refused(reservation: Reservation | None, command: Command, reason: RefusalReason) -> None:
    assert _reason(command, reservation) is reason


@pytest.mark.parametrize("command", CLOSING[:3], ids=lambda command: type(command).__name__)
def test_the_time_of_the_decision_alone_says_whether_a_reservation_has_expired(command: Command) -> None:
    assert not isinstance(decide(TEN_OF_WHICH_FOUR_HELD, command, NOW - TICK, DUE), Refusal)
    assert _reason(command, DUE) is RefusalReason.RESERVATION_EXPIRED


def test_the_last_units_say_what_became_of_a_reservation() -> None:
    half = evolve_reservation(ENDLESS, ReservationFulfilled("main", "r", 3))
    assert (half.held, half.fulfilled, half.status) == (1, 3, ReservationStatus.HELD)
    assert evolve_reservation(half, ReservationReleased("main", "r", 1)).status is ReservationStatus.RELEASED
    assert evolve_reservation(half, ReservationExpired("main", "r", 1)).status is ReservationStatus.EXPIRED
    assert evolve_reservation(half, ReservationFulfilled("main", "r", 1)).status is ReservationStatus.FULFILLED


NAMES = st.sampled_from("abc")
PARTS = st.none() | st.integers(1, 6)
HISTORIES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.one_of(
            st.builds(Restock, st.just("main"), st.integers(1, 9)),
            st.builds(Purchase, st.just("main"), st.integers(1, 9)),
            st.builds(
                Reserve,
                st.just("main"),
                NAMES,
                st.integers(1, 6),
                st.none() | st.integers(1, 5).map(lambda seconds: timedelta(seconds=seconds)),
            ),
            st.builds(Extend, st.just("main"), NAMES, st.just(timedelta(seconds=3))),
            st.builds(Release, st.just("main"), NAMES, PARTS),
            st.builds(Fulfil, st.just("main"), NAMES, PARTS),
        ),
    ),
    max_size=60,
)


@given(HISTORIES)
def test_what_is_reserved_is_what_the_reservations_hold_at_any_time(history: Sequence[tuple[int, Command]]) -> None:
    stock, now = Stock(), NOW
    reservations: dict[str, Reservation] = {}
    for seconds, command in history:
        now += timedelta(seconds=seconds)
        name = getattr(command, "reservation_id", "")
        decision = decide(stock, command, now, reservations.get(name))
        if isinstance(decision, Refusal):
            continue
        stock = evolve(stock, decision)
        if isinstance(decision, ReservationEvent):
            reservations[name] = evolve_reservation(reservations.get(name), decision)
        level = stock.at("main")
        assert 0 <= level.reserved <= level.on_hand
        assert level.reserved == sum(reservation.held for reservation in reservations.values())
        for each in reservations.values():
            assert each.quantity == each.held + each.fulfilled + each.released
            assert (each.status is ReservationStatus.HELD) == (each.held > 0)


def _reason(command: Command, reservation: Reservation | None) -> RefusalReason:
    decision = decide(TEN_OF_WHICH_FOUR_HELD, command, NOW, reservation)
    assert isinstance(decision, Refusal)
    return decision.reason


@pytest.mark.parametrize(
    ("reservation", "event", "problem"),
    [
        (None, ReservationExpired("main", "r", 1), "r: nothing was reserved before ReservationExpired"),
        (HELD, StockReserved("main", "r", 1, None), "r: it was reserved before"),
        (HELD, ReservationFulfilled("attic", "r", 1), "r: held at main, not at attic"),
    ],
    ids=["never", "twice", "elsewhere"],
)
def test_what_cannot_follow_is_refused_by_the_fold(
    reservation: Reservation | None, event: ReservationEvent, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        evolve_reservation(reservation, event)
