"""Everything that shows the project right, and the servers it is shown on."""
