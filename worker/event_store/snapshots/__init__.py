"""Folds of the events 1 to N, kept so that a replay can begin at N.

snapshots        save and read one
snapshot_worker  makes them in the background, by interval and by number of events
"""
