"""What can be chosen."""

import argparse
import random
from fnmatch import fnmatch
from pathlib import Path

from tests.faults.kinds.catalogue import CATALOGUE
from tests.faults.kinds.kind import Need
from tests.faults.subject.mutants import MUTANTS

DEFAULT_DURATION_SECONDS = 540.0
DEFAULT_EVERY_SECONDS = 0.8
"""Some faults come to nothing, since another has taken away what they need: 500 of these remain, and more."""
DEFAULT_FOLDER = Path("build/faults")


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description="Break everything the worker needs, for minutes, and judge what it did.",
    )
    made.add_argument("--seed", type=int, default=random.randrange(2**31), help="of everything; default: another one")
    made.add_argument("--duration", type=float, default=DEFAULT_DURATION_SECONDS, metavar="SECONDS")
    made.add_argument("--every", type=float, default=DEFAULT_EVERY_SECONDS, metavar="SECONDS", help="between faults")
    made.add_argument("--kinds", default="*", metavar="PATTERN", help="of faults, such as 'worker.*,database.killed'")
    made.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="for all files; default: %(default)s")
    made.add_argument("--three-nodes", action="store_true", help="of the broker, of which one is lost at a time")
    made.add_argument("--list", action="store_true", help="print the schedule, and break nothing")
    made.add_argument(
        "--mutants",
        nargs="?",
        const="*",
        type=_mutants,
        metavar="PATTERN",
        help=f"prove the checker: break the worker in each of these ways: {', '.join(MUTANTS)}",
    )
    return made


def _mutants(patterns: str) -> list[str]:
    chosen = [name for name in MUTANTS if _matches(name, patterns)]
    if not chosen:
        raise argparse.ArgumentTypeError(f"no mutant is called {patterns}; there are {', '.join(MUTANTS)}")
    return chosen


def _matches(name: str, patterns: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns.split(","))


def chosen_weights(patterns: str, available: Need) -> dict[str, int]:
    """Return the kinds that match one of `patterns` and can be had here, with their weights."""
    return {
        kind.name: kind.weight
        for kind in CATALOGUE.values()
        if not kind.needs & ~available and _matches(kind.name, patterns)
    }
