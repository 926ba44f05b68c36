"""The composition of a running worker."""
