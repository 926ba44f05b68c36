"""What is filed about a delivery from the dead letters."""

import pytest

from schemas.dead_letters import NUDGE, REASON_HEADER
from schemas.names import DEAD_LETTERS_QUEUE
from schemas.partitions import partition_queue
from schemas.reasons import Reason
from tests.worker.collecting.deliveries import COMMAND_ID, HOME, NOBODYS, OWN_USER, SKU, dead_letter, deaths
from worker.collecting.letters import Collected, collect, is_filed
from worker.lane.ports import BundleKind, Delivery
from worker.ledger import LetterState


def collected(delivery: Delivery) -> Collected:
    (found,) = collect(delivery, NOBODYS)
    return found


def test_a_command_is_known_by_what_it_is_about() -> None:
    letter = collected(dead_letter(user_id="till-3")).letter
    assert (letter.state, letter.reason, letter.partition) == (LetterState.SET_ASIDE, "expired", HOME)
    assert (letter.aggregate_id, letter.command_id, letter.command_type) == (SKU, COMMAND_ID, "restock")
    assert (letter.user, letter.message.user_id, letter.message.reply_to) == ("till-3", "till-3", "till")
    assert letter.message.queue == partition_queue(HOME)


@pytest.mark.parametrize("queue", ["orders.ingress", DEAD_LETTERS_QUEUE, partition_queue((HOME + 1) % 4)])
def test_a_command_belongs_to_its_own_lane_wherever_it_was(queue: str) -> None:
    found = collected(dead_letter(headers=deaths(queue), routing_key=SKU))
    assert (found.letter.partition, found.letter.aggregate_id) == (HOME, SKU)
    assert found.unprocessable.item is not None


def test_what_is_no_command_belongs_to_the_lane_whose_queue_it_was_in() -> None:
    letter = collected(dead_letter(b"rubbish", headers=deaths(partition_queue(3)))).letter
    assert (letter.partition, letter.aggregate_id, letter.command_id) == (3, None, COMMAND_ID)
    assert "; besides, it is no command: " in letter.error


def test_what_was_published_by_hand_belongs_to_nobody() -> None:
    letter = collected(dead_letter(b"rubbish", headers={})).letter
    assert (letter.partition, letter.reason, letter.message.queue) == (0, "rejected", DEAD_LETTERS_QUEUE)


def test_an_answer_that_no_order_waits_for_is_filed_all_the_same() -> None:
    body = b'{"reservation_id":"order:17#2","command_id":"00000000-0000-0000-0000-000000000001"}'
    found = collected(dead_letter(body, headers=deaths(partition_queue(3)))._replace(bundle=BundleKind.TOLD))
    assert (found.letter.reason, found.unprocessable.reason) == ("expired", Reason.EXPIRED)


def test_of_a_bundle_each_line_is_filed_and_remembers_that_a_worker_has_sent_it() -> None:
    line = dead_letter().body
    bundle = dead_letter(b"rubbish\n" + line, user_id=OWN_USER)._replace(bundle=BundleKind.ASKED)
    rubbish, command = (found.letter for found in collect(bundle, NOBODYS))
    assert (rubbish.message.body, rubbish.command_id, rubbish.message.bundle) == (b"rubbish", None, "asked")
    assert (command.message.body, command.command_id, command.message.bundle) == (line, COMMAND_ID, "asked")
    assert (command.reason, command.message.user_id) == ("expired", None)


def test_what_carried_nothing_is_not_filed() -> None:
    assert collect(dead_letter(NUDGE), NOBODYS) == []


def test_the_same_message_is_known_again_whenever_the_broker_gave_it_up() -> None:
    later = deaths(died_at=dead_letter().headers["x-death"][0]["time"].replace(hour=13))
    assert collected(dead_letter()).letter.origin == collected(dead_letter(headers=later)).letter.origin


SET_ASIDE_BY_A_LANE = {REASON_HEADER: "invalid"}


@pytest.mark.parametrize(
    ("user_id", "headers", "filed"),
    [
        (OWN_USER, SET_ASIDE_BY_A_LANE, True),
        (None, SET_ASIDE_BY_A_LANE, False),
        ("mallory", SET_ASIDE_BY_A_LANE, False),
        (OWN_USER, {}, False),
        (OWN_USER, SET_ASIDE_BY_A_LANE | deaths(), False),
    ],
    ids=["of a lane", "anonymous", "somebody else's", "a worker's, but no dead letter", "given up by the broker"],
)
def test_only_lanes_have_filed_theirs(user_id: str | None, headers: dict[str, str], *, filed: bool) -> None:
    assert is_filed(dead_letter(user_id=user_id, headers=headers), OWN_USER) == filed
