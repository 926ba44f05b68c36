"""How many commands wait, and the oldest of them."""

from tests.soak.unanswered import Unanswered


def test_the_oldest_is_the_first_that_was_sent_and_not_answered() -> None:
    unanswered = Unanswered()
    assert unanswered.oldest_seconds(5.0) == 0
    unanswered.sent(["a", "b"], 1.0)
    unanswered.sent(["c"], 2.0)
    unanswered.answered("a")
    unanswered.answered("b")
    assert (len(unanswered), unanswered.oldest_seconds(5.0)) == (1, 3.0)


def test_a_repeated_answer_and_one_to_nobody_count_for_nothing() -> None:
    unanswered = Unanswered()
    unanswered.sent(["a", "b"], 1.0)
    for name in ("a", "a", "nobody"):
        unanswered.answered(name)
    assert (unanswered.sent_count, unanswered.answered_count, len(unanswered)) == (2, 1, 1)
