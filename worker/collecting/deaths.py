"""What the broker says about a message that it gave up on, in words.

RabbitMQ adds the header `x-death`, a list of tables, the newest death first. The
words follow from the message, so that they are the same if it comes again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from schemas.dead_letters import ERROR_HEADER, REASON_HEADER
from schemas.names import DEAD_LETTERS_EXCHANGE
from schemas.reasons import Reason

DEATHS_HEADER = "x-death"

_WHY = {
    "expired": (
        "it had waited there for longer than its sender, or a policy, allows{expiration}; "
        "replay it if it is still wanted, or skip it"
    ),
    "rejected": (
        "a program that consumes the queue rejected it, and no worker does that; "
        "find that program and stop it, then replay the message"
    ),
    "delivery_limit": (
        "consumers took it and gave it back more often than the queue's delivery limit allows; "
        "see the workers' logs for what went wrong, then replay it"
    ),
    "maxlen": (
        "the queue was over a length limit, which workers do not set; "
        "remove the policy that sets one, then replay the message"
    ),
}
"""By what the broker calls it."""


class Death(NamedTuple):
    """How a message came to be given up."""

    reason: Reason
    error: str
    queue: str | None = None
    """Where it was; None where that is not known."""
    died_at: datetime | None = None
    """UTC; None where that is not known."""


def death_of(headers: Mapping[str, Any]) -> Death:
    """Return what became of the message with `headers`, which may be anything a sender thought of."""
    deaths = headers.get(DEATHS_HEADER)
    match deaths:
        case [{"reason": str(word), "queue": str(queue), **rest}, *_]:
            return _by_the_broker(word, queue, rest)
        case _:
            return Death(Reason.REJECTED, _by_hand(headers))


def _by_the_broker(word: str, queue: str, rest: Mapping[Any, Any]) -> Death:
    count, at = rest.get("count"), rest.get("time")
    died_at = at.astimezone(UTC) if isinstance(at, datetime) else None
    expiration = rest.get("original-expiration")
    why = _WHY.get(word, f"it says {word!r}; replay it, or skip it").format(
        expiration=f" ({expiration} ms)" if isinstance(expiration, str) else ""
    )
    when = "" if died_at is None else f" at {died_at:%Y-%m-%d %H:%M:%S} UTC"
    often = f", {count} times by now," if isinstance(count, int) and count > 1 else ""
    return Death(
        Reason.EXPIRED if word == "expired" else Reason.REJECTED,
        f"the broker gave it up in the queue {queue}{when}{often or ':'} {'because ' if often else ''}{why}",
        queue,
        # Of several deaths in the same queue, the broker keeps the time of the first.
        died_at if count == 1 else None,
    )


def _by_hand(headers: Mapping[str, Any]) -> str:
    words = (
        f"somebody published it to the exchange {DEAD_LETTERS_EXCHANGE} by hand: it has no {DEATHS_HEADER} header "
        "of the broker's; replay it if it is a command that is wanted, or skip it"
    )
    reason, error = headers.get(REASON_HEADER), headers.get(ERROR_HEADER)
    return words if reason is None and error is None else f"{words} (it says of itself: {reason}, {error})"
