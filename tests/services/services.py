"""What a caller gets: addresses, and the means to make the servers fail."""

from dataclasses import dataclass
from typing import Literal, Protocol

ServicesKind = Literal["docker", "native", "external"]


class Server(Protocol):
    """A server of ours. Its port and its data stay the same from start to start."""

    @property
    def url(self) -> str:
        """Where clients connect."""
        ...

    def start(self) -> None:
        """Launch it, without waiting until it answers."""
        ...

    def wait_until_ready(self) -> None:
        """Return when it takes clients; raise `ServerStartError` when it will not."""
        ...

    def stop(self) -> None:
        """Shut it down in order, and wait until it is gone."""
        ...

    def kill(self) -> None:
        """Take it away as a crash would, and wait until it is gone."""
        ...

    def run(self, *command: str) -> None:
        """Run one of the server's own tools beside it; raise `ServerStartError` where that fails."""
        ...

    def discard(self) -> None:
        """Kill it, where it runs, and remove what it kept."""
        ...


class ServerControl:
    """Takes the servers away and brings them back, for tests of what happens then.

    Each method blocks until it is done: in a test that runs a loop, call it through
    `asyncio.to_thread`. A server comes back on the same port, with what it had.
    """

    def __init__(self, broker: Server, database: Server) -> None:
        self._broker = broker
        self._database = database

    def stop_broker(self) -> None:
        """Shut RabbitMQ down in order: it closes its connections first."""
        self._broker.stop()

    def kill_broker(self) -> None:
        """Kill RabbitMQ: its connections break."""
        self._broker.kill()

    def start_broker(self) -> None:
        """Start RabbitMQ again, and wait until it answers."""
        self._broker.start()
        self._broker.wait_until_ready()

    def control_broker(self, *arguments: str) -> None:
        """Run `rabbitmqctl` with these arguments; raise `ServerStartError` where it fails."""
        self._broker.run("rabbitmqctl", *arguments)

    def stop_database(self) -> None:
        """Shut PostgreSQL down in order: it ends its sessions first."""
        self._database.stop()

    def kill_database(self) -> None:
        """Take PostgreSQL down without a checkpoint: it has to recover from its log."""
        self._database.kill()

    def start_database(self) -> None:
        """Start PostgreSQL again, and wait until it answers."""
        self._database.start()
        self._database.wait_until_ready()


@dataclass(frozen=True, slots=True)
class Services:
    """A RabbitMQ and a PostgreSQL that answer."""

    kind: ServicesKind
    amqp_url: str
    database_url: str
    """Of a user that may create databases: make your own, leave this one empty."""
    control: ServerControl | None
    """None where the servers are not ours."""
