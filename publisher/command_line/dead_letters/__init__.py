"""`order-publisher dead-letters ...`: what could not be processed, for operators.

browsing    list, groups, show; letter_tables: as a person reads them
replaying   replay: a plan, and what becomes of it
closing     skip, edit; editor: where a corrected body comes from
plans       plan list, show, pause, resume, cancel; plan_tables and plan_reports: as a person reads them
exporting   export
confirming  asks before many letters are touched
following   waits until it is done; patience: how long; progress: a bar
next_steps  what to type next
options     filters, who asks and why; moments: times as they are written and read
json_lines  what scripts read
words       numbers and states as words

`application` puts them together.
"""

from publisher.command_line.dead_letters.application import dead_letters_application

__all__ = ["dead_letters_application"]
