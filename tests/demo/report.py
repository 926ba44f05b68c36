"""The table at the end, for people: 80 columns, and every difference where there is one."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.demo.expectation import Verdict
from tests.demo.proof import Check
from tests.demo.streaming import AnswerNotes

SHOWN_LIMIT_DIFFERENCES = 20
"""Of each check: the first ones tell where to look."""


def print_report(console: Console, notes: AnswerNotes, checks: Sequence[Check]) -> None:
    """Print what happened, and whether it is what must have happened."""
    console.print()
    console.print(_happened(notes))
    console.print()
    console.print(_proof(checks))
    console.print()
    for check in checks:
        _print_differences(console, check)
    console.print(_verdict(checks), style="bold green" if all(check.holds for check in checks) else "bold red")


def _happened(notes: AnswerNotes) -> Table:
    table = Table(title="What happened", title_justify="left", title_style="bold", show_header=False, box=None)
    table.add_column(min_width=38)
    table.add_column(justify="right", min_width=8)
    table.add_column()
    for name, count in _outcomes(notes):
        table.add_row(name, f"{count:,}")
    rate = len(notes.types) / notes.duration_seconds
    table.add_row("commands per second", f"{rate:,.0f}", f"all answered in {notes.duration_seconds:.1f} s")
    table.add_row("longest silence", f"{notes.longest_silence_seconds:.1f} s", "the kill included")
    return table


def _outcomes(notes: AnswerNotes) -> list[tuple[str, int]]:
    """Return how many lines ended in which way: by outcome, then the most frequent first."""
    counts = Counter((verdict, notes.types.get(line)) for line, verdict in _without_levels(notes).items())
    ordered = sorted(counts.items(), key=lambda item: (item[0][0].outcome, -item[1]))
    return [(_ending(verdict, kind), count) for (verdict, kind), count in ordered]


def _without_levels(notes: AnswerNotes) -> dict[int, Verdict]:
    return {line: verdict._replace(available=None) for line, verdict in notes.verdicts.items()}


def _ending(verdict: Verdict, kind: str | None) -> str:
    outcome = verdict.outcome.replace("_", "-")
    ending = f"{kind}s {outcome}" if kind else f"lines {outcome}"
    return f"{ending}: {verdict.reason}" if verdict.reason else ending


def _proof(checks: Sequence[Check]) -> Table:
    table = Table(
        title="Proof: the stock recomputed from the log alone, against",
        title_justify="left",
        title_style="bold",
        show_header=False,
        box=None,
    )
    table.add_column(min_width=26)
    table.add_column(min_width=28)
    table.add_column()
    for check in checks:
        count = len(check.differences)
        table.add_row(check.subject, check.extent, "[green]equal" if check.holds else f"[red]{count:,} differ")
    return table


def _print_differences(console: Console, check: Check) -> None:
    if check.holds:
        return
    console.print(f"{check.subject}:", style="bold red")
    for difference in check.differences[:SHOWN_LIMIT_DIFFERENCES]:
        console.print(f"  {difference}", markup=False, highlight=False)
    hidden = len(check.differences) - SHOWN_LIMIT_DIFFERENCES
    if hidden > 0:
        console.print(f"  and {hidden:,} more")
    console.print()


def _verdict(checks: Sequence[Check]) -> str:
    if all(check.holds for check in checks):
        return "Nothing was lost, nothing was applied twice, nothing was oversold."
    return "The stock is not what the log says. That is a bug."
