"""The picture of a run that the README shows: four panels, drawn from the contents of the file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # before pyplot is imported: no screen is needed

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

FILE_NAME = "bench.png"
SIZE_INCHES = (10.0, 6.0)
DOTS_PER_INCH = 130
WORKER_COLOUR = "#1b6ca8"
OTHER_COLOUR = "#b8c4ce"
STAGE_COLOURS = ("#1b6ca8", "#3f8fc4", "#74b3d8", "#f2b134", "#e07a3f", "#a05195", "#b8c4ce")


def draw(contents: Mapping[str, Any], folder: Path) -> None:
    """Write the picture of `contents`, a complete run, into `folder`."""
    figure, panels = plt.subplots(2, 2, figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    _throughput(panels[0][0], contents["throughput"])
    _latency(panels[0][1], contents["latency"])
    _stages(panels[1][0], contents["stages"])
    _history(panels[1][1], contents["history"])
    figure.supxlabel(_conditions(contents), fontsize=8, color="grey")
    figure.savefig(folder / FILE_NAME)
    plt.close(figure)


def _throughput(axes: Axes, figures: Mapping[str, Any]) -> None:
    rates = figures["commands_per_second"]
    _bars(axes, list(rates), list(rates.values()), "{:,.0f}")
    axes.set_title("Throughput, commands per second")


def _latency(axes: Axes, figures: Mapping[str, Any]) -> None:
    spreads = {
        f"{name} {percentile}": spread
        for name, percentiles in figures["milliseconds"].items()
        for percentile, spread in percentiles.items()
    }
    _bars(axes, list(spreads), list(spreads.values()), "{:.1f}")
    axes.set_title("Latency at 500 commands per second, ms")


def _history(axes: Axes, figures: Mapping[str, Any]) -> None:
    names = ["worker,\nempty database", f"worker, {figures['history_commands']:,}\nearlier commands"]
    _bars(axes, names, [figures["empty"], figures["full"]], "{:,.0f}")
    axes.set_title("Throughput with a history, commands per second")


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
    start = 0.0
    for (stage, microseconds), colour in zip(figures["stage_microseconds"].items(), STAGE_COLOURS, strict=True):
        axes.barh([""], [microseconds], left=start, color=colour, label=f"{stage} {microseconds:.0f}")
        start += microseconds
    axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.15), frameon=False, fontsize=8)
    axes.set_title(f"CPU of the worker per command: {figures['cpu_microseconds']:.0f} µs")
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _conditions(contents: Mapping[str, Any]) -> str:
    machine, versions = contents["machine"], contents["versions"]
    servers = ", ".join(f"{name} {versions[name]}" for name in ("RabbitMQ", "PostgreSQL", "Python"))
    return f"{machine['cores']} cores, {machine['processor']}; {servers}; {contents['date'][:10]}"
