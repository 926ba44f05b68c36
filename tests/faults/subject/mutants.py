"""What a worker might do wrong, by name: a campaign that does not notice one of these is worth nothing."""

from tests.faults.subject.doubts import AppliesTwiceOnDoubt, HasNoFence, KnowsNoDuplicates, StoresAnotherAnswer
from tests.faults.subject.halves import ForestallsInVain, GivesNothingBack, SellsOrdersInPart
from tests.faults.subject.hurries import (
    AcknowledgesBeforeCommit,
    AcknowledgesBufferOnHandover,
    PublishesBeforeCommit,
    RequeuesOnError,
    ReversesBatches,
)
from tests.faults.subject.mutant import Mutant
from tests.faults.subject.omissions import (
    AnswersNoRepetition,
    DropsAnswersOnError,
    DropsDeadLetters,
    DropsExpiry,
    IgnoresConflicts,
    SkipsAuditRows,
)

MUTANTS: dict[str, type[Mutant]] = {
    "acknowledges-before-commit": AcknowledgesBeforeCommit,
    "acknowledges-buffer-on-handover": AcknowledgesBufferOnHandover,
    "answers-no-repetition": AnswersNoRepetition,
    "applies-twice-on-doubt": AppliesTwiceOnDoubt,
    "drops-answers-on-error": DropsAnswersOnError,
    "drops-dead-letters": DropsDeadLetters,
    "drops-expiry": DropsExpiry,
    "forestalls-in-vain": ForestallsInVain,
    "gives-nothing-back": GivesNothingBack,
    "has-no-fence": HasNoFence,
    "ignores-conflicts": IgnoresConflicts,
    "knows-no-duplicates": KnowsNoDuplicates,
    "publishes-before-commit": PublishesBeforeCommit,
    "requeues-on-error": RequeuesOnError,
    "reverses-batches": ReversesBatches,
    "sells-orders-in-part": SellsOrdersInPart,
    "skips-audit-rows": SkipsAuditRows,
    "stores-another-answer": StoresAnotherAnswer,
}

__all__ = ["MUTANTS", "Mutant"]
