from typing import Any

import pytest

from worker.broker.verified_user import FORWARDED_HEADER, verified_user


@pytest.mark.parametrize(
    ("user_id", "headers", "verified"),
    [
        (None, {}, None),
        ("alice", {}, "alice"),
        ("worker", {}, "worker"),
        ("worker", {FORWARDED_HEADER: "alice"}, "alice"),
        ("worker", {FORWARDED_HEADER: ""}, None),
        ("worker", {FORWARDED_HEADER: 7}, "worker"),
        ("mallory", {FORWARDED_HEADER: "alice"}, "mallory"),
        (None, {FORWARDED_HEADER: "alice"}, None),
    ],
)
def test_only_a_worker_may_tell_whom_it_forwarded(
    user_id: str | None, headers: dict[str, Any], verified: str | None
) -> None:
    assert verified_user(user_id, headers, "worker") == verified
