"""`python -m tests.races`: run every race under every schedule, and print what came of it."""

from tests.races.races import RACES
from tests.races.report import rendered

if __name__ == "__main__":
    print(rendered({name: race() for name, race in RACES.items()}))
