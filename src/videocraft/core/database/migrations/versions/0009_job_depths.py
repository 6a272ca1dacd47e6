"""The index that metrics count waiting and running jobs by."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_index("ix_jobs_state_kind_created", "jobs", ["state", "kind", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_jobs_state_kind_created", "jobs")
