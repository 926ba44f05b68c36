"""The ledger of dead letters, for operators."""

from publisher.dead_letters.deeds import LetterDeeds
from publisher.dead_letters.planning import ReplayPlans
from publisher.dead_letters.reading import LetterReading


class DeadLetters(LetterReading, LetterDeeds, ReplayPlans):
    """One connection to the ledger, for one caller at a time.

        async with DeadLetters("postgresql://localhost/orders") as ledger:
            async for letter in ledger.letters(LetterFilter(reason="failed")):
                print(letter.letter_id, letter.error_begin)
            made = await ledger.plan_replay(LetterFilter(reason="failed"), operator="ann", why="fixed in 1.4")

    It reads and asks; workers do what is asked for.
    """
