"""Drawing the scenes' pictures in a worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videocraft.apis.storyboards import keys
from videocraft.apis.storyboards.making import each, with_retries
from videocraft.core.database.models import Storyboard, StoryboardScene
from videocraft.core.jobs.context import JobContext
from videocraft.generation.base import Illustrator, ImageRequest, ProviderError, Shot, ShouldStop

SIZES = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080), "4:3": (1440, 1080)}
"""Of the film, by aspect ratio."""


@dataclass(frozen=True)
class Drawn:
    """A picture in the storage, or the sentence that says why there is none."""

    scene_id: int
    key: str | None
    cost: float
    error: ProviderError | None = None


@dataclass(frozen=True)
class Order:
    """One picture to draw."""

    scene_id: int
    request: ImageRequest


def order_of(row: Storyboard, scene: StoryboardScene) -> Order:
    """The picture that a scene wants: as large as the film."""
    width, height = SIZES[row.aspect_ratio]
    request = ImageRequest(
        prompt=scene.image_prompt,
        style=row.style,
        width=width,
        height=height,
        seed=scene.seed,
        scene_number=scene.number,
        characters=tuple(scene.characters),
        shot=Shot(scene.shot),
        context=row.prompt,
    )
    return Order(scene.id, request)


def draw(
    context: JobContext, illustrator: Illustrator, storyboard_id: int, orders: Sequence[Order]
) -> Iterator[tuple[Order | None, Drawn | None]]:
    """Draw pictures and put each into the storage.

    Yields:
        ``(order, None)`` when one is begun, ``(None, drawn)`` when one is done, or has failed for good.

    Raises:
        JobStopped: the job is to end; what is under way is given up.
    """
    return each(context, orders, partial(_draw_one, context, illustrator, storyboard_id))


def _draw_one(
    context: JobContext, illustrator: Illustrator, storyboard_id: int, order: Order, should_stop: ShouldStop
) -> Drawn:
    into = Path(context.workdir, f"scene-{order.scene_id}.png")
    try:
        picture = with_retries(
            lambda: illustrator.illustrate(order.request, into, should_stop=should_stop), should_stop
        )
    except ProviderError as error:
        return Drawn(order.scene_id, None, 0.0, error)
    key = keys.picture_key(storyboard_id, order.scene_id, into)
    context.storage.put_file(into, key)
    return Drawn(order.scene_id, key, picture.cost)
