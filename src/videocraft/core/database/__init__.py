"""The database: engine, transactions, models and migrations."""

from videocraft.core.database.engine import Database

__all__ = ["Database"]
