"""Sessions with a real server."""
