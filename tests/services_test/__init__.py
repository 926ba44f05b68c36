"""Shows that the servers the other tests stand on are what they claim to be."""
