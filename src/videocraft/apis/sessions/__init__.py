"""The sessions family (``sessions.md``)."""
