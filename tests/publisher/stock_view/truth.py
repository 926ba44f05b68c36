"""What every reading is held against: the versions that were, and when."""

from dataclasses import dataclass
from typing import NamedTuple

from tests.publisher.stock_view.shop_twin import ShopTwin

PROMISED_SECONDS = 0.1
_ROUNDING_SECONDS = 1e-6


class Seen(NamedTuple):
    """What a cache of any kind told a reader."""

    sku: str
    on_hand: int
    version: int


@dataclass(frozen=True, slots=True)
class Read:
    """One reading, and when its reader asked and got it."""

    reader: int
    begun_seconds: float
    ended_seconds: float
    seen: Seen


def mistakes(shop: ShopTwin, reads: list[Read]) -> list[str]:
    """Return every broken promise as a sentence; `reads` are in the order of their ends."""
    sentences = [*(_untrue(shop, read) for read in reads), *_going_back(reads)]
    return [sentence for sentence in sentences if sentence]


def _untrue(shop: ShopTwin, read: Read) -> str:
    versions = shop.versions[read.seen.sku]
    if read.seen.version >= len(versions):
        return f"{read}: there is no such version"
    if versions[read.seen.version].on_hand != read.seen.on_hand:
        return f"{read}: that version held {versions[read.seen.version].on_hand}"
    newer = versions[read.seen.version + 1 :]
    # True at some instant of the last 0.1 s, or since the reader asked.
    since_seconds = min(read.begun_seconds, read.ended_seconds - PROMISED_SECONDS)
    if newer and newer[0].committed_seconds < since_seconds - _ROUNDING_SECONDS:
        return f"{read}: superseded at {newer[0].committed_seconds}"
    return ""


def _going_back(reads: list[Read]) -> list[str]:
    found, newest = [], dict[tuple[int, str], int]()
    for read in reads:
        key = (read.reader, read.seen.sku)
        if read.seen.version < newest.get(key, 0):
            found.append(f"{read}: the same reader has seen version {newest[key]}")
        newest[key] = max(newest.get(key, 0), read.seen.version)
    return found
