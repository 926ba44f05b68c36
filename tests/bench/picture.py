"""The picture of a run that the README shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

FILE_NAME = "bench.png"


def draw(contents: Mapping[str, Any], folder: Path) -> None:
    mpl.use("Agg")
    _ = contents, folder / FILE_NAME
