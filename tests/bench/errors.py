"""What can stop the benchmark."""


class ContenderFailed(Exception):
    """A contender ended by itself or stands still; the message ends with its log."""
