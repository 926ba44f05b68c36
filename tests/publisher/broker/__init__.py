"""The edge to the broker, against a real one."""
