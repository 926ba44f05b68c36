"""Who works on which partition, decided by every worker alike, without a leader.

    assignment  the partitions of each worker, as a function of who is there; pure
    roster      who is there, from what was heard; pure
    report      what a worker tells of itself when it is asked

Neither is a fence. Two workers may disagree for a moment: the queue's single
active consumer lets one of them work, and the epoch in the database makes sure.
"""

from worker.ownership.assignment import assign
from worker.ownership.report import LaneError, LaneReport, WorkerReport
from worker.ownership.roster import Announcement, Presence, Roster

__all__ = ["Announcement", "LaneError", "LaneReport", "Presence", "Roster", "WorkerReport", "assign"]
