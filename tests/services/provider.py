"""Which servers to use, and their life from start to stop."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.services import containers, native
from tests.services.errors import ServicesError
from tests.services.interruption import termination_as_interrupt
from tests.services.services import Server, ServerControl, Services, ServicesKind

AMQP_URL_VARIABLE = "ORDERS_TEST_AMQP_URL"
DATABASE_URL_VARIABLE = "ORDERS_TEST_DATABASE_URL"
KIND_VARIABLE = "ORDERS_SERVICES"

Servers = AbstractContextManager[tuple[Server, Server]]


@contextmanager
def provide() -> Iterator[Services]:
    """Give a RabbitMQ and a PostgreSQL for the length of the block.

    Raises `ServicesError`, which says what to set or to install, where neither can
    be had. Within the block a SIGTERM acts as Ctrl-C does.
    """
    external = _external_services()
    if external is not None:
        yield external
        return
    with termination_as_interrupt():
        kind = _kind_to_start()
        servers: Servers = containers.servers() if kind == "docker" else native.servers()
        with servers as (broker, database):
            _start_together(broker, database)
            yield Services(kind, broker.url, database.url, ServerControl(broker, database))


def _external_services() -> Services | None:
    amqp_url, database_url = os.environ.get(AMQP_URL_VARIABLE), os.environ.get(DATABASE_URL_VARIABLE)
    if amqp_url and database_url:
        return Services("external", amqp_url, database_url, control=None)
    if amqp_url or database_url:
        missing = DATABASE_URL_VARIABLE if amqp_url else AMQP_URL_VARIABLE
        raise ServicesError(f"{missing} is not set: set both it and its sister to use servers of your own, or neither")
    return None


def _kind_to_start() -> ServicesKind:
    asked = os.environ.get(KIND_VARIABLE, "")
    match asked:
        case "native":
            return "native"
        case "docker":
            containers.require_images()
            return "docker"
        case "":
            return _best_kind()
    raise ServicesError(f"{KIND_VARIABLE} is {asked!r}: set it to docker or native, or leave it out")


def _best_kind() -> ServicesKind:
    if not containers.engine_answers():
        return "native"
    try:
        containers.require_images()
    except ServicesError as error:
        print(f"services: native instead of docker: {error}", file=sys.stderr)
        return "native"
    return "docker"


def _start_together(broker: Server, database: Server) -> None:
    """Start both before waiting for either: RabbitMQ takes seconds."""
    broker.start()
    database.start()
    database.wait_until_ready()
    broker.wait_until_ready()
