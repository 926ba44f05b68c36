import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.partitions import PARTITION_COUNT_LIMIT, partition_of, partition_queue, partition_routing_key
from tests.schemas.commands import skus

VECTORS: list[dict[str, Any]] = json.loads(files("schemas").joinpath("partition_vectors.json").read_text("utf-8"))

_REVERSED_POLYNOMIAL = 0xEDB88320
_ALL_ONES = 0xFFFFFFFF


def crc32_bit_by_bit(octets: bytes) -> int:
    """CRC-32/ISO-HDLC as its definition reads, for whoever doubts the library."""
    remainder = _ALL_ONES
    for octet in octets:
        remainder ^= octet
        for _ in range(8):
            remainder = (remainder >> 1) ^ (_REVERSED_POLYNOMIAL if remainder & 1 else 0)
    return remainder ^ _ALL_ONES


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['sku'][:12]!a}/{vector['partition_count']}")
def test_the_published_vectors_hold(vector: dict[str, Any]) -> None:
    partition = partition_of(vector["sku"], vector["partition_count"])
    assert partition == vector["partition"]
    assert partition_queue(partition) == vector["queue"]


def test_the_vectors_cover_what_other_languages_get_wrong() -> None:
    published = {vector["sku"] for vector in VECTORS}
    assert {len(sku.encode()) for sku in published} >= {1, 100}
    assert any(not sku.isascii() for sku in published)
    assert any(ord(character) > 0xFFFF for sku in published for character in sku)
    assert any(" " in sku for sku in published)
    assert {vector["partition_count"] for vector in VECTORS} == {1, 4, 16, 100}


def test_the_check_value_of_the_standard() -> None:
    assert crc32_bit_by_bit(b"123456789") == 0xCBF43926


@given(skus(), st.integers(1, PARTITION_COUNT_LIMIT))
def test_a_partition_is_the_crc_modulo_the_count(sku: str, count: int) -> None:
    assert partition_of(sku, count) == crc32_bit_by_bit(sku.encode()) % count


def test_names_have_two_digits() -> None:
    assert (partition_queue(7), partition_routing_key(7)) == ("orders.commands.07", "partition.07")
    assert partition_queue(PARTITION_COUNT_LIMIT - 1) == "orders.commands.99"
