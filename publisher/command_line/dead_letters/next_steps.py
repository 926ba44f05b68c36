"""What an operator types next."""

from collections.abc import Sequence

from rich.text import Text

from publisher.command_line.dead_letters.words import told_next
from publisher.dead_letters import Group, Letter, LetterState, Plan, PlanItem, PlanState, Totals, WholeLetter

Step = tuple[str, str]
"""What to type, and what it does."""


def after_list(letters: Sequence[Letter], totals: Totals) -> Text:
    """Return how to see one of them, and the next ones."""
    steps = [
        *_held(totals),
        (f"show {letters[0].letter_id}", "one of them, whole"),
        ("groups", "how many of each cause"),
    ]
    if totals.count > len(letters):
        steps.append((f"list --before {letters[-1].letter_id}", "older ones (repeat your filter)"))
    return _told(steps)


def after_groups(group: Group, totals: Totals) -> Text:
    """Return how to look into a cause, and how to try what a replay of it would do."""
    cause = f"--fingerprint {group.fingerprint}"
    return _told(
        [
            *_held(totals),
            (f"show {group.example_id}", "one of the first cause, whole"),
            (f"list {cause}", "all of it"),
            (f"replay {cause} --dry-run --why TEXT", "what would happen"),
        ]
    )


def _held(totals: Totals) -> list[Step]:
    held = totals.by_state.get(LetterState.HELD, 0)
    return [("list --state held", "look here first: they hold others up")] if held else []


def after_letter(whole: WholeLetter) -> Text:
    """Return what can be done about the letter as it stands."""
    letter, waiting = whole.letter, whole.waiting
    if whole.request is not None:
        return _told([(f"show {letter.letter_id}", "again, when it is done")])
    if not letter.is_open:
        return _told([("list", "what is still open")])
    if letter.state is LetterState.PARKED:
        head = None if waiting is None else waiting.head
        steps = [] if head is None else [(f"show {head}", "what it waits behind: replay, edit or skip that one")]
        return _told([*steps, (f"skip {letter.letter_id} --why TEXT", "give up this one alone")])
    plan_id = whole.running_plan_id
    replays = [
        (f"replay {letter.letter_id} --dry-run --why TEXT", "what would happen now"),
        (f"replay {letter.letter_id} --why TEXT", "decide it again, once the cause is mended"),
    ]
    edits = [(f"edit {letter.letter_id} --why TEXT", "decide a corrected body in its place")]
    return _told(
        [
            *(replays if plan_id is None else [(f"plan show {plan_id}", "the plan that will replay it")]),
            *(edits if whole.contents.bundle is None else []),
            (f"skip {letter.letter_id} --why TEXT", "give it up for good"),
        ]
    )


def after_plan(plan: Plan, failures: Sequence[PlanItem]) -> Text | None:
    """Return what can be done about the plan as it stands."""
    number = plan.plan_id
    match plan.state:
        case PlanState.RUNNING:
            return _told(
                [
                    (f"plan show {number}", "how far it is"),
                    (f"plan pause {number} --why TEXT", "ask for no more for now"),
                ]
            )
        case PlanState.PAUSED:
            return _told(
                [
                    (f"plan show {number}", "what was not applied, and why"),
                    (f"plan resume {number} --why TEXT", "go on all the same"),
                    (f"plan cancel {number} --why TEXT", "give up the rest"),
                ]
            )
        case PlanState.FINISHED if plan.dry_run:
            return _told([(f"plan show {number} --json", "the forecast, letter by letter")])
        case PlanState.FINISHED if failures:
            return _told([(f"show {failures[0].letter_id}", "the first that was not applied")])
        case _:
            return None


def _told(steps: Sequence[Step]) -> Text:
    return Text(told_next(steps), style="dim")
