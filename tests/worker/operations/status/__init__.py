"""Tests of what status finds, and of what it takes for a problem."""
