"""The storyboards family (``storyboards.md``)."""
