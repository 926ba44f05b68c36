"""The picture of a soak: six panels over time, with a line where each fault was."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from tests.bench.picture import DOTS_PER_INCH, OTHER_COLOUR, STAGE_COLOURS, TITLE_POINTS
from tests.soak.flatness import WARM_UP_SHARE
from tests.soak.series import Note, Series
from tests.soak.soak import Soaked

SIZE_INCHES = (12.0, 9.0)
PANELS: dict[str, tuple[str, ...]] = {
    "Resident memory, MB": ("memory of the survivor", "memory of the mortal"),
    "Open file descriptors": ("descriptors of the survivor", "descriptors of the mortal"),
    "Dead rows for 100 live ones": ("dead rows for 100 live ones",),
    "Bytes per command": ("index bytes per command", "table bytes per command"),
    "Age of the oldest unanswered command, s": ("age of the oldest command",),
    "Commands per second, and on their way": ("answers per second", "commands on their way"),
}


def draw(series: Mapping[str, Series], faults: Sequence[Note], soaked: Soaked, path: Path) -> None:
    """Write the picture."""
    figure, panels = plt.subplots(3, 2, figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained", sharex=True)
    for axes, (title, names) in zip(panels.flat, PANELS.items(), strict=True):
        _panel(axes, title, [series[name] for name in names])
        _faults(axes, faults, soaked)
    figure.supxlabel("minutes; dotted: a fault; grey: not judged", fontsize=9, color="dimgrey")
    figure.savefig(path)
    plt.close(figure)


def _panel(axes: Axes, title: str, lines: Sequence[Series]) -> None:
    for line, colour in zip(lines, (STAGE_COLOURS[0], STAGE_COLOURS[4]), strict=False):
        minutes = [seconds / 60 for seconds, _ in line.points]
        axes.plot(minutes, [value for _, value in line.points], color=colour, linewidth=1, label=line.name)
    axes.set_title(title, fontsize=TITLE_POINTS)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    if len(lines) > 1:
        axes.legend(frameon=False, fontsize=8)


def _faults(axes: Axes, faults: Sequence[Note], soaked: Soaked) -> None:
    for fault in faults:
        axes.axvline((fault["at"] - soaked.began) / 60, color="dimgrey", linewidth=0.6, linestyle=":")
    axes.axvspan(0, WARM_UP_SHARE * (soaked.ended - soaked.began) / 60, color=OTHER_COLOUR, alpha=0.25, linewidth=0)
