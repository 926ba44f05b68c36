"""Which versions of one aggregate were seen, in any order: ranges, so that what comes in a row takes no memory."""

from array import array
from bisect import bisect_right

GAPS_LIMIT_VERSIONS = 100_000
"""Gaps remembered per aggregate, 16 bytes each. Versions that never come (they are of other types) leave gaps, too."""


class SeenVersions:
    """A set of versions from 1 on. Beyond the limit the lowest gap is closed: what is missing there counts as seen."""

    def __init__(self, limit_gaps: int = GAPS_LIMIT_VERSIONS) -> None:
        self._limit_gaps = limit_gaps
        # Where ranges begin and end, in turns; the first one begins at 0, which nobody has.
        self._bounds = array("q", (0, 1))

    @property
    def through(self) -> int:
        """The version up to which all were seen."""
        return self._bounds[1] - 1

    @property
    def gap_count(self) -> int:
        """How many gaps are remembered."""
        return len(self._bounds) // 2 - 1

    def add(self, version: int) -> bool:
        """Note the version; return whether it is seen for the first time."""
        bounds = self._bounds
        place = bisect_right(bounds, version)
        if place % 2:  # between a beginning and its end
            return False
        follows = bounds[place - 1] == version
        precedes = place < len(bounds) and bounds[place] == version + 1
        if follows and precedes:
            del bounds[place - 1 : place + 1]
        elif follows:
            bounds[place - 1] += 1
        elif precedes:
            bounds[place] -= 1
        else:
            bounds[place:place] = array("q", (version, version + 1))
            if self.gap_count > self._limit_gaps:
                del bounds[1:3]
        return True
