"""Candidates where nobody speaks: whole shots, by how much moves in them and how loud they are."""

from __future__ import annotations

import numpy as np

from videocraft.media.highlights.material import Material
from videocraft.media.highlights.speech import Found

_SAID = "No speech was found in the recording; the clips were chosen from its scenes and what moves in them."
_MOTION, _LOUDNESS, _LENGTH = 0.6, 0.25, 0.15
_STEPS_A_CLIP = 4


def from_scenes(
    material: Material, *, has_prompt: bool, longest: float, shortest: float
) -> tuple[list[Found], str]:
    """Candidates between cuts, and a sentence that says that nobody speaks."""
    reason = _SAID
    if has_prompt:
        reason += " The prompt could not be matched without speech."
    edges = [0.0, *material.cuts, material.duration]
    found: list[Found] = []
    for first in range(len(edges) - 1):
        for last in range(first + 1, len(edges)):
            if edges[last] - edges[first] > longest:
                break
            if edges[last] - edges[first] >= shortest:
                found.append(_judge(material, edges[first], edges[last], longest, shots=last - first))
        # A shot that is too long is looked through with a window.
        if edges[first + 1] - edges[first] > longest:
            found += _within(material, edges[first], edges[first + 1], longest)
    return found, reason


def _within(material: Material, start: float, end: float, longest: float) -> list[Found]:
    step = longest / _STEPS_A_CLIP
    begins = [start + number * step for number in range(int((end - start - longest) / step) + 1)]
    return [_judge(material, begin, begin + longest, longest, shots=0) for begin in begins]


def _judge(material: Material, start: float, end: float, longest: float, *, shots: int) -> Found:
    motion = _motion(material, start, end)
    loudness = _loudness(material, start, end)
    score = _MOTION * motion + _LOUDNESS * loudness + _LENGTH * min(1.0, (end - start) / (0.35 * longest))
    said = {0: "Part of a long shot"}.get(shots, "A whole shot" if shots == 1 else f"{shots} whole shots")
    if motion >= 0.6:
        said += " in which much moves"
    elif motion <= 0.2:
        said += " that is calm"
    if loudness >= 0.6:
        said += ", louder than the rest"
    return Found(round(start, 3), round(end, 3), score, f"{said}; nobody speaks.", "")


def _motion(material: Material, start: float, end: float) -> float:
    """Mean motion of a range, against the liveliest second of the recording."""
    scenes = material.scenes
    if scenes is None or not scenes.motion:
        return 0.0
    values = np.asarray(scenes.motion)
    top = float(np.percentile(values, 95)) or float(values.max())
    part = values[int(start) : max(int(start) + 1, int(np.ceil(end)))]
    return float(np.clip(part.mean() / top, 0, 1)) if top > 0 and len(part) else 0.0


def _loudness(material: Material, start: float, end: float) -> float:
    levels = material.levels
    if levels is None or not len(levels.db):
        return 0.0
    part = levels.between(start, end)
    low, high = np.percentile(levels.db, (10, 95))
    if not len(part) or high - low < 1:
        return 0.0
    return float(np.clip((float(part.mean()) - low) / (high - low), 0, 1))
