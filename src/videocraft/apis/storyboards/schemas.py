"""Wire shapes of the storyboards family: what comes in, how it is checked, and what goes out."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator

AspectRatio = Literal["16:9", "9:16", "1:1", "4:3"]
ExportFormat = Literal["mp4", "webm", "mov"]
ExportQuality = Literal["low", "medium", "high"]

MAX_REFINEMENTS = 5
MAX_SCENES = 60
"""Also how many scene numbers a reordering may name."""

DEFAULT_DURATION = 30.0
DEFAULT_STYLE = "cinematic"
DEFAULT_ASPECT_RATIO: AspectRatio = "16:9"
MAX_SEED = 2**31 - 1

_KEPT_CONTROLS = "\n\t"


def clean(value: object) -> object:
    """Text without what neither a database nor a prompt has a use for: control characters, half pairs.

    White space at the ends goes too, so that lengths count what was said. Anything but text is left as it is.
    """
    if not isinstance(value, str):
        return value
    kept = (
        char for char in value if char in _KEPT_CONTROLS or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    return "".join(kept).strip()


def _milliseconds(value: float) -> float:
    return round(value, 3)


# Cleaned before the lengths count, though it stands behind them: else they would be told in "items".
Prompt = Annotated[str, Field(min_length=10, max_length=5000), BeforeValidator(clean)]
ImagePrompt = Annotated[str, Field(min_length=10, max_length=2000), BeforeValidator(clean)]
Description = Annotated[str, Field(min_length=10, max_length=1000), BeforeValidator(clean)]


class NewStoryboard(BaseModel):
    """The body of ``generate``. Unknown keys are ignored; a key that is ``null`` counts as not given."""

    prompt: Prompt
    duration: Annotated[
        float, Field(ge=5, le=300, strict=True, allow_inf_nan=False), AfterValidator(_milliseconds)
    ] = DEFAULT_DURATION
    style: Annotated[str, Field(max_length=100), BeforeValidator(clean)] = DEFAULT_STYLE
    aspect_ratio: AspectRatio = DEFAULT_ASPECT_RATIO
    seed: Annotated[int, Field(ge=0, le=MAX_SEED, strict=True)] | None = None
    """The same request with the same seed gets the same storyboard; default: another one each time."""
    narration: Annotated[bool, Field(strict=True)] = False
    """Whether the scenes' descriptions are spoken in the film; a scene then lasts as long as its speech."""
    captions: Annotated[bool, Field(strict=True)] = True
    """Whether what is spoken is shown as captions, too."""
    music: Annotated[str, Field(pattern=r"^upload:[A-Za-z0-9_-]{1,64}$")] | None = None
    """Music under the film: ``src`` of a file that was sent to ``/api/v1/uploads`` with the same key."""

    @field_validator("duration", "style", "aspect_ratio", "narration", "captions", mode="wrap")
    @classmethod
    def _null_is_not_given(cls, value: Any, handler: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].default if value is None else handler(value)


class Progress(BaseModel):
    """How far a job is."""

    current_stage: str
    scenes_total: int
    scenes_completed: int
    current_scene: int | None
    estimated_completion_seconds: int | None
    message: str


class Scene(BaseModel):
    """One scene as it was written."""

    scene_number: int
    description: str
    duration: float
    image_prompt: str
    shot: str
    camera_move: str


class SceneNarration(BaseModel):
    """A scene's speech; ``pending`` until its description, as it is now, is spoken."""

    status: Literal["pending", "completed", "failed"]
    seconds: float | None
    url: str | None
    error: str | None


class StoryboardScene(BaseModel):
    """One scene with its picture; ``narration`` is there in storyboards that are spoken."""

    scene: Scene
    image_url: str | None
    generation_status: Literal["pending", "generating", "completed", "failed"]
    error: str | None
    narration: SceneNarration | None = None


class StoryboardJob(BaseModel):
    """The job object that every use case but the downloads answers with."""

    job_id: int
    status: str
    progress: Progress
    storyboard: list[StoryboardScene] | None
    video_url: str | None
    estimated_cost: float
    actual_cost: float
    created_at: str
    updated_at: str
    approved: bool
    error_message: str | None


class Metadata(BaseModel):
    """Everything that is known about a job."""

    job_id: int
    status: str
    created_at: str
    updated_at: str
    approved: bool
    approved_at: str | None
    scenes: dict[str, Any]
    costs: dict[str, Any]
    metrics: dict[str, int]
    video: dict[str, Any]
    error: str | None


def timestamp(seconds: float) -> str:
    """UTC without a zone and in whole seconds, as this family writes it: ``2025-11-15T10:00:00``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def dollars(amount: float) -> float:
    """An amount as it is shown: no more than a ten-thousandth of a cent, and no dust of binary sums."""
    return round(amount, 6)
