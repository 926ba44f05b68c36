from hypothesis import given
from hypothesis import strategies as st

from publisher.repeat_window import RepeatWindow


def test_equal_bytes_are_a_repeat() -> None:
    window = RepeatWindow()
    assert [window.is_repeat(body) for body in (b"a", b"b", b"a", b"b", b"c")] == [False, False, True, True, False]


def test_what_left_the_window_passes_as_new() -> None:
    window = RepeatWindow(limit=2)
    assert [window.is_repeat(body) for body in (b"a", b"b", b"c", b"a")] == [False, False, False, False]


@given(st.lists(st.binary(max_size=2)), st.integers(1, 10))
def test_a_repeat_within_the_window_is_always_seen(bodies: list[bytes], limit: int) -> None:
    window = RepeatWindow(limit)
    remembered: list[bytes] = []
    for body in bodies:
        assert window.is_repeat(body) == (body in remembered)
        if body not in remembered:
            remembered = [*remembered, body][-limit:]
