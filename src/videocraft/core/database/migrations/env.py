"""What Alembic runs: the revisions, on the connection and inside the transaction that ``migrate`` gives."""

from __future__ import annotations

from alembic import context

from videocraft.core.database.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
