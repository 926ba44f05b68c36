"""How long, and where the files go."""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_MINUTES = 10.0
DEFAULT_FOLDER = Path("build/soak")
OPENING_SKUS = 70_000
"""As many as all lanes together keep in memory, and some more."""
WARM_UP_SECONDS = 10.0
"""From the moment when these are in the shop, until the workers know what is asked for."""
LIMIT_SECONDS = 30.0
FAULT_EVERY_SECONDS = 30.0
"""In an hour that is compressed by six, what comes every three minutes: a deployment, a restart, a hiccup."""


@dataclass(frozen=True, slots=True)
class Options:
    """One soak."""

    seed: int
    folder: Path
    minutes: float = DEFAULT_MINUTES
    fault_every_seconds: float = FAULT_EVERY_SECONDS
    opening_skus: int = OPENING_SKUS
    warm_up_seconds: float = WARM_UP_SECONDS
    limit_seconds: float = LIMIT_SECONDS

    @property
    def duration_seconds(self) -> float:
        """Return how long the steady load lasts."""
        return 60 * self.minutes


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; print usage and exit where they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description="Run two workers at 70 % of what they can do, break something now and then, and look what grows.",
    )
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES, help="of steady load; default: %(default)g")
    parser.add_argument("--every", type=float, default=FAULT_EVERY_SECONDS, metavar="SECONDS", help="between faults")
    parser.add_argument("--seed", type=int, default=random.randrange(2**31), help="of commands and faults")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="for all files; default: %(default)s")
    chosen = parser.parse_args(arguments)
    return Options(chosen.seed, chosen.folder, chosen.minutes, chosen.every)
