"""/healthz, /readyz and /metrics on one port, served by a thread of its own.

Its own thread, so that a hanging event loop is reported instead of hanging the
report. A scrape costs the lanes only what the interpreter lock takes.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import make_wsgi_app

from worker.service.health import Health

_Application = Callable[[dict[str, Any], Callable[..., Any]], Any]

REQUEST_TIMEOUT_SECONDS = 10
"""A client that sends nothing for this long is hung up on."""


class PortTaken(Exception):
    """The port for health checks and metrics cannot be listened on."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_TIMEOUT_SECONDS

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the base class
        """Log nothing: a scrape every few seconds says nothing."""


@contextmanager
def serving(port: int, registry: CollectorRegistry, health: Health) -> Iterator[None]:
    """Serve on `port`, on all interfaces, until the context ends. Raises `PortTaken`."""
    try:
        server = make_server("", port, _application(registry, health), server_class=_Server, handler_class=_Handler)
    except OSError as error:
        raise PortTaken(f"HTTP port {port}: {error.strerror or error}; set ORDERS_HTTP_PORT to another") from error
    thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _application(registry: CollectorRegistry, health: Health) -> _Application:
    metrics: _Application = make_wsgi_app(registry)

    def respond(environment: dict[str, Any], start: Callable[..., Any]) -> Any:
        match environment["PATH_INFO"]:
            case "/metrics":
                return metrics(environment, start)
            case "/healthz":
                return _say(start, None if health.alive else "the event loop hangs")
            case "/readyz":
                return _say(start, health.problem if health.alive else "the event loop hangs")
            case _:
                return _text(start, HTTPStatus.NOT_FOUND, "try /healthz, /readyz or /metrics")

    return respond


def _say(start: Callable[..., Any], problem: str | None) -> list[bytes]:
    if problem is None:
        return _text(start, HTTPStatus.OK, "ok")
    return _text(start, HTTPStatus.SERVICE_UNAVAILABLE, problem)


def _text(start: Callable[..., Any], status: HTTPStatus, text: str) -> list[bytes]:
    start(f"{status.value} {status.phrase}", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{text}\n".encode()]
