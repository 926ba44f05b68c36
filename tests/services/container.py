"""One server in a container."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from tests.services.errors import ServerStartError, ServicesError
from tests.services.polling import poll_until
from tests.services.ports import LOOPBACK, free_port

START_TIMEOUT_SECONDS = 120.0
"""A container is ready after 7 seconds on an idle machine."""
STOP_TIMEOUT_SECONDS = 30


@dataclass(slots=True)
class Container:
    """A server whose port on loopback stays the same however often it is started."""

    name: str
    image: str
    container_port: int
    url_prefix: str
    url_path: str
    environment: Mapping[str, str]
    is_ready: "Callable[[Container], bool]"
    command: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    _container: DockerContainer | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"{self.url_prefix}:{self.port}{self.url_path}"

    def start(self) -> None:
        """Launch the container, or, after a stop, launch it again."""
        if self._container is not None:
            self._container.get_wrapped_container().start()
            return
        self._container = self._described()
        try:
            self._container.start()
        except DockerException as error:
            raise ServicesError(f"the Docker engine cannot start {self.image}: {error}") from error

    def wait_until_ready(self) -> None:
        """Wait until the server takes clients."""
        if not poll_until(lambda: self._ended() or self.is_ready(self), START_TIMEOUT_SECONDS):
            raise ServerStartError(self.name, f"did not answer within {START_TIMEOUT_SECONDS:.0f} s", self._log())
        if self._ended():
            raise ServerStartError(self.name, "ended", self._log())

    def stop(self) -> None:
        """Shut the server down in order."""
        self._running().get_wrapped_container().stop(timeout=STOP_TIMEOUT_SECONDS)

    def kill(self) -> None:
        """Kill the server."""
        self._running().get_wrapped_container().kill()
        self._running().get_wrapped_container().wait()

    def discard(self) -> None:
        """Remove the container and its data."""
        if self._container is not None:
            self._container.stop()

    def run(self, *command: str) -> None:
        """Run a command in the container."""
        result = self._running().exec(list(command))
        if result.exit_code != 0:
            raise ServerStartError(command[0], f"failed with status {result.exit_code}", result.output.decode())

    def succeeds(self, command: list[str]) -> bool:
        """Return whether a command in the container does."""
        return self._running().exec(command).exit_code == 0

    def _described(self) -> DockerContainer:
        described = DockerContainer(self.image, env=dict(self.environment))
        # To docker-py a pair binds one address; testcontainers passes it on, and only types numbers.
        described.ports[str(self.container_port)] = (LOOPBACK, self.port)  # type: ignore[assignment]
        if self.command:
            described.with_command(list(self.command))
        return described

    def _running(self) -> DockerContainer:
        if self._container is None:
            raise ServicesError(f"{self.name} was never started")
        return self._container

    def _ended(self) -> bool:
        container = self._running()
        container.reload()
        return container.status in {"exited", "dead"}

    def _log(self) -> str:
        return "".join(part.decode(errors="replace") for part in self._running().get_logs())
