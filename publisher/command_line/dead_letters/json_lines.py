"""What scripts read: one object, or an object a line."""

import json
import sys
from dataclasses import asdict
from typing import Any

from publisher.dead_letters import Contents, Letter, WholeLetter, contents_as_json
from publisher.dead_letters.contents_as_json import as_json


def print_json(value: Any) -> None:
    """Write `value`, a dataclass or JSON-able, as one line."""
    sys.stdout.write(json_of(value) + "\n")


def json_of(value: Any) -> str:
    """Return `value` as one line of JSON."""
    told = value if isinstance(value, dict) else asdict(value)
    return json.dumps(told, default=as_json, ensure_ascii=False)


def letter_as_json(letter: Letter, contents: Contents) -> dict[str, Any]:
    """Return a letter with its contents as one object."""
    return asdict(letter) | contents_as_json(contents)


def whole_letter_as_json(whole: WholeLetter) -> dict[str, Any]:
    """Return everything about one letter as one object."""
    told = letter_as_json(whole.letter, whole.contents)
    return told | {
        "waiting": None if whole.waiting is None else asdict(whole.waiting),
        "request": None if whole.request is None else asdict(whole.request),
        "running_plan_id": whole.running_plan_id,
        "deeds": [asdict(deed) for deed in whole.deeds],
    }
