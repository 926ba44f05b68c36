"""A broker of three nodes on loopback, which goes on while one of them is gone."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.services import ServerControl, Services
from tests.services.account import account_for
from tests.services.native import server_folder
from tests.services.native_broker import NativeBroker
from tests.services.native_database import NativeDatabase
from tests.services.ports import ReservedPort
from tests.services.programs import install_missing_programs

NODES = 3


@contextmanager
def three_nodes() -> Iterator[tuple[Services, list[NativeBroker]]]:
    """Give native servers, with a broker of three nodes, for the length of the block."""
    install_missing_programs()
    account, cookie, name_server_port = account_for("rabbitmq"), secrets.token_hex(16).upper(), ReservedPort()
    with ExitStack() as stack:
        stack.callback(name_server_port.close)
        folder = stack.enter_context(server_folder())
        database = NativeDatabase(account_for("postgres"), folder / "database")
        stack.callback(database.discard)
        nodes: list[NativeBroker] = []
        for number in range(NODES):
            place = folder / f"node-{number}"
            nodes.append(NativeBroker(account, place, name_server_port=name_server_port.number, cookie=cookie))
            stack.callback(nodes[-1].discard)
        database.start()
        first, *others = nodes
        for node in nodes:  # one after the other: the first brings the name server
            node.start()
            node.wait_until_ready()
        for other in others:
            other.join(first)
        database.wait_until_ready()
        yield Services("native", first.url, database.url, ServerControl(first, database)), nodes
