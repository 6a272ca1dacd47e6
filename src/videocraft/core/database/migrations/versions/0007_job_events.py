"""A job's row counts its events itself, in place of a row in ``event_streams``."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("event_seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE jobs SET event_seq = coalesce("
        "(SELECT last_seq FROM event_streams WHERE name = 'job:' || jobs.id), 0)"
    )
    op.execute("DELETE FROM event_streams WHERE name LIKE 'job:%'")


def downgrade() -> None:
    op.execute(
        "INSERT INTO event_streams (name, last_seq) "
        "SELECT 'job:' || id, event_seq FROM jobs WHERE event_seq > 0"
    )
    op.drop_column("jobs", "event_seq")
