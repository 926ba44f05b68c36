"""What the campaign itself takes away when it deletes a queue; nobody else is to blame for that.

Commands that waited in the queue are gone, and so is the answer to one that was recorded and not answered yet. Until
the queue is there again, commands take the way through the ingress, and those after them may be faster. A command
was out of the queue, though, if one that its publisher sent to the same SKU after it had been answered by then, and
none waits for minutes: what is missing for so long was lost before.
"""

from collections import defaultdict
from datetime import datetime
from zlib import crc32

from tests.faults.checker.history import History, Recorded, Row, Sending

WAITED_SECONDS = 60.0
"""So long may a command have waited in a queue that was short when it was deleted; the worst fault lasts for twenty."""
WRONG_CLOCK_SECONDS = 20.0
"""So wrong may the clock be by which a worker dates its answers."""


class Purges:
    """When which partition's queue was deleted, and from when on it was there again with nothing on the detour."""

    def __init__(self, history: History) -> None:
        self._partition_count = history.partition_count
        self._sent = {sending.name: sending for sending in history.of("command")}
        self._faults = [fault for fault in history.faults if "deleted_partition" in fault]
        self._newest: dict[tuple[str, str, int], int] = {}
        self._answered = _answered_positions(history, self._sent) if self._faults else {}

    def may_have_taken(self, sending: Sending) -> bool:
        """Return whether `sending` may have waited in a queue that was deleted."""
        return self._met(sending, "ended")

    def may_have_taken_answer(self, recorded: Recorded) -> bool:
        """Return whether the delivery of `recorded` may have been in a queue that was deleted."""
        sending = self._sent.get(recorded.name)
        if sending is not None:
            return self._met(sending, "ended")
        # A worker's own command: when it was sent nobody wrote down, but when it was decided.
        decided_at = datetime.fromisoformat(recorded.answer["committed_at"]).timestamp()
        return any(
            fault["deleted_partition"] == recorded.partition
            and fault["began"] - WAITED_SECONDS <= decided_at <= fault["ended"] + WRONG_CLOCK_SECONDS
            for fault in self._faults
        )

    def may_have_diverted(self, sending: Sending) -> bool:
        """Return whether `sending` may have been in such a queue, or on the detour round it."""
        return self._met(sending, "restored")

    def _met(self, sending: Sending, end: str) -> bool:
        partition = self._partition(sending)
        return any(
            fault["deleted_partition"] == partition
            and sending.first_at <= fault[end]
            and fault["began"] <= sending.last_at + WAITED_SECONDS
            and not self._was_out(sending, fault)
            for fault in self._faults
        )

    def _was_out(self, sending: Sending, fault: Row) -> bool:
        """Return whether `sending`, or one behind it, had been answered when the queue was deleted."""
        if sending.subject != "command":
            return False
        key = (sending.publisher, sending.sku, fault["number"])
        if key not in self._newest:
            row = self._answered.get((sending.publisher, sending.sku), [])
            self._newest[key] = max((position for position, at in row if at < fault["began"]), default=-1)
        return sending.position <= self._newest[key]

    def _partition(self, sending: Sending) -> int:
        """Return where it went: its key says so, or is the SKU itself."""
        word, _, number = sending.routing_key.partition(".")
        return int(number) if word == "partition" else crc32(sending.sku.encode()) % self._partition_count


def _answered_positions(history: History, sent: dict[str, Sending]) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """Return by publisher and SKU which of its commands were answered, and when first."""
    first: dict[str, float] = {}
    for receipt in history.received:
        if receipt.queue == history.feed and receipt.name in sent:
            first[receipt.name] = min(receipt.at, first.get(receipt.name, receipt.at))
    rows: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for name, at in first.items():
        sending = sent[name]
        rows[sending.publisher, sending.sku].append((sending.position, at))
    return rows
