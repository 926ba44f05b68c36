"""Where a command goes, and with which properties: command in, message out."""

from dataclasses import dataclass

from publisher.broker.messages import OutgoingMessage
from publisher.errors import InvalidInput
from publisher.short_texts import require_short_text
from schemas.commands import Command, encode_command
from schemas.names import COMMANDS_EXCHANGE
from schemas.partitions import (
    DEFAULT_PARTITION_COUNT,
    PARTITION_COUNT_LIMIT,
    partition_of,
    partition_routing_key,
)


@dataclass(frozen=True, slots=True)
class Addressing:
    """How this client addresses its commands.

    `partition_count` must be the workers' own. With another count, commands
    reach the queue of a wrong partition and are answered `dead_lettered`,
    `misrouted`. With `hash_on_client` false it is not used: commands go out
    under their SKU or order, and a worker forwards them in order, at the price of a
    second trip through the broker. `verified_user` becomes the property
    `user_id`: the broker refuses it unless the connection is that user's.
    """

    partition_count: int = DEFAULT_PARTITION_COUNT
    hash_on_client: bool = True
    verified_user: str | None = None

    def __post_init__(self) -> None:
        """Raise `InvalidInput` for a count that no worker, or a user that no broker can have."""
        if not 1 <= self.partition_count <= PARTITION_COUNT_LIMIT:
            raise InvalidInput(
                f"the partition count must be from 1 to {PARTITION_COUNT_LIMIT} (got {self.partition_count})"
            )
        if self.verified_user is not None:
            require_short_text("verified_user", self.verified_user)

    def message(self, command: Command, reply_to: str | None) -> OutgoingMessage:
        """Return `command` ready to be published, to be answered to the word `reply_to`."""
        return OutgoingMessage(
            exchange=COMMANDS_EXCHANGE,
            routing_key=self.routing_key(command.aggregate_id),
            body=encode_command(command),
            correlation_id=str(command.command_id),
            reply_to=reply_to,
            user_id=self.verified_user,
            mandatory=True,
        )

    def routing_key(self, aggregate_id: str) -> str:
        """Return the key that the commands about a SKU or an order are published under."""
        if not self.hash_on_client:
            return aggregate_id
        return partition_routing_key(partition_of(aggregate_id, self.partition_count))
