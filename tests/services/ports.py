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


def speaks_amqp(port: int) -> bool:
    """Return whether a broker takes clients on the port: listening alone does not say so."""
    try:
        with socket.create_connection((LOOPBACK, port), PROBE_TIMEOUT_SECONDS) as probe:
            probe.sendall(AMQP_PROTOCOL_HEADER)
            return probe.recv(1) == AMQP_METHOD_FRAME
    except OSError:
        return False
