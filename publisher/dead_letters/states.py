"""The words for where letters, plans and their items stand."""

from enum import StrEnum


class LetterState(StrEnum):
    """Where a letter stands; the last three are closed."""

    SET_ASIDE = "set_aside"
    """It harms nobody: the commands behind it went on."""

    HELD = "held"
    """It failed, and its SKU or order waits for what becomes of it."""

    PARKED = "parked"
    """It waits behind a held one."""

    REPLAYED = "replayed"
    EDITED = "edited"
    SKIPPED = "skipped"


OPEN_STATES = (LetterState.SET_ASIDE, LetterState.HELD, LetterState.PARKED)
"""Something can still become of these."""

CLOSED_STATES = (LetterState.REPLAYED, LetterState.EDITED, LetterState.SKIPPED)


class Action(StrEnum):
    """What can be asked about a letter."""

    REPLAY = "replay"
    SKIP = "skip"
    EDIT = "edit"


class PlanState(StrEnum):
    """Where a plan stands; the last two are its end."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


ENDED_STATES = (PlanState.CANCELLED, PlanState.FINISHED)


class ItemState(StrEnum):
    """Where one letter of a plan stands."""

    PLANNED = "planned"
    REQUESTED = "requested"
    """Its lane has been asked, and has not done it yet."""

    DONE = "done"
    CANCELLED = "cancelled"
    """Not asked for: its plan was cancelled, or somebody else has seen to it meanwhile, as its message says."""

    FORECAST = "forecast"
    """Of a dry run: the outcome is what would happen."""
