"""The wire contract, by tables and properties."""
