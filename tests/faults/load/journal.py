"""A file of JSON lines that survives the death of its writer."""

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Journal:
    """Appends; each line has reached the operating system when `note` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def note(self, **fields: Any) -> None:
        """Write one line; its time is now, unless `at` says otherwise."""
        self._file.write(json.dumps({"at": time.time(), **fields}, ensure_ascii=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
