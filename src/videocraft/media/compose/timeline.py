"""A film cut into the pieces that are encoded: the bodies of its scenes, and the transitions between them.

A transition of ``n`` frames lies with its middle on the cut: ``n // 2`` frames before, the rest behind. Both
scenes are drawn on through it, so the film is exactly as long as its scenes.

A long body of stills and texts is several pieces: they are made at the same time, and a change of one word
leaves those alone that do not show it. Bodies with videos stay whole, since every piece would decode the
source from a keyframe before its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from videocraft.media.compose.film import Film, FilmScene, TransitionKind, VideoLayer
from videocraft.media.time import round_half_up

GROUP_SECONDS = 2
"""From keyframe to keyframe."""

_MOST_GROUPS = 2
"""Of a piece of a long body, about. Pieces meet where a keyframe would be anyway, so they cost no bytes."""


def group_of(film: Film) -> int:
    """Frames from keyframe to keyframe."""
    return max(1, round(GROUP_SECONDS * film.rate))


@dataclass(frozen=True)
class Part:
    """Frames of one scene; ``first`` counts from the scene's start and may be negative, before it."""

    scene: int
    first: int
    frames: int


@dataclass(frozen=True)
class Piece:
    """Frames that are encoded together: one part, or two with a transition between them."""

    parts: tuple[Part, ...]
    start: int
    """First frame in the film."""
    kind: TransitionKind = "cut"

    @property
    def frames(self) -> int:
        """Length; all parts have the same."""
        return self.parts[0].frames


def pieces_of(film: Film) -> tuple[list[Piece], list[str]]:
    """The pieces of a film in order, and a sentence for every transition that had to be shortened."""
    lengths, warnings = _transitions(film)
    pieces: list[Piece] = []
    starts = film.starts
    for index, scene in enumerate(film.scenes):
        before = lengths[index - 1] if index else 0
        after = lengths[index]
        first, end = before - before // 2, scene.frames - after // 2
        marks = [first, *_as_elsewhere(index, film, before, after, scene.frames), end]
        for mark, following in pairwise(sorted(set(marks))):
            if first <= mark and following <= end:
                for begin, stop in pairwise(_shared_out(film, scene, mark, following)):
                    pieces.append(Piece((Part(index, begin, stop - begin),), starts[index] + begin))
        if after:
            half = after // 2
            leaving, coming = Part(index, scene.frames - half, after), Part(index + 1, -half, after)
            pieces.append(Piece((leaving, coming), starts[index + 1] - half, scene.transition.kind))
    return pieces, warnings


def _shared_out(film: Film, scene: FilmScene, first: int, end: int) -> list[int]:
    """Where the frames [first, end) of a scene are cut into pieces; their begin and end are among them."""
    group, frames = group_of(film), end - first
    has_video = film.backdrop is not None or any(isinstance(layer, VideoLayer) for layer in scene.layers)
    count = 1 if has_video else -(-frames // (_MOST_GROUPS * group))
    inner = {first + round(frames * number / count / group) * group for number in range(1, count)}
    return sorted({first, *inner, end})


def _as_elsewhere(index: int, film: Film, before: int, after: int, frames: int) -> list[int]:
    """Where the first and the last scene of a ``movable`` film are cut as they would be between two
    others."""
    marks: list[int] = []
    if not film.movable:
        return marks
    if index == 0 and after:
        marks.append(after - after // 2)
    if index == len(film.scenes) - 1 and before:
        marks.append(frames - before // 2)
    return marks


def transition_frames(film: Film) -> list[int]:
    """Frames of the transition behind each scene; 0 is a cut."""
    return _transitions(film)[0]


def _transitions(film: Film) -> tuple[list[int], list[str]]:
    lengths: list[int] = []
    warnings: list[str] = []
    for number, (scene, following) in enumerate(pairwise(film.scenes), start=1):
        if scene.transition.kind == "cut":
            lengths.append(0)
            continue
        wanted = max(1, round_half_up(scene.transition.seconds * film.rate))
        # Each scene may have one at either end: half a scene is what one transition may take of it.
        most = 2 * (min(scene.frames, following.frames) // 2)
        length = min(wanted, most)
        lengths.append(length)
        if length < wanted:
            warnings.append(
                f"The transition behind scene {number} was shortened to {float(length / film.rate):.2f} s: "
                "it can't take more than half of a scene."
            )
    return [*lengths, 0], warnings
