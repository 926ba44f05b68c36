"""`--version`, of both programs: they are released together."""

from importlib.metadata import version
from typing import Annotated

import typer

DISTRIBUTION = "order-worker"


def _show(asked: bool) -> None:  # noqa: FBT001 - called so by the library
    if asked:
        typer.echo(version(DISTRIBUTION))
        raise typer.Exit


def accept_version(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show, is_eager=True, help="Show the version and exit")
    ] = False,
) -> None:
    """Declare the option; its callback does the work."""
