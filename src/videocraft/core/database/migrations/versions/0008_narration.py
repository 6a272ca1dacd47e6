"""Narration and music of storyboards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

_COLUMNS = {
    "storyboards": ("narration", "captions", "music"),
    "storyboard_scenes": ("speech", "speech_error"),
}


def upgrade() -> None:
    for name in ("narration", "captions"):
        op.add_column("storyboards", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("storyboards", sa.Column("music", sa.JSON(), nullable=True))
    op.add_column("storyboard_scenes", sa.Column("speech", sa.JSON(), nullable=True))
    op.add_column("storyboard_scenes", sa.Column("speech_error", sa.Text(), nullable=True))


def downgrade() -> None:
    for table, names in _COLUMNS.items():
        for name in names:
            op.drop_column(table, name)
