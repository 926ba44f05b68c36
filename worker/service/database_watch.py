"""Whether this worker's database answers, told from the questions that it asks anyway."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

AWAY_LOOKS = 20
"""Looks at an unanswered question, two a second, until the worker steps aside: a database that restarts needs
less, and its partitions would only wait elsewhere."""

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class DatabaseWatch:
    """Counts looks instead of time: a process that was stopped has not looked either."""

    def __init__(self) -> None:
        self._unanswered = False
        self._looks = 0

    def watched(self, ask: Callable[_Arguments, Awaitable[_Result]]) -> Callable[_Arguments, Awaitable[_Result]]:
        """Return `ask`, watched: the database has answered when it returns, and not when it raises."""

        async def asked(*arguments: _Arguments.args, **keywords: _Arguments.kwargs) -> _Result:
            self._unanswered = True
            result = await ask(*arguments, **keywords)
            self._unanswered = False
            return result

        return asked

    def look(self) -> bool:
        """Return whether the database counts as away; to be called at regular intervals."""
        self._looks = self._looks + 1 if self._unanswered else 0
        return self._looks >= AWAY_LOOKS
