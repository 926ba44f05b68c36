"""Who did it: what the broker verified, else what the body says."""

from urllib.parse import urlsplit

import aiormq
import pytest

from tests.end_to_end.listening import answers
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import LiveShop
from worker.broker.verified_user import FORWARDED_HEADER


@pytest.mark.parametrize("by_sku", [False, True], ids=["hashed", "through the ingress"])
async def test_the_audit_names_the_verified_user_else_the_one_in_the_body(shop: LiveShop, *, by_sku: bool) -> None:
    user = urlsplit(shop.amqp_url).username
    await shop.start_worker()
    verified, unverified = command("restock", "85123A", 5), command("purchase", "85123A", 2)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(verified, by_sku=by_sku, user_id=user)
        await publisher.send(unverified, by_sku=by_sku)
        await listener.answers_to({verified["command_id"], unverified["command_id"]})
    audited = {row["delta"]: row["user"] for row in await shop.rows('SELECT delta, "user" FROM audit_log')}
    assert audited == {5: user, -2: "till-3"}
    assert [body["user"] for body in listener.bodies] == [user, "till-3"]


@pytest.mark.parametrize("by_sku", [False, True], ids=["hashed", "through the ingress"])
async def test_a_header_of_the_forwarder_is_not_believed_from_anybody_else(shop: LiveShop, *, by_sku: bool) -> None:
    await shop.start_worker()
    forged = command("restock", "85123A", 5)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(forged, by_sku=by_sku, headers={FORWARDED_HEADER: "alice"})
        await listener.answers_to({forged["command_id"]})
    assert [row["user"] for row in await shop.rows('SELECT "user" FROM audit_log')] == ["till-3"]


async def test_a_forged_user_id_is_refused_by_the_broker(shop: LiveShop) -> None:
    await shop.start_worker()
    with pytest.raises(aiormq.exceptions.ChannelPreconditionFailed, match="user_id property set to 'alice'"):
        async with shop.publisher() as publisher:
            await publisher.send(command("restock", "85123A", 5), user_id="alice")
    assert await shop.waiting() == 0
    assert await shop.rows("SELECT FROM commands") == []
