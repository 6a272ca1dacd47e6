"""``storyboards`` and what belongs to one: its scenes, renders, exports and half-fetched downloads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from videocraft.core.database.models.base import Base

# A number is never given again, not even after its row was deleted: links and clients remember it.
_NUMBERED = {"sqlite_autoincrement": True}


class Storyboard(Base):
    """One storyboard on its way from a prompt to a film; its ``id`` is the family's ``job_id``."""

    __tablename__ = "storyboards"
    __table_args__ = _NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str | None] = mapped_column(String(64))
    """The key that made it, and the only one that may change it."""
    prompt: Mapped[str] = mapped_column(Text)
    style: Mapped[str] = mapped_column(String(100))
    duration: Mapped[float] = mapped_column(Float)
    """Seconds of the whole film, as asked."""
    aspect_ratio: Mapped[str] = mapped_column(String(8))
    seed: Mapped[int] = mapped_column(Integer)
    narration: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the scenes' descriptions are spoken."""
    captions: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether what is spoken is shown."""
    music: Mapped[dict[str, Any] | None]
    """``upload``: what was asked for; ``key``, ``name``, ``loudness`` (LUFS): the copy that a film is made
    with."""
    status: Mapped[str] = mapped_column(String(24))
    """As the contract names it; a job that ended without a word of its handler is found out when it is
    read."""
    job_id: Mapped[str] = mapped_column(String(64))
    """The core job that writes it, or the last one that rendered it."""
    refine_job_id: Mapped[str | None] = mapped_column(String(64))
    """The core job that draws a scene anew; while it runs nothing else may change the storyboard."""
    render_id: Mapped[int | None] = mapped_column(Integer)
    """The last finished film."""
    approved: Mapped[bool] = mapped_column(Boolean, default=False)
    approved_at: Mapped[float | None] = mapped_column(Float)
    estimated_cost: Mapped[float] = mapped_column(Float, default=0.0)
    """US dollars, as is the next one."""
    actual_cost: Mapped[float] = mapped_column(Float, default=0.0)
    refinement_count: Mapped[int] = mapped_column(Integer, default=0)
    download_count: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(Text)
    """Why it failed: a sentence for the user."""
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)


class StoryboardScene(Base):
    """One scene. ``number`` is its place, which reordering changes; ``id`` stays."""

    __tablename__ = "storyboard_scenes"
    __table_args__ = _NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    storyboard_id: Mapped[int] = mapped_column(ForeignKey("storyboards.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(Text)
    duration: Mapped[float] = mapped_column(Float)
    image_prompt: Mapped[str] = mapped_column(Text)
    shot: Mapped[str] = mapped_column(String(32))
    camera_move: Mapped[str] = mapped_column(String(32))
    characters: Mapped[list[Any]] = mapped_column(default=list)
    """Names of who is in it."""
    seed: Mapped[int] = mapped_column(Integer)
    """Of its picture; another one with each regeneration."""
    image_status: Mapped[str] = mapped_column(String(16))
    """``pending``, ``generating``, ``completed`` or ``failed``."""
    image_key: Mapped[str | None] = mapped_column(String(255))
    """Where its picture lies; named after the picture's content."""
    image_error: Mapped[str | None] = mapped_column(Text)
    speech: Mapped[dict[str, Any] | None]
    """What was spoken last: ``text`` (its fingerprint), ``narrator``, ``key``, ``seconds``, ``words`` as
    ``[text, start, end]``; ``key`` is none where nothing of the text can be spoken."""
    speech_error: Mapped[str | None] = mapped_column(Text)


class StoryboardRender(Base):
    """A finished film of a storyboard."""

    __tablename__ = "storyboard_renders"
    __table_args__ = _NUMBERED

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    storyboard_id: Mapped[int] = mapped_column(ForeignKey("storyboards.id"), index=True)
    job_id: Mapped[str] = mapped_column(String(64), unique=True)
    key: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    frames: Mapped[int] = mapped_column(Integer)
    rate: Mapped[int] = mapped_column(Integer)
    """Frames a second."""
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[float] = mapped_column(Float)


class StoryboardExport(Base):
    """A film in another format and size, kept for the next one who asks; or the job that makes it."""

    __tablename__ = "storyboard_exports"
    __table_args__ = (UniqueConstraint("render_id", "format", "quality"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    render_id: Mapped[int] = mapped_column(ForeignKey("storyboard_renders.id"))
    format: Mapped[str] = mapped_column(String(8))
    quality: Mapped[str] = mapped_column(String(8))
    job_id: Mapped[str] = mapped_column(String(64))
    key: Mapped[str | None] = mapped_column(String(255))
    """Where the file lies once it is whole."""
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    used_at: Mapped[float] = mapped_column(Float)
    """When it was last asked for, to the minute."""


class StoryboardDownload(Base):
    """Which parts of a file one client has fetched; gone when they make a whole, which is counted once."""

    __tablename__ = "storyboard_downloads"
    __table_args__ = (UniqueConstraint("file", "client"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    storyboard_id: Mapped[int] = mapped_column(ForeignKey("storyboards.id"), index=True)
    file: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file's key and version."""
    client: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the client's key, or of its address and program."""
    fetched: Mapped[list[Any]] = mapped_column(default=list)
    """``[start, stop]`` in bytes, ascending and apart."""
    updated_at: Mapped[float] = mapped_column(Float)
