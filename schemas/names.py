"""The names on the broker that publishers, operators and other programs rely on."""

COMMANDS_EXCHANGE = "orders.commands"
"""Direct. Commands go here, under `schemas.partitions.partition_routing_key`."""

INGRESS_EXCHANGE = "orders.ingress"
"""Fanout, the alternate of `orders.commands`: catches commands published under their SKU."""

INGRESS_QUEUE = "orders.ingress"
"""Where such commands wait for a worker to forward them to their partition, in order."""

REPLIES_EXCHANGE = "orders.replies"
"""Topic. Results come from here, under `schemas.results.reply_routing_key`."""

DEAD_LETTERS_EXCHANGE = "orders.dead-letters"
"""Topic. What could not be processed goes through here, under its old routing key."""

DEAD_LETTERS_QUEUE = "orders.dead-letters"
"""Where every dead letter waits for an operator."""

JSON_CONTENT_TYPE = "application/json"
