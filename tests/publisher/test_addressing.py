from uuid import UUID

import pytest

from publisher.addressing import Addressing
from publisher.errors import InvalidInput
from schemas.commands import Purchase, parse_command

COMMAND = Purchase(command_id=UUID(int=7), sku="123456789", quantity=1, user="till-3")
"""The CRC-32 of its SKU is the standard's check value, 0xCBF43926."""


def test_a_message_carries_the_command_and_whom_to_answer() -> None:
    message = Addressing(partition_count=16).message(COMMAND, "till-3")
    assert parse_command(message.body) == COMMAND
    assert (message.exchange, message.routing_key) == ("orders.commands", "partition.06")
    assert (message.correlation_id, message.reply_to) == (str(COMMAND.command_id), "till-3")
    assert (message.content_type, message.mandatory, message.user_id) == ("application/json", True, None)


@pytest.mark.parametrize(("count", "key"), [(1, "partition.00"), (16, "partition.06"), (100, "partition.62")])
def test_the_partition_depends_on_the_count(count: int, key: str) -> None:
    assert Addressing(partition_count=count).routing_key(COMMAND.sku) == key


def test_without_hashing_the_sku_is_the_routing_key() -> None:
    assert Addressing(hash_on_client=False).message(COMMAND, None).routing_key == "123456789"


def test_a_verified_user_goes_into_the_property_that_the_broker_checks() -> None:
    assert Addressing(verified_user="guest").message(COMMAND, None).user_id == "guest"


@pytest.mark.parametrize("count", [0, -1, 101])
def test_a_count_that_no_worker_can_have_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 100"):
        Addressing(partition_count=count)
