"""`order-publisher purchase` and `restock`: one command, and its answer."""

from collections.abc import Callable

from publisher.client import DEFAULT_TIMEOUT_SECONDS
from publisher.command_building import CommandOptions
from publisher.command_line.asking import CommandId, Location, OrderId, Quantity, Reason, Sku, User, ask
from publisher.command_line.options import DEFAULT_AMQP_URL, AmqpUrl, AsJson, Partitions, TimeoutSeconds
from schemas.commands import DEFAULT_LOCATION
from schemas.partitions import DEFAULT_PARTITION_COUNT


def ordering_verb(kind: str) -> Callable[..., None]:
    """Return the verb that sends one command of type `kind`."""

    def verb(
        sku: Sku,
        quantity: Quantity,
        user: User,
        location: Location = DEFAULT_LOCATION,
        order_id: OrderId = None,
        reason: Reason = None,
        command_id: CommandId = None,
        timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
        as_json: AsJson = False,
        amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
        partitions: Partitions = DEFAULT_PARTITION_COUNT,
    ) -> None:
        options: CommandOptions = {
            "user": user,
            "location": location,
            "order_id": order_id,
            "reason": reason,
            "command_id": command_id,
        }
        ask(
            kind,
            sku,
            quantity,
            options,
            amqp_url=amqp_url,
            partitions=partitions,
            timeout_seconds=timeout_seconds,
            as_json=as_json,
        )

    return verb
