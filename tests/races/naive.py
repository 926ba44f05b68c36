"""What everyone writes first, and two ways in which it is mended almost."""

from dataclasses import dataclass, field

from tests.races.till import WANTED, Till
from tests.races.turns import pause


@dataclass(slots=True)
class Lock:
    """Held by one at a time."""

    held: bool = False

    async def acquire(self) -> None:
        """Wait until nobody holds it, and hold it."""
        while self.held:
            await pause()
        self.held = True


@dataclass(slots=True)
class Tills:
    """Where the buyers of one run buy."""

    till: Till = field(default_factory=Till)
    locks: tuple[Lock, Lock] = field(default_factory=lambda: (Lock(), Lock()))


async def check_then_decrement(tills: Tills, buyer: int) -> None:
    """`SELECT quantity`; where it is enough, `UPDATE ... SET quantity = quantity - 3`."""
    left = tills.till.look(buyer)
    await pause()
    if left >= WANTED:
        tills.till.take(buyer)


async def locked_in_process(process: int, tills: Tills, buyer: int) -> None:
    """Do the same under a lock of the process, which another process knows nothing of."""
    await _locked(tills.till, buyer, tills.locks[process], f"locks in process {process + 1}, and looks")


async def selected_for_update(tills: Tills, buyer: int) -> None:
    """`SELECT quantity ... FOR UPDATE`, `UPDATE`, `COMMIT`: right, as long as all do it."""
    await _locked(tills.till, buyer, tills.locks[0], "locks the row, and looks")


async def _locked(till: Till, buyer: int, lock: Lock, how: str) -> None:
    await lock.acquire()
    left = till.look(buyer, how)
    await pause()
    if left >= WANTED:
        till.take(buyer)
    lock.held = False
