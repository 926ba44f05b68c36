"""The schema: how it comes to be, and what it refuses."""
