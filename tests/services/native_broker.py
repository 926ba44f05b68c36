"""A private RabbitMQ: its own node, ports, data, cookie and name server."""

import signal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.services.account import Account
from tests.services.ports import LOOPBACK, ReservedPort, speaks_amqp
from tests.services.process import Program, ServerProcess
from tests.services.programs import broker_programs

START_TIMEOUT_SECONDS = 120.0
"""RabbitMQ takes 5 to 7 seconds on an idle machine; a busy one with two cores needs patience."""


class _Ports(NamedTuple):
    amqp: int
    distribution: int
    name_server: int


class NativeBroker:
    """One RabbitMQ node that shares nothing with an installed one."""

    def __init__(
        self, account: Account, folder: Path, *, name_server_port: int | None = None, cookie: str | None = None
    ) -> None:
        """Nodes that are to join each other share `name_server_port` and `cookie`."""
        self._reserved = [ReservedPort() for _ in _Ports._fields]
        ports = _Ports(*(port.number for port in self._reserved))
        self._port = ports.amqp
        account.make_folder(folder)
        if cookie is not None:
            _write_cookie(account, folder, cookie)
        programs = broker_programs()
        environment = _environment(account, folder, ports._replace(name_server=name_server_port or ports.name_server))
        launch = partial(Program, account=account, environment=environment, folder=folder)
        self._broker = launch("RabbitMQ", [programs.server], log=folder.with_suffix(".log"))
        self._tool = partial(launch, "a tool of RabbitMQ", log=folder.with_suffix(".tool.log"))
        self._tool_folder = programs.server.parent
        # A name server of our own: the machine's shared one is neither used nor stopped.
        self._name_server = launch("epmd", [programs.name_server], log=folder.with_suffix(".epmd.log"))
        self._name_server_process: ServerProcess | None = None
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"amqp://guest:guest@{LOOPBACK}:{self._port}/"

    @property
    def node(self) -> str:
        """What other nodes call it."""
        return _node(self._port)

    def join(self, other: "NativeBroker") -> None:
        """Become one broker with `other`; both are up, and this one is empty."""
        for command in (["stop_app"], ["reset"], ["join_cluster", other.node], ["start_app"]):
            self.run("rabbitmqctl", *command)

    def start(self) -> None:
        """Launch the node."""
        self._name_server_process = self._name_server_process or ServerProcess(self._name_server)
        self._process = ServerProcess(self._broker)

    def wait_until_ready(self) -> None:
        """Wait until the node takes clients."""
        if self._process is not None:
            self._process.wait_until(lambda: speaks_amqp(self._port), START_TIMEOUT_SECONDS)

    def stop(self) -> None:
        """Shut the node down in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the node."""
        self._end(signal.SIGKILL)

    def run(self, *command: str) -> None:
        """Run `rabbitmqctl` or another tool on the node."""
        self._tool([self._tool_folder / command[0], *command[1:]]).run()

    def discard(self) -> None:
        """Kill the node and its name server."""
        self.kill()
        if self._name_server_process is not None:
            self._name_server_process.end(signal.SIGTERM)
        for port in self._reserved:
            port.close()

    def _end(self, request: signal.Signals) -> None:
        if self._process is not None:
            self._process.end(request)


def _node(port: int) -> str:
    return f"orders-{port}@localhost"


def _write_cookie(account: Account, folder: Path, cookie: str) -> None:
    path = folder / ".erlang.cookie"
    path.write_text(cookie)
    path.chmod(0o400)
    account.own(path)


def _environment(account: Account, folder: Path, ports: _Ports) -> dict[str, str]:
    """Return RabbitMQ's settings: every path it would take from /etc or /var points into `folder`."""
    plugins = folder / "enabled_plugins"
    plugins.write_text("[].\n")
    account.own(plugins)
    return {
        "HOME": str(folder),  # the cookie is written there
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_EPMD_PORT": str(ports.name_server),
        "RABBITMQ_NODENAME": _node(ports.amqp),
        "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
        "RABBITMQ_NODE_PORT": str(ports.amqp),
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_SCHEMA_DIR": str(folder / "schema"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",  # to our log file, with what the start script prints
        # So the start script becomes the node instead of waiting for it: signals reach it.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
