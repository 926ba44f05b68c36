"""Shows the service in containers, where a Docker engine answers."""
