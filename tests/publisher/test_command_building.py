from datetime import UTC, datetime
from uuid import UUID

import pytest

from publisher.command_building import build_command
from publisher.errors import InvalidInput
from schemas.commands import Restock

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_command_has_what_was_given_and_the_time() -> None:
    command_id = UUID(int=7)
    command = build_command("restock", NOW, sku="85123A", quantity=6, user="till-3", reason="r", command_id=command_id)
    assert command == Restock(command_id=command_id, sku="85123A", quantity=6, user="till-3", reason="r", issued_at=NOW)


def test_each_command_has_an_id_of_its_own() -> None:
    one, other = (build_command("purchase", NOW, sku="A", quantity=1, user="u") for _ in range(2))
    assert one.command_id != other.command_id
    assert one.command_id.version == 4


def test_what_is_wrong_is_named_all_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        build_command("purchase", NOW, sku="A ", quantity=0, user="")
    assert [part.split(":")[0] for part in str(refused.value).split("; ")] == ["sku", "quantity", "user"]
