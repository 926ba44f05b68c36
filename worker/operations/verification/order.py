"""The numbers of one SKU's answers rise with its versions."""

from collections.abc import Iterator

from worker.operations.verification.lines import AnswerLine


class AnswerOrder:
    """The answers of one SKU so far, which come by version and then by number."""

    def __init__(self) -> None:
        self._newest: dict[int, AnswerLine] = {}

    def follow(self, line: AnswerLine, *, applied: bool) -> Iterator[str]:
        """Take the next answer; yield what is wrong with its place among those of its partition."""
        before = self._newest.get(line.partition)
        self._newest[line.partition] = line
        if before is None:
            return
        if line.sequence <= before.sequence:
            yield (
                f"has number {line.sequence} at version {line.version}, "
                f"but number {before.sequence} was given at version {before.version}"
            )
        # What was refused at a version was refused after the command that made it.
        if applied and before.version == line.version:
            yield f"made version {line.version}, but number {before.sequence} was already given at that version"
