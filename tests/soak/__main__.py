"""See `tests.soak` and docs/soak.md."""

import asyncio
import sys
from collections.abc import Sequence

from tests.bench.machine import described
from tests.bench.report import Section, rendered
from tests.faults.cluster.cluster import LoadDied
from tests.faults.place import prepared_cluster
from tests.services import Services, ServicesError, provide
from tests.soak import plots
from tests.soak.misfortune import SIZE
from tests.soak.options import Options, parse
from tests.soak.report import measured, section, write
from tests.soak.soak import soak

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 where everything is flat, 1 where something is not, 2 where nobody can tell."""
    options = parse(arguments)
    try:
        with provide() as services:
            result = asyncio.run(soaked_section(options, services))
    except (ServicesError, LoadDied) as error:
        print(f"soak: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    print(rendered(result))
    print(f"\nAll files are in {options.folder}")
    return 0 if all(goal.met for goal in result.goals) else 1


async def soaked_section(options: Options, services: Services) -> Section:
    """Soak, leave table, JSON and PNG in the folder, and return the table."""
    async with prepared_cluster(services, options.folder, SIZE, disk_can_be_filled=False) as cluster:
        print(f"Seed {options.seed}", flush=True)
        soaked = await soak(options, cluster, lambda line: print(line, flush=True))
        conditions = await described(services.amqp_url, services.database_url, services.kind)
    series, faults, last = measured(options.folder, soaked)
    result = section(series, soaked, faults, last)
    write(result, options.seed, conditions, options.folder / "soak.json")
    plots.draw(series, faults, soaked, options.folder / "soak.png")
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
