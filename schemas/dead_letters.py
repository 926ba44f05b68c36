"""Dead letters on the broker: the headers that say what was wrong, its words, and what makes lanes look for requests.

Body and properties of the message stay as they were received, except
`user_id`, which the broker only accepts from that user's own connection; it
moves to a header.
"""

REASON_HEADER = "orders-reason"
"""A word of `schemas.reasons.Reason`."""

ERROR_HEADER = "orders-error"
"""The whole explanation: what was wrong, where in the message, and what would be right."""

QUEUE_HEADER = "orders-queue"
"""The queue it was taken from."""

ROUTING_KEY_HEADER = "orders-routing-key"
"""The routing key it had there."""

TIME_HEADER = "orders-dead-lettered-at"
"""When it was set aside: ISO 8601, UTC."""

WORKER_HEADER = "orders-worker"
"""The name of the worker that set it aside."""

USER_ID_HEADER = "orders-user-id"
"""The `user_id` that the broker had verified on the original, where it had one."""

FAILED_WORDS = "this command could not be processed: "
"""What the explanation of a failed command begins with, before what went wrong."""

NUDGE = b'{"type": "look_at_dead_letters"}'
"""The body of a message that makes the lane of a partition look for what operators have asked for. It carries
nothing, so it is harmless whoever sends it, and however often."""
