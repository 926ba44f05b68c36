"""The service of `docker-compose.yml`, up for the length of a block."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PROJECT_FOLDER = Path(__file__).parents[2]
COMMAND_TIMEOUT_SECONDS = 540
"""The image is built from nothing, and three servers start."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One composed service, apart from any other on this machine."""

    name: str
    environment: dict[str, str]

    @classmethod
    @contextmanager
    def up(cls, workers: int) -> Iterator[Self]:
        """Build it, start it, wait until all of it is healthy; remove all of it afterwards."""
        stack = cls(f"orders-{secrets.token_hex(4)}", _environment())
        try:
            stack._compose("up", "--build", "--detach", "--wait", "--scale", f"worker={workers}")
            yield stack
        except subprocess.CalledProcessError:
            stack._print_logs()
            raise
        finally:
            stack._compose("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "10")

    @property
    def amqp_url(self) -> str:
        """Where publishers on this machine connect."""
        address = self._compose("port", "broker", "5672").strip()
        return f"amqp://orders:{self.environment['ORDERS_BROKER_PASSWORD']}@{address}/"

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Return the containers of a service, ended ones too, as `docker compose ps` tells of them."""
        lines = self._compose("ps", "--all", "--format", "json", service).splitlines()
        return [json.loads(line) for line in lines]

    def run_in_worker(self, *command: str) -> str:
        """Return what a command prints in one of the workers."""
        return self._compose("exec", "--no-TTY", "worker", *command)

    def _compose(self, *arguments: str) -> str:
        finished = subprocess.run(
            ["docker", "compose", "--project-name", self.name, *arguments],
            cwd=PROJECT_FOLDER,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
        )
        return finished.stdout

    def _print_logs(self) -> None:
        print(self._compose("logs", "--no-color", "--tail", "50"), file=sys.stderr)


def _environment() -> dict[str, str]:
    return {
        # The machine's own network, where a build container would have no way out.
        "ORDERS_BUILD_NETWORK": "host",
        **os.environ,
        "ORDERS_BROKER_PASSWORD": secrets.token_hex(),
        "ORDERS_DATABASE_PASSWORD": secrets.token_hex(),
        # Any free ports: the machine may have a RabbitMQ.
        "ORDERS_BROKER_PORT": "0",
        "ORDERS_BROKER_MANAGEMENT_PORT": "0",
    }
