"""Event data evolves: old versions are read in today's shape (point 10)."""

from typing import Any

import asyncpg
import pytest

from tests.event_store.signals import Recorder
from worker.event_store import EventStore, UnknownSchemaVersion, Upcasters
from worker.event_store.stock import CHANGES


def split_name(data: dict[str, Any]) -> dict[str, Any]:
    first, last = data.pop("name").split()
    return {**data, "first": first, "last": last}


def add_country(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "country": "DE"}


def _upcasters(*steps: Any) -> Upcasters:
    upcasters = Upcasters()
    upcasters.register("Named", *steps)
    return upcasters


async def test_events_of_every_version_are_read_in_the_newest(pool: asyncpg.Pool) -> None:
    first = EventStore(pool)
    await first.append_event("A", "Named", {"name": "Ada Lovelace"})
    second = EventStore(pool, upcasters=_upcasters(split_name))
    await second.append_event("A", "Named", {"first": "Alan", "last": "Turing"})
    third = EventStore(pool, upcasters=_upcasters(split_name, add_country))
    seen = Recorder()
    third.subscribe("Named", seen.handle)
    appended = await third.append_event("A", "Named", {"first": "Emmy", "last": "Noether", "country": "FR"})
    await third.drain()
    events = await third.get_events("A")
    assert [event.data for event in events] == [
        {"first": "Ada", "last": "Lovelace", "country": "DE"},
        {"first": "Alan", "last": "Turing", "country": "DE"},
        {"first": "Emmy", "last": "Noether", "country": "FR"},
    ]
    assert {event.event_type for event in events} == {"Named"}
    assert events[2] == appended == seen.events[0]
    stored = await pool.fetch("SELECT event_type FROM events ORDER BY version")
    assert [row[0] for row in stored] == ["Named", "Named.v2", "Named.v3"]


async def test_an_older_program_refuses_a_newer_version(pool: asyncpg.Pool) -> None:
    newer = EventStore(pool, upcasters=_upcasters(split_name, add_country))
    await newer.append_event("A", "Named", {})
    with pytest.raises(UnknownSchemaVersion, match="up to version 2"):
        await EventStore(pool, upcasters=_upcasters(split_name)).get_events("A")


def test_a_name_that_looks_like_a_version_is_only_a_name() -> None:
    assert _upcasters().upcast("user.v2", {}) == ("user.v2", {})
    assert _upcasters(split_name).stored_type("user.v2") == "user.v2"


@pytest.mark.parametrize("event_type", CHANGES)
def test_the_events_of_stock_belong_to_the_lanes(event_type: str) -> None:
    with pytest.raises(ValueError, match=event_type):
        Upcasters().register(event_type, add_country)
