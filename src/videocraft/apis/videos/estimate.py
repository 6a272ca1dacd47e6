"""What a project would become, without fetching anything: the answer of a dry run."""

from __future__ import annotations

from typing import Any

from videocraft.apis.videos.project import Element, Project, Scene

# Measured with the document's example on two cores: seconds of work for a second of film of 1920x1080 at
# medium quality, and for a second of speech. An estimate for planning, not a promise.
_RENDER_SECONDS = 0.5
_SPEECH_SECONDS = 0.1
_QUALITY_FACTOR = {"low": 0.8, "medium": 1.0, "high": 1.3}
_FULL_HD = 1920 * 1080


def dry_run(project: Project) -> dict[str, Any]:
    """The plan, its duration and what it would cost.

    Scenes whose length is that of a file are ``null`` here: files are fetched by the job.
    """
    scenes = [_scene(scene) for scene in project.scenes]
    lengths = [scene["duration"] for scene in scenes]
    known = sum(length for length in lengths if length is not None)
    is_complete = None not in lengths
    subtitles = project.subtitles
    plan: dict[str, Any] = {
        "resolution": f"{project.width}x{project.height}",
        "framerate": 30,
        "quality": project.quality,
        "scenes": scenes,
        "elements": [_element(element) for element in project.elements],
        "subtitles": None if subtitles is None else subtitles.style.to_settings(),
        "sources": sorted({element.src for element in project.all_elements if element.src}),
    }
    pixels = project.width * project.height / _FULL_HD
    work = known * (_RENDER_SECONDS * pixels * _QUALITY_FACTOR[project.quality])
    if subtitles is not None and not (subtitles.words or subtitles.src):
        work += known * _SPEECH_SECONDS
    return {
        "valid": True,
        "plan": plan,
        "duration": known if is_complete else None,
        "known_duration": known,
        "estimated_cost": {
            # All of the work is done on the server's own machine.
            "amount": 0.0,
            "currency": "USD",
            "processing_seconds": round(work, 1),
            "is_complete": is_complete,
        },
        "warnings": list(project.warnings),
    }


def _scene(scene: Scene) -> dict[str, Any]:
    return {
        "id": scene.id,
        "duration": scene.known_seconds,
        "transition": scene.transition.kind,
        "elements": [_element(element) for element in scene.elements],
    }


def _element(element: Element) -> dict[str, Any]:
    body: dict[str, Any] = {"type": element.type}
    if element.id:
        body["id"] = element.id
    if element.src:
        body["src"] = element.src
    return body
