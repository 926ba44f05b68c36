"""A worker that does nothing wrong, yet."""

from worker.expiry.clock import Send
from worker.lane.ports import Ledger, Outbox, Source, Store


class Mutant:
    """What stands between a lane and its ports; each mutant replaces one of them or two."""

    def source(self, source: Source, real: Source) -> Source:
        """Return what the lane takes from; `real` is the broker's own, for what no port allows."""
        del real
        return source

    def store(self, store: Store) -> Store:
        """Return what the lane commits to."""
        return store

    def database(self, store: Store) -> Store:
        """Return what is committed to once the traps have sprung."""
        return store

    def ledger(self, ledger: Ledger) -> Ledger:
        """Return where the lane files dead letters."""
        return ledger

    def outbox(self, outbox: Outbox) -> Outbox:
        """Return what the lane publishes through."""
        return outbox

    def expiry(self, send: Send) -> Send:
        """Return what ends reservations."""
        return send
