"""VideoCraft: a self-hosted video backend."""

__version__ = "0.1.0"
