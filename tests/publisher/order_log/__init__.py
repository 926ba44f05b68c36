"""Reading order logs: pure, by tables and properties."""
