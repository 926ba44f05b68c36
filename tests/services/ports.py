"""Ports on loopback: free ones, and ones that speak AMQP."""

import socket

LOOPBACK = "127.0.0.1"
PROBE_TIMEOUT_SECONDS = 2.0
AMQP_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
AMQP_METHOD_FRAME = b"\x01"
"""What a broker's first frame, connection.start, begins with."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class ReservedPort:
    """A port that the kernel gives to nobody who asks for any port, until `close`.

    It is bound and nobody listens, so whoever means it can: servers set SO_REUSEADDR.
    A port that is merely free may have become some client's by the time its server
    starts, or while the server is away.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


def speaks_amqp(port: int) -> bool:
    """Return whether a broker takes clients on the port: listening alone does not say so."""
    try:
        with socket.create_connection((LOOPBACK, port), PROBE_TIMEOUT_SECONDS) as probe:
            probe.sendall(AMQP_PROTOCOL_HEADER)
            return probe.recv(1) == AMQP_METHOD_FRAME
    except OSError:
        return False
