"""The dead-letter ledger, for operators: what could not be processed, why, and what becomes of it.

ledger        DeadLetters: all of it, over one connection
reading       letters, groups, one letter whole
planning      replays as plans: made, watched, paused, resumed, cancelled
deeds         skip and edit; edits: whether a corrected body may take a letter's place
asking        what all that asks for something does: one after the other, nothing forgotten
signatures    who asks, and why
filters       which letters are meant
letters       letters, groups, lines, deeds as values; plans: plans and their items
states        the words for where they stand
left_out      why a letter could not be asked about
contents_as_json   a letter as text
connection    the database's edge; statements and rows: to and from it

It reads the tables and writes what is asked for, and by whom. Nothing here decides
a command: the lanes of the workers do, each for its own SKUs.
"""

from publisher.dead_letters.contents_as_json import contents_as_json
from publisher.dead_letters.deeds import Asked
from publisher.dead_letters.filters import LetterFilter
from publisher.dead_letters.ledger import DeadLetters
from publisher.dead_letters.left_out import LeftOut, Why
from publisher.dead_letters.letters import (
    Contents,
    Deed,
    Group,
    Letter,
    Request,
    Totals,
    Waiting,
    WholeLetter,
    totals_of,
)
from publisher.dead_letters.plans import ItemCount, NewPlan, Plan, PlanItem, PlannedGroup
from publisher.dead_letters.states import Action, ItemState, LetterState, PlanState

__all__ = [
    "Action",
    "Asked",
    "Contents",
    "DeadLetters",
    "Deed",
    "Group",
    "ItemCount",
    "ItemState",
    "LeftOut",
    "Letter",
    "LetterFilter",
    "LetterState",
    "NewPlan",
    "Plan",
    "PlanItem",
    "PlanState",
    "PlannedGroup",
    "Request",
    "Totals",
    "Waiting",
    "WholeLetter",
    "Why",
    "contents_as_json",
    "totals_of",
]
