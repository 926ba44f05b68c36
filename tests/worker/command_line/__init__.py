"""Tests of what the verbs of `order-worker` print."""
