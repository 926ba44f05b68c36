"""Looks where the program is, each time it has used a little more CPU.

The timer runs on the CPU time of the process, so the samples of a stage, divided
by all samples, are its share of the CPU, and the shares add up to the whole.
"""

import signal
from collections import Counter
from types import FrameType, TracebackType
from typing import Self

from tests.bench.stages import Place, stage_of

INTERVAL_SECONDS = 0.001
"""Of CPU time. The kernel rounds it up to its own tick, 4 ms on most machines."""


class StageSampler:
    """Counts samples by stage while it is entered; main thread only."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        self.counts[stage_of(places(frame))] += 1


def places(frame: FrameType | None) -> list[Place]:
    """Return where the program is, innermost call first."""
    found = []
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_code.co_qualname))
        frame = frame.f_back
    return found
