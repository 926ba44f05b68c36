"""Something that must not be."""

from dataclasses import dataclass

TERMS = ("lost", "unexpected", "doubled", "reordered", "negative", "unaudited", "held_for_ever")


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding, in one of `TERMS`."""

    term: str
    message: str
    names: tuple[str, ...] = ()
    """The commands it is about."""
