"""The rules of stock."""
