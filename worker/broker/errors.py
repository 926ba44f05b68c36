"""Errors of the worker's broker edge; for the operator.

TopologyMismatch  something of that name exists on the broker with other arguments
"""


class TopologyMismatch(Exception):
    """An exchange or queue of ours exists with other arguments; the message names it and what differs."""
