"""The worker, room by room."""
