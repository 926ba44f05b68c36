"""The event store, and the twin that must behave like it."""
