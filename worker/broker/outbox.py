"""Answers, dead letters and what lanes send each other, on their way out, in batches, confirmed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import OrderError, Unroutable
from schemas import dead_letters as header
from schemas.names import COMMANDS_EXCHANGE, DEAD_LETTERS_EXCHANGE, REPLIES_EXCHANGE
from schemas.partitions import partition_routing_key
from worker.broker.bundle_header import BUNDLE_HEADER
from worker.broker.carried_headers import carried
from worker.broker.verified_user import FORWARDED_HEADER
from worker.lane.ports import Bundle, DeadLetter, PublishFailed, Reply

BUNDLE_CONTENT_TYPE = "application/jsonl"

_NOT_CARRIED = frozenset({FORWARDED_HEADER, BUNDLE_HEADER, "x-death"})
"""Whoever takes it from the queue tells by our user, and by these, that a worker has set it aside, not the broker.
What somebody else set in them must not go on under our name."""


CONFIRM_LIMIT_SECONDS = 30.0
"""A broker confirms within milliseconds, and after a flood within seconds. What it routed to a queue that was deleted
at that moment may never be confirmed: the lane publishes again then, instead of waiting for ever."""


class BrokerOutbox:
    """Publishes over a connection of its own, shared by all lanes of a worker."""

    def __init__(
        self,
        sender: Sender,
        worker_name: str,
        own_user: str,
        now: Callable[[], datetime],
        on_unroutable: Callable[[], None],
    ) -> None:
        """`own_user` is whom the broker knows `sender` by; `on_unroutable` is told of a missing exchange or queue."""
        self._sender = sender
        self._on_unroutable = on_unroutable
        self._worker_name = worker_name
        self._own_user = own_user
        self._now = now

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        """Publish all and return once everything is confirmed; a dead letter is safe before its answer is sent.

        Raises `PublishFailed`; to publish again is right then, whatever has arrived.
        """
        try:
            if dead_letters:
                await self._publish([self._dead_letter(letter) for letter in dead_letters])
            await self._publish([self._outgoing(message) for message in messages])
        except OrderError as error:
            if isinstance(error, Unroutable):
                self._on_unroutable()
            raise PublishFailed(str(error)) from error

    async def _publish(self, messages: Sequence[OutgoingMessage]) -> None:
        await self._sender.publish(messages, within_seconds=CONFIRM_LIMIT_SECONDS)

    def _outgoing(self, message: Reply | Bundle) -> OutgoingMessage:
        return self._bundle(message) if isinstance(message, Bundle) else _reply(message)

    def _bundle(self, bundle: Bundle) -> OutgoingMessage:
        return OutgoingMessage(
            COMMANDS_EXCHANGE,
            partition_routing_key(bundle.partition),
            bundle.body,
            user_id=self._own_user,
            headers={BUNDLE_HEADER: bundle.kind.value},
            content_type=BUNDLE_CONTENT_TYPE,
            mandatory=True,
        )

    def _dead_letter(self, letter: DeadLetter) -> OutgoingMessage:
        delivery = letter.delivery
        headers = {
            **{name: value for name, value in carried(delivery.headers).items() if name not in _NOT_CARRIED},
            header.REASON_HEADER: letter.reason,
            header.ERROR_HEADER: letter.error,
            header.QUEUE_HEADER: delivery.queue,
            header.ROUTING_KEY_HEADER: delivery.routing_key,
            header.TIME_HEADER: self._now().isoformat(),
            header.WORKER_HEADER: self._worker_name,
        }
        if delivery.user_id is not None:
            headers[header.USER_ID_HEADER] = delivery.user_id
        return OutgoingMessage(
            DEAD_LETTERS_EXCHANGE,
            delivery.routing_key,
            delivery.body,
            correlation_id=delivery.correlation_id,
            reply_to=delivery.reply_to,
            user_id=self._own_user,
            headers=headers,
            content_type=delivery.content_type,
            mandatory=True,
        )


def _reply(reply: Reply) -> OutgoingMessage:
    return OutgoingMessage(REPLIES_EXCHANGE, reply.routing_key, reply.body, correlation_id=reply.correlation_id)
