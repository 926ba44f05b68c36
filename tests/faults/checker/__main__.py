"""`python -m tests.faults.checker FOLDER`: judge what a campaign left there."""

import sys
from pathlib import Path

from tests.faults.checker.reading import read_history
from tests.faults.checker.shortest import shortest_history
from tests.faults.checker.verdict import judge


def main(folder: Path) -> int:
    """Print the verdict; return the exit status."""
    history = read_history(folder)
    verdict = judge(history)
    print(verdict.counts)
    for violation in verdict.violations[:20]:
        print(f"{violation.term}: {violation.message}")
    if not verdict.violations:
        return 0
    _, lines = shortest_history(history, verdict.violations)
    print(*lines, sep="\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
