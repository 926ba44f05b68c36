"""The stock of the naive programs, and what was seen there."""

from dataclasses import dataclass, field

OPENING_STOCK = 10
WANTED = 3
BUYERS = ("Ann", "Ben", "Cem", "Dot", "Eva")


@dataclass(slots=True)
class Till:
    """One number in a table; each call is one statement, which the database does at once."""

    left: int = OPENING_STOCK
    lowest: int = OPENING_STOCK
    story: list[tuple[int, str]] = field(default_factory=list)
    """Who did what, in order."""
    oversold_at: int | None = None
    """The length of the story when the stock first was negative."""

    def look(self, buyer: int, how: str = "looks") -> int:
        """Return what is left."""
        self.story.append((buyer, f"{how}: {self.left} left"))
        return self.left

    def take(self, buyer: int) -> None:
        """Subtract what `buyer` wants."""
        self.left -= WANTED
        self.lowest = min(self.lowest, self.left)
        self.story.append((buyer, f"takes {WANTED}: {self.left} left"))
        if self.left < 0 and self.oversold_at is None:
            self.oversold_at = len(self.story)
