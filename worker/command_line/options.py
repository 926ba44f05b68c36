"""The settings every verb shares: an environment variable and a flag each."""

from typing import Annotated

import typer

AmqpUrl = Annotated[
    str,
    typer.Option("--amqp-url", envvar="ORDERS_AMQP_URL", show_default=False, help="RabbitMQ, amqp:// or amqps://"),
]
DatabaseUrl = Annotated[
    str,
    typer.Option("--database-url", envvar="ORDERS_DATABASE_URL", show_default=False, help="PostgreSQL, postgresql://"),
]
Partitions = Annotated[
    int,
    typer.Option("--partitions", envvar="ORDERS_PARTITIONS", help="Fixed when the first worker starts, 1 to 100"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs")]
