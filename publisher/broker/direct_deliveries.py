"""Takes deliveries straight from the client library's reader.

aiormq makes a task for every delivery, at 10 µs each, so that a consumer may
await. Ours only put the delivery into a buffer. Like `confirmed_channel` this
reaches into its channel, on a pinned version; a test checks the names.
"""

from collections.abc import Callable

import aiormq
from aiormq.abc import DeliveredMessage
from pamqp import commands as spec
from pamqp.header import ContentHeader


def deliver_directly(channel: aiormq.Channel, on_message: Callable[[DeliveredMessage], None]) -> None:
    """Call `on_message` with each delivery of `channel`, in order; it must not wait nor raise."""

    async def on_deliver_frame(frame: spec.Basic.Deliver) -> None:
        header = await channel._get_frame()  # noqa: SLF001
        if not isinstance(header, ContentHeader):
            raise TypeError(f"a header was expected after a delivery, not {header!r}")
        on_message(await channel._read_content(frame, header))  # noqa: SLF001

    # An instance attribute shadows the method.
    channel._on_deliver_frame = on_deliver_frame  # type: ignore[method-assign]  # noqa: SLF001


async def unused(_message: DeliveredMessage) -> None:
    """Stand in for the callback that aiormq asks for and, delivering directly, never calls."""
