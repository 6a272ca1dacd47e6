"""The sessions family against `sessions.md`."""
