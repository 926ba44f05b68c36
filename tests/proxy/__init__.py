"""A TCP proxy that breaks connections on purpose."""

from tests.proxy.link import Direction
from tests.proxy.proxy import Proxy

__all__ = ["Direction", "Proxy"]
