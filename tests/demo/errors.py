"""What can go wrong in a demo, besides the servers.

DemoError           the demo cannot go on; the message says what to do
└─ ImportBroken     the import did not reach the end of the log: the worker's own log may say why
"""


class DemoError(Exception):
    """The demo cannot go on."""


class ImportBroken(DemoError):
    """The import did not reach the end of the log."""
