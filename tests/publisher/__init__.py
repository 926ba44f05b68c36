"""The client side, against real servers and a small twin of the worker."""
