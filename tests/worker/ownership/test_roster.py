"""Who is counted, and who must be told of us."""

import pytest

from worker.ownership import Announcement, Presence, Roster


def heard(*announcements: tuple[str, Presence]) -> Roster:
    roster = Roster("self")
    for worker, presence in announcements:
        roster.hear(Announcement(worker, presence))
    return roster


@pytest.mark.parametrize(
    ("announcements", "members"),
    [
        ([], {"self"}),
        ([("other", Presence.JOINING)], {"self"}),
        ([("other", Presence.MEMBER)], {"self", "other"}),
        ([("other", Presence.MEMBER), ("other", Presence.LEAVING)], {"self"}),
        ([("other", Presence.LEAVING)], {"self"}),
        ([("self", Presence.LEAVING)], {"self"}),
    ],
)
def test_members_are_those_that_are_ready_for_a_share(
    announcements: list[tuple[str, Presence]], members: set[str]
) -> None:
    assert heard(*announcements).members == members


def test_who_joins_or_is_new_must_be_told_of_us() -> None:
    roster = Roster("self")
    assert roster.hear(Announcement("other", Presence.JOINING))
    assert roster.hear(Announcement("other", Presence.MEMBER))
    assert not roster.hear(Announcement("other", Presence.MEMBER))
    assert not roster.hear(Announcement("self", Presence.MEMBER))


def test_a_lost_worker_is_no_member() -> None:
    roster = heard(("other", Presence.MEMBER))
    roster.lose("other")
    roster.lose("never heard of")
    assert roster.members == {"self"}
