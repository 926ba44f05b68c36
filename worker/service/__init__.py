"""The composition root: everything a running worker is made of.

settings     what can be set, validated whole
service      start, go on through outages, stop
session      all there is between one connection to the broker and its loss
lane_keeper  keeps one partition's lane going within a session
environment  the real clock and the real ids
metrics      Prometheus figures, and the observer that lanes tell
http         /healthz, /readyz and /metrics
logs         JSON lines, or text for people
"""
