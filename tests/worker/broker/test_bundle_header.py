from typing import Any

import pytest

from worker.broker.bundle_header import BUNDLE_HEADER, bundle_kind
from worker.broker.verified_user import FORWARDED_HEADER, verified_user
from worker.lane.ports import BundleKind

TOLD = {BUNDLE_HEADER: "told"}


@pytest.mark.parametrize(
    ("user_id", "headers", "kind"),
    [
        ("worker", TOLD, BundleKind.TOLD),
        ("worker", {BUNDLE_HEADER: "asked"}, BundleKind.ASKED),
        ("worker", {}, None),
        ("worker", {BUNDLE_HEADER: "sung"}, None),
        ("worker", {BUNDLE_HEADER: ["told"]}, None),
        (None, TOLD, None),
        ("mallory", TOLD, None),
        ("worker", {**TOLD, FORWARDED_HEADER: "worker"}, BundleKind.TOLD),
        ("worker", {**TOLD, FORWARDED_HEADER: "mallory"}, None),
        ("worker", {**TOLD, FORWARDED_HEADER: ""}, None),
    ],
)
def test_only_a_worker_can_send_a_bundle_straight_or_through_a_forwarder(
    user_id: str | None, headers: dict[str, Any], kind: BundleKind | None
) -> None:
    assert bundle_kind(headers, verified_user(user_id, headers, "worker"), "worker") is kind
