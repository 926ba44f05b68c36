import pytest
from pydantic import ValidationError

from schemas.commands import parse_command
from schemas.explanations import SHOWN_VALUE_LIMIT_CHARACTERS, explain
from tests.schemas.commands import body


def explanation(rubbish: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        parse_command(rubbish)
    return explain(refused.value)


def test_several_errors_are_named_together() -> None:
    assert explanation(body(quantity=0, user="")) == (
        "quantity: must be at least 1 (got 0); user: must not be empty (got '')"
    )


def test_long_values_are_cut() -> None:
    sentence = explanation(body(reason="x" * 10_000))
    assert "10002 characters" in sentence
    assert len(sentence) < 3 * SHOWN_VALUE_LIMIT_CHARACTERS


def test_many_errors_are_counted() -> None:
    sentence = explanation(body(**{f"unknown_{number}": number for number in range(20)}))
    assert sentence.endswith("; and 15 more")
    assert len(sentence) < 1_000


def test_the_same_message_is_explained_the_same_every_time() -> None:
    assert explanation(body(sku="\x00", colour=1)) == explanation(body(sku="\x00", colour=1))


def test_a_value_cannot_smuggle_in_control_characters_or_look_alikes() -> None:
    sentence = explanation(body(sku="a\n\x1b[31mé"))
    assert sentence.isascii()
    assert sentence.isprintable()


def test_a_huge_body_is_explained_shortly() -> None:
    assert len(explanation(body(unknown="x" * 10_000_000))) < 500
