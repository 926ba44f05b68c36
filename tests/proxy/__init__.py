"""A TCP proxy that breaks connections on purpose."""

from tests.proxy.proxy import Proxy

__all__ = ["Proxy"]
