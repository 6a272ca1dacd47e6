"""The videos family (``videos.md``)."""
