"""The tables of the sessions family."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("project_id", sa.String(128), nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_created", "sessions", ["created_at", "id"])
    op.create_table(
        "event_tickets",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_event_tickets"),
    )
    op.create_index("ix_event_tickets_session_id", "event_tickets", ["session_id"])
    op.create_table(
        "camera_versions",
        sa.Column("project_id", sa.String(128), nullable=False),
        sa.Column("date", sa.String(10), nullable=False),
        sa.Column("camera_label", sa.String(1), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "date", "camera_label", name="pk_camera_versions"),
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("camera_label", sa.String(1), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("original_key", sa.String(1024), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=True),
        sa.Column("derivatives", sa.JSON(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("ingest_job_id", sa.String(64), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_assets_session_id"),
        sa.UniqueConstraint("session_id", "camera_label", name="uq_assets_session_id_camera_label"),
        sa.UniqueConstraint("original_key", name="uq_assets_original_key"),
    )
    op.create_index("ix_assets_ingest_job_id", "assets", ["ingest_job_id"])
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("asset_id", sa.String(64), nullable=False),
        sa.Column("storage_upload_id", sa.String(1024), nullable=False),
        sa.Column("part_size", sa.BigInteger(), nullable=False),
        sa.Column("parts_count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name="fk_uploads_asset_id"),
        sa.UniqueConstraint("asset_id", name="uq_uploads_asset_id"),
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])
    op.create_table(
        "syncs",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("master_camera", sa.String(1), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("plots", sa.JSON(), nullable=False),
        sa.Column("operator_status", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("final_offsets", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("computed_at", sa.Float(), nullable=True),
        sa.Column("decided_at", sa.Float(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_syncs"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_syncs_session_id"),
        sa.UniqueConstraint("id", name="uq_syncs_id"),
        sa.UniqueConstraint("job_id", name="uq_syncs_job_id"),
    )
    op.create_index("ix_syncs_session_id", "syncs", ["session_id"])


def downgrade() -> None:
    for table in ("syncs", "uploads", "assets", "camera_versions", "event_tickets", "sessions"):
        op.drop_table(table)
