"""The table, and the shortest way to oversell, step by step; in 80 columns."""

from collections.abc import Iterable, Iterator, Mapping

from tests.races.outcome import Outcome, Step
from tests.races.till import BUYERS, OPENING_STOCK, WANTED

NAME_COLUMNS = 45


def rendered(outcomes: Mapping[str, Outcome]) -> str:
    """Return the report on `outcomes`, which are called as their programs are."""
    return "\n".join([_HEADING, *_table(outcomes), *_stories(outcomes)])


_HEADING = f"""\
{len(BUYERS)} buyers want {WANTED} each of {OPENING_STOCK}: {OPENING_STOCK // WANTED} of them can have it.
Each looks, and then buys; between the two, others have their turns. Tried is
every order of turns there is. (Buyers who do the same are alike, so that 945
orders stand for all 113,400. The lane runs them at three speeds.)
"""


def _table(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    yield f"{'':{NAME_COLUMNS}}{'schedules':>10}{'oversold':>10}{'worst stock':>13}"
    for name, outcome in outcomes.items():
        yield f"{name:{NAME_COLUMNS}}{outcome.schedules:>10,}{outcome.oversold:>10,}{outcome.worst:>13}"


def _stories(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    for name, outcome in outcomes.items():
        if outcome.shortest:
            yield ""
            yield f"The shortest way to oversell: {name}"
            yield from _told(outcome.shortest)


def _told(story: Iterable[Step]) -> Iterator[str]:
    for number, (buyer, what) in enumerate(story, 1):
        yield f"{number:>4}. {BUYERS[buyer]} {what}"
