"""What one can ask of `python -m tests.bench`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.parts import PARTS
from tests.bench.sizes import QUICK, Sizes

PUBLISHED = Path("docs/bench")


@dataclass(frozen=True, slots=True)
class Options:
    """One run: which parts, how much, and where the files go."""

    parts: tuple[str, ...]
    sizes: Sizes
    output: Path | None
    """None: print only."""


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; print usage and exit where they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measure the worker beside what one would write instead."
    )
    parser.add_argument("--only", metavar="PART,...", type=_parts, default=tuple(PARTS), help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it works, says little")
    parser.add_argument("--history", metavar="N", type=int, help="earlier commands in the database [5,000,000]")
    parser.add_argument("--rounds", metavar="N", type=int, help="how often the throughput is measured [5]")
    parser.add_argument(
        "--output", metavar="FOLDER", type=Path, help=f"for bench.json and bench.png [{PUBLISHED}, if all is measured]"
    )
    chosen = parser.parse_args(arguments)
    sizes = QUICK if chosen.quick else Sizes()
    if chosen.history is not None:
        sizes = replace(sizes, history_commands=chosen.history)
    if chosen.rounds is not None:
        sizes = replace(sizes, rounds=chosen.rounds)
    # A part of the figures, or small ones, must not replace what is published.
    complete = chosen.only == tuple(PARTS) and sizes == Sizes()
    return Options(chosen.only, sizes, chosen.output or (PUBLISHED if complete else None))


def _parts(text: str) -> tuple[str, ...]:
    asked = set(text.split(","))
    unknown = asked - set(PARTS)
    if unknown:
        raise argparse.ArgumentTypeError(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in asked)
