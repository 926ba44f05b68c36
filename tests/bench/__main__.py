"""`python -m tests.bench`: see `--help`, and docs/bench/README.md for what is measured and how."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import picture, record
from tests.bench.bench import Bench
from tests.bench.bench_broker import BenchBroker
from tests.bench.errors import ContenderFailed
from tests.bench.machine import described
from tests.bench.options import Options, parse
from tests.bench.parts import PARTS
from tests.bench.report import Section, rendered
from tests.services import Services, ServicesError, provide
from tests.services.interruption import termination_as_interrupt

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Measure and print; return the exit status: 0 if every goal is met."""
    options = parse(arguments)
    try:
        with termination_as_interrupt(), provide() as services:
            sections = asyncio.run(_measure(options, services))
    except (ServicesError, ContenderFailed) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0 if all(goal.met for section in sections.values() for goal in section.goals) else 1


async def _measure(options: Options, services: Services) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with BenchBroker.open(services.amqp_url) as broker:
            bench = Bench(broker, services.database_url, options.sizes, Path(folder))
            for name in options.parts:
                sections[name] = await PARTS[name](bench)
                print(rendered(sections[name]), flush=True)
            conditions = await described(services.amqp_url, services.database_url, services.kind)
    if options.output is not None:
        _publish(record.record(sections, options.sizes, conditions), options.output)
    return sections


def _publish(contents: dict[str, Any], folder: Path) -> None:
    record.write(contents, folder)
    missing = picture.missing_parts(contents)
    if missing:
        print(f"\n{picture.FILE_NAME} is not drawn: {', '.join(missing)} would be missing in it", flush=True)
    else:
        picture.draw(contents, folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
