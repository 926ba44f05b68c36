"""The verbs `dead-letters ...` and `dead-letters plan ...`."""

import typer

from publisher.command_line.dead_letters.browsing import groups, list_letters, show
from publisher.command_line.dead_letters.closing import edit, skip
from publisher.command_line.dead_letters.exporting import export
from publisher.command_line.dead_letters.plans import PLAN_VERBS, list_plans
from publisher.command_line.dead_letters.replaying import replay
from publisher.command_line.exit_codes import EPILOG


def _group(name: str, sentence: str) -> typer.Typer:
    return typer.Typer(
        name=name,
        help=sentence,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=EPILOG,
    )


plan_application = _group("plan", "Look after replays that were planned.")
plan_application.command("list", epilog=EPILOG)(list_plans)
for plan_verb in PLAN_VERBS:
    plan_application.command(epilog=EPILOG)(plan_verb)

dead_letters_application = _group("dead-letters", "See what could not be processed, and decide what becomes of it.")
dead_letters_application.command("list", epilog=EPILOG)(list_letters)
for verb in (groups, show, replay, skip, edit):
    dead_letters_application.command(epilog=EPILOG)(verb)
dead_letters_application.add_typer(plan_application)
dead_letters_application.command(epilog=EPILOG)(export)
