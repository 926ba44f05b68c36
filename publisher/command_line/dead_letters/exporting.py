"""`order-publisher dead-letters export`: letters with all that they hold, for other programs and for keeping."""

import uvloop

from publisher.command_line.dead_letters.json_lines import letter_as_json, print_json
from publisher.command_line.dead_letters.options import filtered_or_named
from publisher.command_line.failures import explained
from publisher.command_line.options import DatabaseUrl
from publisher.dead_letters import DeadLetters, LetterFilter


@filtered_or_named
def export(letter_filter: LetterFilter, database_url: DatabaseUrl) -> None:
    """Print dead letters whole, a JSON object a line.

    The oldest come first. A body that is no UTF-8 stands in body_base64 instead of body.
    """
    with explained():
        uvloop.run(_export(database_url, letter_filter))


async def _export(database_url: str, letter_filter: LetterFilter) -> None:
    async with DeadLetters(database_url) as ledger:
        async for letter, contents in ledger.export(letter_filter):
            print_json(letter_as_json(letter, contents))
