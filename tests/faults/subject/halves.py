"""Mutants about whole orders that are done by halves: what an order asks of its lines is spoilt on its way."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from tests.faults.subject.mutant import Mutant
from tests.faults.subject.passing import PassingSource
from worker.lane.ports import Delivery, Source

Fields = dict[str, Any]


class SellsOrdersInPart(Mutant):
    """Of an order that was sold, only the last line leaves; what was held for the others is given back instead."""

    def source(self, source: Source, real: Source) -> Source:
        del real
        return _Spoiling(source, _give_back)


class GivesNothingBack(Mutant):
    """What was held for an order that is refused stays held."""

    def source(self, source: Source, real: Source) -> Source:
        del real
        return _Spoiling(source, _keep)


class ForestallsInVain(Mutant):
    """The last line is sold under another id than that by which an order that is decided keeps it from being sold."""

    def source(self, source: Source, real: Source) -> Source:
        del real
        return _Spoiling(source, _sell_under_another_id)


class _Spoiling(PassingSource):
    def __init__(self, source: Source, spoil: Callable[[Fields], Fields]) -> None:
        super().__init__(source)
        self._spoil = spoil

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        return [
            delivery._replace(body=self._spoilt(delivery.body)) for delivery in await super().take(limit, wait=wait)
        ]

    def _spoilt(self, body: bytes) -> bytes:
        """Return a body in which each line that asks something of an order's line is spoilt."""
        return b"\n".join(self._spoilt_line(line) if b'_line"' in line else line for line in body.split(b"\n"))

    def _spoilt_line(self, line: bytes) -> bytes:
        return json.dumps(self._spoil(json.loads(line)), separators=(",", ":")).encode()


def _give_back(fields: Fields) -> Fields:
    return fields | {"type": "release_line"} if fields["type"] == "fulfil_line" else fields


def _keep(fields: Fields) -> Fields:
    if fields["type"] != "release_line":
        return fields
    return fields | {"reservation_id": f"{fields['reservation_id']}0"}


def _sell_under_another_id(fields: Fields) -> Fields:
    if fields["type"] != "sell_line":
        return fields
    return fields | {"command_id": str(uuid5(UUID(fields["command_id"]), "another"))}
