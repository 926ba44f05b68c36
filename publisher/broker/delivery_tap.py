"""Takes the deliveries out of a connection's bytes, before the client library sees them.

aiormq reads a frame with three awaits, decodes every property of it, and hands it
over through two queues: 40 µs for the three frames of a delivery, more than all
that a lane does with it. Ours only need to get into a buffer. So the frames that
bring a delivery to a channel with a sink are read here, and every other byte is
passed on as it came. AMQP 0-9-1, sections 2.3.5 (frames) and 2.3.5.2 (content).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from publisher.broker.received_properties import Properties, read_properties, read_short_text

_FRAME_START = struct.Struct(">BHI")
_METHOD, _HEADER, _BODY, _HEARTBEAT = 1, 2, 3, 8
_FRAME_END = 0xCE

_BASIC_DELIVER = struct.pack(">HH", 60, 60)
_TAG_AND_REDELIVERED = struct.Struct(">QB")
_CLASS_WEIGHT_AND_SIZE = struct.Struct(">HHQ")


@dataclass(slots=True)
class Delivered:
    """A message as the broker sent it; what its sender wrote wrongly is replaced, see `received_properties`."""

    tag: int
    redelivered: bool
    routing_key: str
    properties: Properties
    body: bytes


Sink = Callable[[Delivered], None]
"""Takes a delivery; it must not wait, nor raise."""


@dataclass(slots=True)
class _Arriving:
    """A delivery whose frames have not all come yet."""

    tag: int
    redelivered: bool
    routing_key: str
    properties: Properties | None = None
    missing_bytes: int = 0
    parts: list[bytes] = field(default_factory=list)


class DeliveryTap:
    """The tap of one connection. It must see every byte from the first one on."""

    def __init__(self) -> None:
        self._sinks: dict[int, Sink] = {}
        self._arriving: dict[int, _Arriving] = {}
        self._unfinished = b""
        self._follows = True

    def attach(self, channel: int, sink: Sink) -> None:
        """Give `sink` what is delivered to the channel of that number from now on, in order."""
        self._sinks[channel] = sink

    def detach(self, channel: int, sink: Sink) -> None:
        """Give `sink` nothing more; another one that has the number by now stays."""
        if self._sinks.get(channel) is sink:
            del self._sinks[channel]
            self._arriving.pop(channel, None)

    def divert(self, data: bytes) -> bytes:
        """Take the deliveries out of `data`, and return the rest, in whole frames."""
        if not self._follows:
            return data
        buffer = self._unfinished + data if self._unfinished else data
        kept: list[bytes] = []
        size_bytes, position, kept_from = len(buffer), 0, 0
        while size_bytes - position >= _FRAME_START.size:
            kind, channel, payload_bytes = _FRAME_START.unpack_from(buffer, position)
            start = position + _FRAME_START.size
            end = start + payload_bytes
            if kind not in {_METHOD, _HEADER, _BODY, _HEARTBEAT}:
                return self._lose_track(b"".join((*kept, buffer[kept_from:])))
            if end >= size_bytes:
                break
            if buffer[end] != _FRAME_END:
                return self._lose_track(b"".join((*kept, buffer[kept_from:])))
            if channel in self._sinks and self._take(kind, channel, buffer, start, end):
                kept.append(buffer[kept_from:position])
                kept_from = end + 1
            position = end + 1
        self._unfinished = buffer[position:]
        kept.append(buffer[kept_from:position])
        return b"".join(kept)

    def _lose_track(self, passed_on: bytes) -> bytes:
        # Not AMQP: another protocol answers, or the stream is broken. The client library says so better.
        self._follows = False
        return passed_on

    def _take(self, kind: int, channel: int, buffer: bytes, start: int, end: int) -> bool:
        """Return whether the frame between `start` and `end` was part of a delivery."""
        if kind == _METHOD:
            if not buffer.startswith(_BASIC_DELIVER, start):
                return False
            self._arriving[channel] = _read_deliver(buffer, start + len(_BASIC_DELIVER))
            return True
        arriving = self._arriving.get(channel)
        if arriving is None:
            return False
        if kind == _HEADER:
            _, _, arriving.missing_bytes = _CLASS_WEIGHT_AND_SIZE.unpack_from(buffer, start)
            arriving.properties = read_properties(buffer, start + _CLASS_WEIGHT_AND_SIZE.size)
        else:
            arriving.parts.append(buffer[start:end])
            arriving.missing_bytes -= end - start
        if arriving.missing_bytes <= 0 and arriving.properties is not None:
            del self._arriving[channel]
            parts = arriving.parts
            body = parts[0] if len(parts) == 1 else b"".join(parts)
            self._sinks[channel](
                Delivered(arriving.tag, arriving.redelivered, arriving.routing_key, arriving.properties, body)
            )
        return True


def _read_deliver(buffer: bytes, position: int) -> _Arriving:
    position += 1 + buffer[position]  # the consumer's tag: there is one consumer on a channel
    tag, redelivered = _TAG_AND_REDELIVERED.unpack_from(buffer, position)
    position += _TAG_AND_REDELIVERED.size
    position += 1 + buffer[position]  # the exchange
    routing_key, _ = read_short_text(buffer, position)
    return _Arriving(tag, bool(redelivered), routing_key)
