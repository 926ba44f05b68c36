"""RabbitMQ and PostgreSQL in containers, by testcontainers."""

import gc
import secrets
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from docker.client import DockerClient
from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config

from tests.services.container import Container
from tests.services.errors import ServicesError
from tests.services.ports import LOOPBACK, speaks_amqp
from tests.services.services import Server

BROKER_IMAGE = "rabbitmq:4-management"
DATABASE_IMAGE = "postgres:17"
ENGINE_TIMEOUT_SECONDS = 10
PULL_TIMEOUT_SECONDS = 300
"""The longest silence while an image is fetched."""
CONNECTION_LIMIT = 300
USER = "orders"


def engine_answers() -> bool:
    """Return whether a Docker engine is there."""
    return _engine_trouble() is None


def require_images() -> None:
    """See that the images are here, or fetch them; raise `ServicesError` where they cannot be had."""
    trouble = _engine_trouble()
    if trouble is not None:
        raise ServicesError(f"no Docker engine answers ({trouble}): start one, or set ORDERS_SERVICES=native")
    engine = DockerClient.from_env(timeout=PULL_TIMEOUT_SECONDS)
    try:
        for image in _images():
            _require_image(engine, image)
    finally:
        engine.close()


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Give a RabbitMQ and a PostgreSQL of our own, not started yet; remove them afterwards."""
    password = secrets.token_urlsafe()
    with ExitStack() as stack:
        broker, database = _broker(password), _database(password)
        stack.callback(broker.discard)
        stack.callback(database.discard)
        yield broker, database


def _engine_trouble() -> str | None:
    # The client leaves the socket of a failed connection to the collector, which warns, and warnings are errors.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        trouble = _failure_to_connect()
        gc.collect()
    return trouble


def _failure_to_connect() -> str | None:
    try:
        DockerClient.from_env(timeout=ENGINE_TIMEOUT_SECONDS).close()  # asks the engine for its version
    except DockerException as error:
        return str(error)
    return None


def _images() -> list[str]:
    """Return the servers' images, and that of the reaper, which removes containers of a killed run."""
    reaper = [] if testcontainers_config.ryuk_disabled else [testcontainers_config.ryuk_image]
    return [BROKER_IMAGE, DATABASE_IMAGE, *reaper]


def _require_image(engine: DockerClient, image: str) -> None:
    try:
        engine.images.get(image)
    except ImageNotFound:
        try:
            engine.images.pull(image)
        except DockerException as error:
            raise ServicesError(f"the image {image} can neither be found nor fetched ({error})") from error


def _broker(password: str) -> Container:
    return Container(
        name="RabbitMQ",
        image=BROKER_IMAGE,
        container_port=5672,
        url_prefix=f"amqp://{USER}:{password}@{LOOPBACK}",
        url_path="/",
        environment={"RABBITMQ_DEFAULT_USER": USER, "RABBITMQ_DEFAULT_PASS": password},
        is_ready=lambda container: speaks_amqp(container.port),
    )


def _database(password: str) -> Container:
    # By TCP: while the image sets its cluster up, it answers on the socket alone.
    probe = ["pg_isready", "--quiet", "--host", LOOPBACK, "--username", USER]
    return Container(
        name="PostgreSQL",
        image=DATABASE_IMAGE,
        container_port=5432,
        url_prefix=f"postgresql://{USER}:{password}@{LOOPBACK}",
        url_path="/postgres",
        environment={"POSTGRES_USER": USER, "POSTGRES_PASSWORD": password, "POSTGRES_DB": "postgres"},
        command=["postgres", "-c", f"max_connections={CONNECTION_LIMIT}", "-c", "track_commit_timestamp=on"],
        is_ready=lambda container: container.succeeds(probe),
    )
