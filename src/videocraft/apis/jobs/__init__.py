"""The jobs family (``jobs.md``)."""
