"""The client side: commands out, results in."""
