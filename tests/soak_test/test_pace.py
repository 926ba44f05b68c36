"""A pace is kept whatever comes back; flat out, what comes back makes room."""

from tests.soak.pace import FLAT_OUT_UNANSWERED, Pace


def test_a_pace_asks_for_what_is_due_by_now() -> None:
    pace = Pace(100, began=10.0)
    assert pace.due(10.0, 0) == 0
    assert pace.due(10.5, 0) == 50
    pace.begun_count = 50
    assert pace.due(10.5, 50) == 0
    assert pace.due(13.0, 50) == 250


def test_a_pace_does_not_care_for_answers() -> None:
    assert Pace(100, began=0.0).due(1.0, 10 * FLAT_OUT_UNANSWERED) == 100


def test_flat_out_keeps_so_many_on_their_way() -> None:
    pace = Pace(None, began=0.0)
    assert pace.due(1.0, 0) == FLAT_OUT_UNANSWERED
    assert pace.due(2.0, FLAT_OUT_UNANSWERED - 7) == 7
    assert pace.due(3.0, FLAT_OUT_UNANSWERED + 7) == 0
