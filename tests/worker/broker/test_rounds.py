"""What is forwarded together holds no two commands of one SKU, and nothing overtakes."""

from hypothesis import given
from hypothesis import strategies as st

from worker.broker.rounds import rounds
from worker.lane.ports import Delivery


def _deliveries(keys: list[str]) -> list[Delivery]:
    return [Delivery(b"", tag, "orders.ingress", key, redelivered=False) for tag, key in enumerate(keys)]


def test_the_second_command_of_a_sku_waits_for_the_first() -> None:
    found = rounds(_deliveries(["a", "a", "b", "a", "c"]))
    assert [[delivery.tag for delivery in together] for together in found] == [[0, 2, 4], [1], [3]]


@given(st.lists(st.sampled_from("abc")))
def test_each_sku_keeps_its_order_one_at_a_time(keys: list[str]) -> None:
    deliveries = _deliveries(keys)
    found = rounds(deliveries)
    assert sorted(delivery.tag for together in found for delivery in together) == list(range(len(keys)))
    for key in set(keys):
        own = [[delivery.tag for delivery in together if delivery.routing_key == key] for together in found]
        assert all(len(tags) <= 1 for tags in own)
        assert [tag for tags in own for tag in tags] == [each.tag for each in deliveries if each.routing_key == key]
