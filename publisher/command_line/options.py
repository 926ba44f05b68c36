"""The settings that several verbs share: an environment variable and a flag each."""

from typing import Annotated

import typer

from publisher.client import OrderClient

DEFAULT_AMQP_URL = "amqp://guest:guest@localhost:5672/"
CLIENT_NAME = "order-publisher"

AmqpUrl = Annotated[
    str, typer.Option("--amqp-url", envvar="ORDERS_AMQP_URL", metavar="URL", help="RabbitMQ, amqp:// or amqps://")
]
DatabaseUrl = Annotated[
    str, typer.Option("--database-url", envvar="ORDERS_DATABASE_URL", metavar="URL", help="PostgreSQL, postgresql://")
]
Partitions = Annotated[
    int,
    typer.Option(
        "--partitions", envvar="ORDERS_PARTITIONS", metavar="COUNT", help="Must be the workers' own, 1 to 100"
    ),
]
TimeoutSeconds = Annotated[
    float,
    typer.Option(
        "--timeout-seconds",
        envvar="ORDERS_TIMEOUT_SECONDS",
        metavar="SECONDS",
        min=0.001,
        help="How long to wait for the answer",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]


def client_of(amqp_url: str, partitions: int) -> OrderClient:
    """Return this program's client."""
    return OrderClient(amqp_url, name=CLIENT_NAME, partition_count=partitions)
