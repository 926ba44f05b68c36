"""An error that many are told."""


class SharedError:
    """Raised to each of many, it keeps the traceback that it came with.

    An error grows with each raise, by the frames of whoever is told: as one object
    told to thousands it would hold all of them, and print them.
    """

    def __init__(self, error: Exception) -> None:
        self._error = error
        self._traceback = error.__traceback__

    def told(self) -> Exception:
        """Return the error, to be raised at once."""
        return self._error.with_traceback(self._traceback)
