from uuid import UUID, uuid4

import pytest

from publisher import InvalidInput, LedgerRefused
from publisher.dead_letters.edits import Editable, corrected_command
from publisher.dead_letters.states import LetterState
from schemas.commands import Purchase, encode_command

COMMAND_ID = UUID("8f14e45f-ceea-4e07-8c2b-0d8f3d6b9c11")
HELD = Editable(7, LetterState.HELD, "85123A", COMMAND_ID)
SET_ASIDE = Editable(7, LetterState.SET_ASIDE, "85123A", COMMAND_ID)


def body(sku: str = "85123A", quantity: int = 6, command_id: UUID = COMMAND_ID) -> bytes:
    return encode_command(Purchase(command_id=command_id, sku=sku, quantity=quantity, user="till-3"))


@pytest.mark.parametrize(
    ("letter", "corrected"),
    [
        (HELD, body(quantity=1)),
        (SET_ASIDE, body(sku="71053")),  # nothing waits for it, so the SKU itself may have been the mistake
        (Editable(7, LetterState.SET_ASIDE, None, None), body(command_id=uuid4())),
    ],
)
def test_a_corrected_body_takes_the_place(letter: Editable, corrected: bytes) -> None:
    assert encode_command(corrected_command(letter, corrected)) == corrected


@pytest.mark.parametrize(
    ("letter", "corrected", "said"),
    [
        (HELD, b"{", "the body is not JSON in UTF-8"),
        (HELD, b"\xff", "the body is not JSON in UTF-8"),
        (HELD, body().replace(b":6", b":0"), "quantity: must be at least 1"),
        (HELD, body(command_id=uuid4()), f"command_id: must stay {COMMAND_ID}"),
        (HELD, body(sku="71053"), "'85123A' waits for it, so it must stay about that"),
    ],
)
def test_a_body_that_may_not_is_explained(letter: Editable, corrected: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        corrected_command(letter, corrected)


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        (Editable(7, LetterState.REPLAYED, "85123A", COMMAND_ID), "7 is closed already"),
        (Editable(7, LetterState.PARKED, "85123A", COMMAND_ID, head=3), "7 waits behind 3, and nothing passes that"),
        (Editable(7, LetterState.PARKED, "85123A", COMMAND_ID), "7 waits behind another"),
        (Editable(7, LetterState.HELD, "85123A", COMMAND_ID, bundle="asked"), "7 is what a worker has written"),
    ],
)
def test_a_letter_that_cannot_be_edited_is_refused_whatever_the_body(letter: Editable, said: str) -> None:
    with pytest.raises(LedgerRefused, match=said):
        corrected_command(letter, b"{")
