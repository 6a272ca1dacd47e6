"""Drawing the scenes' pictures in a worker: several at once, each tried again when that may help."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from videocraft.apis.storyboards import keys
from videocraft.core.database.models import Storyboard, StoryboardScene
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.generation.base import GenerationStopped, Illustrator, ImageRequest, ProviderError, Shot

RETRIES = 3
"""How often a picture that failed is asked for again."""

AT_ONCE = 4
"""Pictures under way at the same time."""

PAUSE_SECONDS = 1.0
"""Before the first retry; twice as long before each further one."""

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
    given_up = threading.Event()

    def should_stop() -> bool:
        return given_up.is_set() or context.should_stop()

    waiting = list(orders)
    running: set[Future[Drawn]] = set()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="picture") as pool:
        try:
            while waiting or running:
                while waiting and len(running) < AT_ONCE:
                    order = waiting.pop(0)
                    yield order, None
                    running.add(
                        pool.submit(_draw_one, context, illustrator, storyboard_id, order, should_stop)
                    )
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield None, future.result()
        finally:
            # Also when whoever asks for the pictures goes away: the pool waits for its threads.
            given_up.set()


def _draw_one(
    context: JobContext,
    illustrator: Illustrator,
    storyboard_id: int,
    order: Order,
    should_stop: Callable[[], bool],
) -> Drawn:
    into = Path(context.workdir, f"scene-{order.scene_id}.png")
    try:
        cost = _with_retries(illustrator, order.request, into, should_stop)
    except GenerationStopped as stopped:
        raise JobStopped("The job is to stop: its pictures are not wanted any more.") from stopped
    except ProviderError as error:
        return Drawn(order.scene_id, None, 0.0, error)
    key = keys.picture_key(storyboard_id, order.scene_id, into)
    context.storage.put_file(into, key)
    return Drawn(order.scene_id, key, cost)


def _with_retries(
    illustrator: Illustrator, request: ImageRequest, into: Path, should_stop: Callable[[], bool]
) -> float:
    pause = threading.Event()
    attempt = 0
    while True:
        try:
            return illustrator.illustrate(request, into, should_stop=should_stop).cost
        except ProviderError as error:
            if not error.retryable or attempt == RETRIES:
                raise
        pause.wait(PAUSE_SECONDS * 2**attempt)
        attempt += 1
        if should_stop():
            raise GenerationStopped
