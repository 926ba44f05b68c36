"""Every error the client side raises, by who must act.

    OrderError
    ├── BrokerUnavailable     wait: the connection is away; sending again with the same id is safe
    ├── DatabaseUnavailable   wait, or the operator: it is away, or holds no schema of ours
    ├── VersionNotSeen        the caller: no such version was committed in time; is it of this SKU?
    ├── AnswerTimeout         wait: confirmed or not, no answer came in time; ask again with the same id
    ├── BrokerRefused         the operator or the sender: the broker will not take it, however often it is sent
    │   └── Unroutable        the operator: no queue is bound for it; no worker has declared the topology
    ├── InvalidInput          the sender: what was given cannot be a command; nothing was sent
    ├── LedgerRefused         the operator: a dead letter, or a plan, is not in the state for it; look at it again
    │   └── NotInLedger       the operator: there is none of that number
    └── ClientClosed          the caller: the client was used after, or closed during, the call

A refusal by a rule of the shop (not enough stock) is no error: it is a result.
"""

from uuid import UUID


class OrderError(Exception):
    """Any error of the client side."""


class BrokerUnavailable(OrderError):
    """The broker cannot be reached, or the connection was lost.

    What was in flight is unknown, not failed: it may still take effect. Sending
    it again with the same command id is always safe.
    """


class DatabaseUnavailable(OrderError):
    """The database cannot be reached, or has not been migrated. Only reading stored answers and stock needs it."""


class AnswerTimeout(OrderError):
    """No answer came within the timeout; the command may still take effect.

    `command_id` is the id to ask again with: the same call with it gets the
    stored answer, and applies nothing twice.
    """

    def __init__(self, command_id: UUID, timeout_seconds: float) -> None:
        """Name the command that is still open."""
        super().__init__(
            f"no answer to command {command_id} within {timeout_seconds:g} s; "
            "it may still take effect: call again with the same command id to get its answer"
        )
        self.command_id = command_id
        self.timeout_seconds = timeout_seconds


class VersionNotSeen(OrderError):
    """The version that a reader waited for has not been committed within the timeout."""

    def __init__(self, sku: str, version: int, timeout_seconds: float) -> None:
        """Name the SKU and the version."""
        super().__init__(
            f"version {version} of {sku!r} was not seen within {timeout_seconds:g} s; "
            "at_least takes the version that an answer about this SKU names"
        )
        self.sku = sku
        self.version = version
        self.timeout_seconds = timeout_seconds


class BrokerRefused(OrderError):
    """The broker closed the channel over what was sent, or took it back; sending it again will not help."""


class Unroutable(BrokerRefused):
    """No queue is bound for the message: the topology is not declared yet. Start an order-worker first."""


class InvalidInput(OrderError):
    """What was given cannot be made into a command; the message says what is wrong. Nothing was sent."""


class LedgerRefused(OrderError):
    """What was asked cannot be done with this dead letter or plan as it stands; nothing was asked for."""


class NotInLedger(LedgerRefused):
    """There is no dead letter, or no plan, of this number."""


class ClientClosed(OrderError):
    """The client was closed before the call ended; what was in flight may still take effect."""

    def __init__(self) -> None:
        """Take no argument: there is nothing more to say."""
        super().__init__("the client is closed")
