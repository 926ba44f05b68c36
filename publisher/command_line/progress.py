"""How far an import is: a bar on a terminal, or nothing."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


class ImportProgress:
    """Counts lines that are done with. It writes to the standard error output, where `shown`."""

    def __init__(self, total_lines: int, *, shown: bool) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            _RateColumn(),
            TextColumn("left"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            disable=not shown,
        )
        self._task = self._progress.add_task("importing", total=total_lines)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the bar as it is; more text may follow."""
        self._progress.stop()

    def finish(self) -> None:
        """Show it as complete: the total was only the number of line ends."""
        self._progress.update(self._task, total=self._progress.tasks[self._task].completed)

    def advance(self, lines: int) -> None:
        """Count `lines` more."""
        self._progress.advance(self._task, lines)

    def say(self, sentence: str) -> None:
        """Write `sentence` above the bar."""
        self._console.print(Text(sentence), soft_wrap=True)
