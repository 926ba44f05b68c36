"""`order-worker run`."""

import asyncio
import gc
import signal
from typing import Annotated, Literal

import typer
import uvloop

from schemas.partitions import DEFAULT_PARTITION_COUNT
from worker.command_line.failures import explained
from worker.command_line.options import AmqpUrl, DatabaseUrl, Partitions
from worker.service.logs import configure_logs
from worker.service.service import Service
from worker.service.settings import Settings, default_worker_name, read_hold_reasons

COLLECT_AFTER_OBJECTS = 50_000
"""A batch makes some thousand objects, which go as soon as nobody refers to them. At Python's own 700, the search
for cycles among them ran several times a batch and took 7 of 62 µs of CPU per command."""


def run(
    amqp_url: AmqpUrl,
    database_url: DatabaseUrl,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
    http_port: Annotated[
        int | None, typer.Option(envvar="ORDERS_HTTP_PORT", help="Serve /healthz, /readyz, /metrics; off where unset")
    ] = None,
    heartbeat_seconds: Annotated[
        int,
        typer.Option(envvar="ORDERS_HEARTBEAT_SECONDS", help="A worker that hangs is replaced after 1 to 1.5 of these"),
    ] = 10,
    shutdown_seconds: Annotated[
        float, typer.Option(envvar="ORDERS_SHUTDOWN_SECONDS", help="How long a stop waits for batches in work")
    ] = 25.0,
    worker_name: Annotated[
        str | None, typer.Option(envvar="ORDERS_WORKER_NAME", help="Shown as owner  [default: host:process]")
    ] = None,
    hold_reasons: Annotated[
        str,
        typer.Option(
            envvar="ORDERS_HOLD_REASONS",
            help="Dead letters behind which later commands of the SKU wait: failed, crashed, both, or none",
        ),
    ] = "failed,crashed",
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], typer.Option(envvar="ORDERS_LOG_LEVEL")
    ] = "info",
    log_format: Annotated[
        Literal["auto", "json", "text"], typer.Option(envvar="ORDERS_LOG_FORMAT", help="auto: text on a terminal")
    ] = "auto",
    migrate: Annotated[bool, typer.Option("--migrate", help="Migrate the database first")] = False,
) -> None:
    """Own partitions and work on their commands, until SIGTERM or Ctrl-C; then finish, acknowledge and leave.

    Several run side by side with no further setting. A server that is away is waited for.
    """
    with explained():
        settings = Settings(
            amqp_url=amqp_url,
            database_url=database_url,
            partition_count=partitions,
            http_port=http_port,
            heartbeat_seconds=heartbeat_seconds,
            shutdown_seconds=shutdown_seconds,
            worker_name=worker_name or default_worker_name(),
            hold_reasons=read_hold_reasons(hold_reasons),
        )
        configure_logs(log_level, as_json=None if log_format == "auto" else log_format == "json")
        gc.set_threshold(COLLECT_AFTER_OBJECTS)
        uvloop.run(_work(settings, migrate_first=migrate))


async def _work(settings: Settings, *, migrate_first: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await Service(settings, migrate_first=migrate_first).run(stopping)
