"""The settings every verb shares: an environment variable and a flag each."""

from typing import Annotated
from urllib.parse import urlsplit

import typer


def _checked_url(url: str) -> str:
    """Refuse what is no URL, without showing it: it may hold a password."""
    try:
        parts = urlsplit(url)
        valid = bool(parts.scheme) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise typer.BadParameter(
            "this is no URL such as scheme://user:password@host:port/name; "
            "write special characters of the password as %XX"
        )
    return url


AmqpUrl = Annotated[
    str,
    typer.Option(
        "--amqp-url",
        envvar="ORDERS_AMQP_URL",
        show_default=False,
        callback=_checked_url,
        help="RabbitMQ, amqp:// or amqps://",
    ),
]
DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database-url",
        envvar="ORDERS_DATABASE_URL",
        show_default=False,
        callback=_checked_url,
        help="PostgreSQL, postgresql://",
    ),
]
Partitions = Annotated[
    int,
    typer.Option("--partitions", envvar="ORDERS_PARTITIONS", help="Fixed when the first worker starts, 1 to 100"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs")]
