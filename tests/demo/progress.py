"""How far a stream is: a bar on a terminal, else a line for each tenth."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

PLAIN_LINES = 10

Advance = Callable[[], None]


@contextmanager
def shown_progress(console: Console, title: str, total: int) -> Iterator[Advance]:
    """Give the function to call for each of the `total` steps."""
    if console.is_terminal:
        with _bar(console) as bar:
            task = bar.add_task(title, total=total)
            yield lambda: bar.advance(task)
    else:
        yield _PlainLines(console, title, total)


def _bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed or 0.0
        return Text(f"{rate:,.0f}/s")


class _PlainLines:
    def __init__(self, console: Console, title: str, total: int) -> None:
        self._console = console
        self._title = title
        self._total = total
        self._done = 0
        self._started = time.monotonic()

    def __call__(self) -> None:
        self._done += 1
        if self._done * PLAIN_LINES // self._total == (self._done - 1) * PLAIN_LINES // self._total:
            return
        rate = self._done / max(time.monotonic() - self._started, 1e-9)
        self._console.print(f"{self._title}: {self._done:,} of {self._total:,}, {rate:,.0f}/s")
