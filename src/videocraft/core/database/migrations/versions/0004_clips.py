"""The tables of the jobs family: recordings without a session, clips and their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "library_assets",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("original_key", sa.String(1024), nullable=False),
        sa.Column("is_owned", sa.Boolean(), nullable=False),
        sa.Column("project_id", sa.String(128), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=True),
        sa.Column("derivatives", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_assets"),
    )
    op.create_index("ix_library_assets_created", "library_assets", ["created_at", "id"])
    op.create_index("ix_library_assets_original_key", "library_assets", ["original_key"])
    op.create_table(
        "clips",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("asset_id", sa.String(64), nullable=True),
        sa.Column("source_key", sa.String(1024), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start_seconds", sa.Float(), nullable=False),
        sa.Column("end_seconds", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
    )
    op.create_index("ix_clips_created", "clips", ["created_at", "id"])
    op.create_index("ix_clips_asset_id", "clips", ["asset_id"])
    op.create_index("ix_clips_job_id", "clips", ["job_id"])
    op.create_table(
        "clip_versions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("clip_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.Column("file_key", sa.String(1024), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clip_versions"),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_clip_versions_clip_id"),
        sa.UniqueConstraint("clip_id", "number", name="uq_clip_versions_clip_id_number"),
    )
    op.create_index("ix_clip_versions_job_id", "clip_versions", ["job_id"])


def downgrade() -> None:
    for table in ("clip_versions", "clips", "library_assets"):
        op.drop_table(table)
