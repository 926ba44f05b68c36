"""Where a campaign runs: private servers, a fresh database, a folder of its own."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.cluster.admin import Admin
from tests.faults.cluster.cluster import Cluster
from tests.faults.cluster.settings import CAMPAIGN, Size
from tests.services import Services
from tests.services.account import account_for
from tests.services.broker_names import delete_project_names
from tests.services.databases import fresh_database
from tests.services.services import Server
from worker.database.migrator import migrate

DISK_BYTES = 2 * 1024**3
"""Holds the tables of a campaign of an hour."""


@asynccontextmanager
async def prepared_cluster(
    services: Services,
    folder: Path,
    size: Size = CAMPAIGN,
    nodes: Sequence[Server] = (),
    *,
    disk_can_be_filled: bool = True,
) -> AsyncIterator[Cluster]:
    """Give a cluster that is not started, on a clean broker and a migrated database.

    With `disk_can_be_filled`, the tables are on a small file system, where we may make one.
    """
    await asyncio.to_thread(_empty, folder)
    await delete_project_names(services.amqp_url)
    with small_disk(services) if disk_can_be_filled else nullcontext() as disk:
        async with _database(services.database_url, disk) as url:
            await migrate(url)
            cluster = Cluster(services, url, folder, size, nodes)
            cluster.disk = disk
            yield cluster
    await delete_project_names(services.amqp_url)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


@asynccontextmanager
async def _database(server_url: str, disk: Path | None) -> AsyncIterator[str]:
    """Give a fresh database, whose tables are on `disk` where there is one."""
    if disk is None:
        async with fresh_database(server_url) as url:
            yield url
        return
    async with Admin(server_url).connection() as connection:
        await connection.execute(f"CREATE TABLESPACE small LOCATION '{disk / 'tables'}'")
    async with fresh_database(server_url) as url:
        name = urlsplit(url).path.removeprefix("/")
        async with Admin(server_url).connection() as connection:
            await connection.execute(f"ALTER DATABASE {name} SET TABLESPACE small")
        yield url
    async with Admin(server_url).connection() as connection:
        await connection.execute("DROP TABLESPACE small")


@contextmanager
def small_disk(services: Services) -> Iterator[Path | None]:
    """Give a small file system that the database can write to; None where we may not make one."""
    if services.kind != "native" or os.geteuid() != 0:
        yield None
        return
    disk = Path(tempfile.mkdtemp(prefix="orders-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", disk], check=False)
    try:
        if mounted.returncode == 0:
            disk.chmod(0o755)
            account_for("postgres").make_folder(disk / "tables")
        yield disk if mounted.returncode == 0 else None
    finally:
        if mounted.returncode == 0:
            # Lazily: after an interruption the database may have files open for as long as it lives.
            subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()
