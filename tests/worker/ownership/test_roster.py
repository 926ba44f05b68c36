"""Who is counted, and who must be told of us."""

import pytest

from worker.ownership import Announcement, Presence, Roster

SHOP = "shop"


def said(worker: str, presence: Presence, shop: str = SHOP) -> Announcement:
    return Announcement(worker, presence, shop)


def joined_roster(*announcements: Announcement) -> Roster:
    roster = Roster("self", SHOP)
    roster.joined = True
    for announcement in announcements:
        roster.hear(announcement)
    return roster


@pytest.mark.parametrize(
    ("announcements", "members"),
    [
        ([], {"self"}),
        ([said("other", Presence.JOINING)], {"self"}),
        ([said("other", Presence.MEMBER)], {"self", "other"}),
        ([said("other", Presence.MEMBER), said("other", Presence.LEAVING)], {"self"}),
        ([said("other", Presence.LEAVING)], {"self"}),
        ([said("self", Presence.LEAVING)], {"self"}),
        ([said("other", Presence.MEMBER, "elsewhere")], {"self"}),
    ],
)
def test_members_are_those_that_are_ready_for_a_share(announcements: list[Announcement], members: set[str]) -> None:
    assert joined_roster(*announcements).members == members


def test_who_joins_counts_those_that_are_joining_too() -> None:
    roster = Roster("self", SHOP)
    assert roster.hear(said("other", Presence.JOINING))
    assert roster.members == {"self", "other"}


def test_who_joins_or_is_new_must_be_told_of_us() -> None:
    roster = joined_roster()
    assert roster.hear(said("other", Presence.JOINING))
    assert roster.hear(said("other", Presence.MEMBER))
    assert not roster.hear(said("other", Presence.MEMBER))
    assert not roster.hear(said("self", Presence.MEMBER))


def test_a_lost_worker_is_no_member() -> None:
    roster = joined_roster(said("other", Presence.MEMBER))
    roster.lose("other")
    roster.lose("never heard of")
    assert roster.members == {"self"}


def test_who_cannot_work_does_not_count_itself() -> None:
    roster = joined_roster(said("other", Presence.MEMBER))
    roster.present = False
    assert roster.members == roster.others == {"other"}


def test_a_stranger_is_remembered_once_it_works_and_told_of_us_before() -> None:
    roster = joined_roster()
    assert roster.hear(said("stranger", Presence.JOINING, "elsewhere"))
    assert roster.strangers == set()
    assert not roster.hear(said("stranger", Presence.MEMBER, "elsewhere"))
    assert roster.strangers == {"stranger"}
