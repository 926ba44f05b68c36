"""The picture of a run that the README shows: four panels, drawn from the contents of the file."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # before pyplot is imported: no screen is needed

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

FILE_NAME = "bench.png"
PARTS = ("throughput", "latency", "stages", "history", "memory")
"""What it shows: all of these have to be measured for it."""

SIZE_INCHES = (10.0, 6.0)
DOTS_PER_INCH = 130
TITLE_POINTS = 11
WORKER_COLOUR = "#1b6ca8"
OTHER_COLOUR = "#b8c4ce"
STAGE_COLOURS = ("#1b6ca8", "#3f8fc4", "#74b3d8", "#f2b134", "#e07a3f", "#a05195", "#b8c4ce")


def missing_parts(measured: Container[str]) -> list[str]:
    """Return the parts that a picture of `measured` would lack."""
    return [part for part in PARTS if part not in measured]


def draw(contents: Mapping[str, Any], folder: Path) -> None:
    """Write the picture of `contents`, in which no part is missing, into `folder`."""
    figure, panels = plt.subplots(2, 2, figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    _throughput(panels[0][0], contents["throughput"])
    _latency(panels[0][1], contents["latency"])
    _stages(panels[1][0], contents["stages"])
    _history(panels[1][1], contents["history"])
    figure.supxlabel(f"{_memory(contents['memory'])}\n{_conditions(contents)}", fontsize=8, color="dimgrey")
    figure.savefig(folder / FILE_NAME)
    plt.close(figure)


def _throughput(axes: Axes, figures: Mapping[str, Any]) -> None:
    rates = figures["commands_per_second"]
    _bars(axes, list(rates), list(rates.values()), "{:,.0f}")
    axes.set_title("Throughput, commands per second", fontsize=TITLE_POINTS)


def _latency(axes: Axes, figures: Mapping[str, Any]) -> None:
    spreads = {
        f"{name} {percentile}": spread
        for name, percentiles in figures["milliseconds"].items()
        for percentile, spread in percentiles.items()
    }
    _bars(axes, list(spreads), list(spreads.values()), "{:.1f}")
    axes.set_title("Latency at 500 commands per second, ms", fontsize=TITLE_POINTS)


def _history(axes: Axes, figures: Mapping[str, Any]) -> None:
    names = ["worker,\nempty database", f"worker, {figures['history_commands']:,}\nearlier commands"]
    _bars(axes, names, [figures["empty"], figures["full"]], "{:,.0f}")
    axes.set_title("Throughput with a history", fontsize=TITLE_POINTS)


def _bars(axes: Axes, names: Sequence[str], spreads: Sequence[Mapping[str, Any]], label: str) -> None:
    """Draw medians as bars, with the least and the most measured as whiskers."""
    medians = [spread["median"] for spread in spreads]
    below = [spread["median"] - spread["least"] for spread in spreads]
    above = [spread["most"] - spread["median"] for spread in spreads]
    colours = [WORKER_COLOUR if name.startswith("worker") else OTHER_COLOUR for name in names]
    bars = axes.barh(names, medians, xerr=[below, above], color=colours, ecolor="dimgrey", capsize=3)
    axes.bar_label(bars, labels=[label.format(median) for median in medians], padding=6, fontsize=9)
    axes.margins(x=0.2)
    axes.invert_yaxis()
    _plain(axes)


def _stages(axes: Axes, figures: Mapping[str, Any]) -> None:
    """Draw the stages as one bar from top to bottom, with their table beside it."""
    whole = figures["cpu_microseconds"]
    bottom = whole
    for (stage, microseconds), colour in zip(figures["stage_microseconds"].items(), STAGE_COLOURS, strict=True):
        bottom -= microseconds
        label = f"{stage:<12}{microseconds:>6.1f} µs{microseconds / whole:>6.0%}"
        axes.bar([""], [microseconds], bottom=bottom, color=colour, label=label)
    axes.set_xlim(-0.5, 4)  # the bar on the left, its table on the right
    axes.legend(loc="center right", frameon=False, prop={"family": "monospace", "size": 9})
    axes.set_title(f"CPU of the worker per command: {whole:.0f} µs", fontsize=TITLE_POINTS)
    _plain(axes)
    axes.yaxis.set_visible(False)


def _plain(axes: Axes) -> None:
    """Take away what the numbers beside the bars say already."""
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.xaxis.set_visible(False)


def _memory(figures: Mapping[str, Any]) -> str:
    return (
        f"resident memory at most {figures['peak_megabytes']:.0f} MB "
        f"with {figures['sku_count']:,} SKUs and a backlog of {figures['command_count']:,}"
    )


def _conditions(contents: Mapping[str, Any]) -> str:
    machine, versions = contents["machine"], contents["versions"]
    servers = ", ".join(f"{name} {versions[name]}" for name in ("RabbitMQ", "PostgreSQL", "Python"))
    return f"{machine['cores']} cores, {machine['processor']}; {servers}; {contents['date'][:10]}"
