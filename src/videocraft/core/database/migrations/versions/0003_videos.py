"""The tables of the videos family, and what is counted for metrics and rate limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

_BOUNDS = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""Of the histogram as it was when this revision was written."""


def upgrade() -> None:
    _films()
    _webhooks()
    _counters()
    op.create_index("ix_jobs_family_state_seq", "jobs", ["family", "state", "seq"])
    op.create_index("ix_jobs_family_state_completed", "jobs", ["family", "state", "completed_at"])
    _count_earlier_jobs()


def downgrade() -> None:
    op.drop_index("ix_jobs_family_state_completed", "jobs")
    op.drop_index("ix_jobs_family_state_seq", "jobs")
    for table in (
        *("idempotency_keys", "rate_counts", "request_totals", "job_totals"),
        *("webhook_attempts", "webhooks", "video_uploads", "video_steps", "videos"),
    ):
        op.drop_table(table)


def _films() -> None:
    op.create_table(
        "videos",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(1024), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.Float(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("framerate", sa.Float(), nullable=False),
        sa.Column("has_audio", sa.Boolean(), nullable=False),
        sa.Column("subtitle_tracks", sa.JSON(), nullable=False),
        sa.Column("processing_stats", sa.JSON(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("completed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_videos"),
        sa.UniqueConstraint("id", name="uq_videos_id"),
    )
    op.create_index("ix_videos_created", "videos", ["created_at", "seq"])
    op.create_index("ix_videos_job_id", "videos", ["job_id"])
    op.create_table(
        "video_steps",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "step", name="pk_video_steps"),
    )
    op.create_table(
        "video_uploads",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(1024), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_video_uploads"),
    )
    op.create_index("ix_video_uploads_owner", "video_uploads", ["owner", "size"])


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_due", "webhooks", ["state", "next_at"])
    op.create_index("ix_webhooks_job", "webhooks", ["job_id", "id"])
    op.create_table(
        "webhook_attempts",
        sa.Column("webhook_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", "number", name="pk_webhook_attempts"),
    )


def _counters() -> None:
    op.create_table(
        "job_totals",
        sa.Column("family", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("family", "state", "bucket", name="pk_job_totals"),
    )
    op.create_table(
        "request_totals",
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("method", "status", name="pk_request_totals"),
    )
    op.create_table(
        "rate_counts",
        sa.Column("bucket", sa.String(128), nullable=False),
        sa.Column("second", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "second", name="pk_rate_counts"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(160), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def _count_earlier_jobs() -> None:
    """Jobs that ended before there were totals count too."""
    seconds = "coalesce(completed_at - coalesce(started_at, completed_at), 0)"
    cases = " ".join(f"WHEN {seconds} <= {bound} THEN {number}" for number, bound in enumerate(_BOUNDS))
    bucket = f"CASE {cases} ELSE {len(_BOUNDS)} END"
    op.execute(
        "INSERT INTO job_totals (family, state, bucket, jobs, seconds) "  # noqa: S608 - constants of this file
        f"SELECT family, state, {bucket}, count(*), sum({seconds}) FROM jobs "
        f"WHERE state IN ('completed', 'failed', 'cancelled') GROUP BY family, state, {bucket}"
    )
