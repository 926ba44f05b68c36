"""Which servers to use, and their life from start to stop."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.services import containers, native
from tests.services.errors import ServicesError
from tests.services.interruption import termination_as_interrupt
from tests.services.programs import install_missing_programs
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
    kind = prepare()
    if kind == "external":
        yield Services("external", os.environ[AMQP_URL_VARIABLE], os.environ[DATABASE_URL_VARIABLE], control=None)
        return
    servers: Servers = containers.servers() if kind == "docker" else native.servers()
    with termination_as_interrupt(), servers as (broker, database):
        _start_together(broker, database)
        yield Services(kind, broker.url, database.url, ServerControl(broker, database))


def prepare() -> ServicesKind:
    """Return which servers `provide` will give, and get what they are made from.

    Where images or programs are missing, that takes minutes: a caller whose own
    time is limited can have it done beforehand. Raises what `provide` raises.
    """
    if _external_is_asked():
        return "external"
    asked = os.environ.get(KIND_VARIABLE, "")
    if asked not in {"", "docker", "native"}:
        raise ServicesError(f"{KIND_VARIABLE} is {asked!r}: set it to docker or native, or leave it out")
    if asked == "docker" or (asked == "" and _images_are_here()):
        containers.require_images()
        return "docker"
    install_missing_programs()
    return "native"


def _external_is_asked() -> bool:
    amqp_url, database_url = os.environ.get(AMQP_URL_VARIABLE), os.environ.get(DATABASE_URL_VARIABLE)
    if bool(amqp_url) == bool(database_url):
        return bool(amqp_url)
    missing = DATABASE_URL_VARIABLE if amqp_url else AMQP_URL_VARIABLE
    raise ServicesError(f"{missing} is not set: set both it and its sister to use servers of your own, or neither")


def _images_are_here() -> bool:
    if not containers.engine_answers():
        return False
    try:
        containers.require_images()
    except ServicesError as error:
        print(f"services: native instead of docker: {error}", file=sys.stderr)
        return False
    return True


def _start_together(broker: Server, database: Server) -> None:
    """Start both before waiting for either: RabbitMQ takes seconds."""
    broker.start()
    database.start()
    database.wait_until_ready()
    broker.wait_until_ready()
