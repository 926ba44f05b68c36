"""Tells bundles, which workers send each other, from commands, which anybody sends.

A lane believes what it is told about its orders, so it must be a worker that
tells it. The header counts only on a message whose sender, as the broker has
verified it, is the worker's own user; a publisher with other credentials
cannot forge it, neither straight nor through a forwarder.
"""

from collections.abc import Mapping
from typing import Any

from worker.lane.ports import BundleKind

BUNDLE_HEADER = "orders-bundle"
"""The kind of bundle."""

_KINDS: Mapping[Any, BundleKind] = {kind.value: kind for kind in BundleKind}


def bundle_kind(headers: Mapping[str, Any], verified_user: str | None, own_user: str) -> BundleKind | None:
    """Return which kind of bundle a message of `verified_user` is; None where it is a command."""
    if BUNDLE_HEADER not in headers or verified_user != own_user:
        return None
    kind = headers[BUNDLE_HEADER]
    return _KINDS.get(kind) if isinstance(kind, str) else None
