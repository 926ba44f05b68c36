import pytest

from worker.domain import Reservation, ReservationStatus
from worker.event_store import ReservationName
from worker.lane.held_reservations import HeldReservations

R, S, T = ("A", "r"), ("A", "s"), ("B", "r")


def _held(quantity: int = 5) -> Reservation:
    return Reservation("main", quantity, quantity, 0, 0, ReservationStatus.HELD, None)


def _names(reservations: HeldReservations, *names: ReservationName) -> list[ReservationName]:
    return list(reservations.of(names))


def test_what_was_put_is_there_by_sku_and_id_and_nothing_else() -> None:
    reservations = HeldReservations(10)
    reservations.put({R: _held()})
    assert reservations.of([S, R, T]) == {R: _held()}


def test_a_newer_state_replaces_an_older_one_and_counts_once() -> None:
    reservations = HeldReservations(2)
    reservations.put({S: _held()})
    for quantity in range(1, 10):
        reservations.put({R: _held(quantity)})
    assert reservations.of([R, S]) == {R: _held(9), S: _held()}


@pytest.mark.parametrize("status", [status for status in ReservationStatus if status is not ReservationStatus.HELD])
def test_what_holds_nothing_any_more_is_not_kept(status: ReservationStatus) -> None:
    reservations = HeldReservations(10)
    reservations.put({R: _held(), S: _held()})
    reservations.put({R: Reservation("main", 5, 0, 5, 0, status, None)})
    assert _names(reservations, R, S) == [S]


def test_those_not_used_for_longest_go_first() -> None:
    reservations = HeldReservations(2)
    reservations.put({R: _held(), S: _held()})
    assert _names(reservations, R) == [R]  # which uses it
    reservations.put({T: _held()})
    assert _names(reservations, R, S, T) == [R, T]


def test_one_that_changes_counts_as_used() -> None:
    reservations = HeldReservations(2)
    reservations.put({R: _held(), S: _held()})
    reservations.put({R: _held(3)})
    reservations.put({T: _held()})
    assert _names(reservations, R, S, T) == [R, T]


def test_all_of_a_sku_are_forgotten_together_and_leave_their_room_to_others() -> None:
    reservations = HeldReservations(2)
    reservations.put({R: _held(), S: _held()})
    reservations.forget({"A", "C"})
    reservations.put({T: _held(), ("C", "r"): _held()})
    assert _names(reservations, R, S, T, ("C", "r")) == [T, ("C", "r")]
