import json
from collections import Counter

from schemas import PlaceOrder, Restock, parse_command, partition_of, partition_routing_key
from schemas.partitions import DEFAULT_PARTITION_COUNT
from tests.bench.history_filling import places
from tests.bench.workload import SKU_COUNT, mixed_commands, touching_commands, whole_orders


def test_every_command_is_valid_and_goes_to_its_partition() -> None:
    for message in mixed_commands(1_000, seed=1):
        command = parse_command(message.body)
        assert str(command.command_id) == message.correlation_id
        assert message.routing_key == partition_routing_key(partition_of(command.aggregate_id, DEFAULT_PARTITION_COUNT))


def test_one_seed_gives_every_contender_the_same() -> None:
    def asked(seed: int) -> list[tuple[str, str, int]]:
        bodies = [json.loads(message.body) for message in mixed_commands(200, seed)]
        return [(body["command_id"], body["sku"], body["quantity"]) for body in bodies]

    assert asked(1) == asked(1)
    assert asked(1) != asked(2)


def test_all_skus_are_used() -> None:
    assert len({parse_command(message.body).aggregate_id for message in mixed_commands(5_000, seed=1)}) == SKU_COUNT


def test_whole_orders_can_all_be_sold() -> None:
    messages = list(whole_orders(50, line_count=3, seed=1))
    commands = [parse_command(message.body) for message in messages]
    stock = Counter({each.sku: each.quantity for each in commands if isinstance(each, Restock)})
    placed = [each for each in commands if isinstance(each, PlaceOrder)]
    assert len(placed) == 50
    assert {len(order.lines) for order in placed} == {3}
    for message, command in zip(messages, commands, strict=True):
        assert message.routing_key == partition_routing_key(partition_of(command.aggregate_id, DEFAULT_PARTITION_COUNT))
    for order in placed:
        for line in order.lines:
            stock[line.sku] -= line.quantity
    assert min(stock.values()) >= 0


def test_touching_takes_every_sku_in_turn() -> None:
    skus = [parse_command(message.body).aggregate_id for message in touching_commands(10, sku_count=5, seed=1)]
    assert len(set(skus[:5])) == 5
    assert skus[5:] == skus[:5]


def test_places_number_the_skus_of_a_partition() -> None:
    by_partition: dict[int, list[int]] = {}
    sizes: dict[int, int] = {}
    for _, partition, place, size in places([f"SKU-{number}" for number in range(100)]):
        by_partition.setdefault(partition, []).append(place)
        sizes[partition] = size
    assert by_partition == {partition: list(range(1, size + 1)) for partition, size in sizes.items()}
