"""The races themselves: exact numbers, the same in every run."""
