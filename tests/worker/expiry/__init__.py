"""The end of reservations whose time is up."""
