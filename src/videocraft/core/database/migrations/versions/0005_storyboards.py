"""The tables of the storyboards family."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

_TABLES = (
    "storyboard_downloads",
    "storyboard_exports",
    "storyboard_renders",
    "storyboard_scenes",
    "storyboards",
)


def upgrade() -> None:
    op.create_table(
        "storyboards",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("style", sa.String(100), nullable=False),
        sa.Column("duration", sa.Float(), nullable=False),
        sa.Column("aspect_ratio", sa.String(8), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("refine_job_id", sa.String(64), nullable=True),
        sa.Column("render_id", sa.Integer(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.Float(), nullable=True),
        sa.Column("estimated_cost", sa.Float(), nullable=False),
        sa.Column("actual_cost", sa.Float(), nullable=False),
        sa.Column("refinement_count", sa.Integer(), nullable=False),
        sa.Column("download_count", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storyboards"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "storyboard_scenes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("storyboard_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("duration", sa.Float(), nullable=False),
        sa.Column("image_prompt", sa.Text(), nullable=False),
        sa.Column("shot", sa.String(32), nullable=False),
        sa.Column("camera_move", sa.String(32), nullable=False),
        sa.Column("characters", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("image_status", sa.String(16), nullable=False),
        sa.Column("image_key", sa.String(255), nullable=True),
        sa.Column("image_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_storyboard_scenes"),
        sa.ForeignKeyConstraint(
            ["storyboard_id"], ["storyboards.id"], name="fk_storyboard_scenes_storyboard_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_storyboard_scenes_storyboard_id", "storyboard_scenes", ["storyboard_id"])
    op.create_table(
        "storyboard_renders",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("storyboard_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storyboard_renders"),
        sa.ForeignKeyConstraint(
            ["storyboard_id"], ["storyboards.id"], name="fk_storyboard_renders_storyboard_id"
        ),
        sa.UniqueConstraint("job_id", name="uq_storyboard_renders_job_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_storyboard_renders_storyboard_id", "storyboard_renders", ["storyboard_id"])
    op.create_table(
        "storyboard_exports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("render_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("quality", sa.String(8), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storyboard_exports"),
        sa.ForeignKeyConstraint(
            ["render_id"], ["storyboard_renders.id"], name="fk_storyboard_exports_render_id"
        ),
        sa.UniqueConstraint(
            "render_id", "format", "quality", name="uq_storyboard_exports_render_id_format_quality"
        ),
    )
    op.create_table(
        "storyboard_downloads",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("storyboard_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("fetched", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storyboard_downloads"),
        sa.ForeignKeyConstraint(
            ["storyboard_id"], ["storyboards.id"], name="fk_storyboard_downloads_storyboard_id"
        ),
        sa.UniqueConstraint("file", "client", name="uq_storyboard_downloads_file_client"),
    )
    op.create_index("ix_storyboard_downloads_storyboard_id", "storyboard_downloads", ["storyboard_id"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
