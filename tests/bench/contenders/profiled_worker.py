"""`order-worker run` with a sampler: writes to the file it is given how often each stage was seen.

Nothing in the worker knows of it. The program is the same down to its command
line, and SIGTERM ends it in the same way.
"""

import json
import sys
from pathlib import Path

from tests.bench.sampler import StageSampler
from worker.command_line import main as order_worker


def main(report: Path) -> None:
    sys.argv = ["order-worker", "run", "--migrate"]
    sampler = StageSampler()
    try:
        with sampler:
            order_worker()
    finally:
        report.write_text(json.dumps(sampler.counts), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
