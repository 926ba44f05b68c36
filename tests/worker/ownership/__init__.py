"""Tests of who works on which partition."""
