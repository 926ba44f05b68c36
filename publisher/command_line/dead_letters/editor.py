"""The corrected body of a letter: from a file, the standard input, or the operator's editor."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.command_line.dead_letters.confirming import answered_yes
from publisher.command_line.failures import complain
from publisher.errors import InvalidInput

STANDARD_INPUT = Path("-")
DEFAULT_EDITOR = "vi"


def body_of(file: Path) -> bytes:
    """Return what `file` holds, without white space at its end. Raises `InvalidInput`."""
    try:
        return (sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()).strip()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror or error}") from error


def edit_until_taken(original: bytes, take: Callable[[bytes], None]) -> None:
    """Let the operator correct `original` until `take` raises no `InvalidInput`, or they give up.

    Raises `InvalidInput` where there is nobody to correct it, or nothing was.
    """
    if not sys.stdin.isatty():
        raise InvalidInput("this is no terminal, so there is no editor: give the corrected body with --body FILE")
    shown = text = _indented(original)
    while True:
        edited = _edited(text)
        if edited.strip() == shown.strip():
            raise InvalidInput("nothing was changed, and nothing was asked for")
        try:
            take(edited.strip().encode())
        except InvalidInput as error:
            complain(str(error))
            if not answered_yes("edit it again? [Y/n]: ", by_default=True):
                raise
            text = edited
        else:
            return


def _edited(text: str) -> str:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or DEFAULT_EDITOR
    with TemporaryDirectory(prefix="dead-letter-") as folder:
        file = Path(folder, "body.json")
        file.write_text(text, encoding="utf-8")
        try:
            status = subprocess.run([*shlex.split(command), str(file)], check=False).returncode  # noqa: S603  the operator's own
            edited = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise InvalidInput(f"the editor {command!a} cannot be used: {error}; set EDITOR") from error
    if status:
        raise InvalidInput(f"the editor {command!a} ended with {status}; nothing was asked for")
    return edited


def _indented(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is no UTF-8: give the corrected one with --body FILE") from error
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
