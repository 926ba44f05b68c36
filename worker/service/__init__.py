"""The composition root: everything a running worker is made of.

settings     what can be set, validated whole
service      start, go on through outages, stop
preparation  the database fits, or is waited for
share        the partitions this worker works on, as others come and go
kept_lane    one partition of the share: its lane, kept going, and how it is
lane_record  what a lane would say if it were asked how it is
database_watch  whether the database answers
clocks       what looks again and again for what is due, and sends what follows
consumers    what consumes the queues: lanes, the forwarder and the collector
mending      declares again what is found missing
keeper       keeps one of them going while the session lasts
waiting      for whichever comes first, and for one thing before another
environment  the real clock and the real ids
wrapping     what tests put between a worker and the world
metrics      Prometheus figures, and the observer that lanes tell
health       what the health checks ask
http         /healthz, /readyz and /metrics
logs         JSON lines, or text for people
"""
