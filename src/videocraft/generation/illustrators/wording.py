"""How an image model is asked for a storyboard picture."""

from __future__ import annotations

from videocraft.generation.base import ImageRequest


def describe(request: ImageRequest, limit: int) -> str:
    """One prompt of at most ``limit`` characters; what is cut off is the scene's own text, never the look."""
    look = f"Style: {request.style.strip() or 'cinematic'}. A single film frame without any lettering."
    if request.shot is not None:
        look += f" Framing: {request.shot.value}."
    if request.characters:
        names = ", ".join(request.characters[:8])[:300]
        look += f" Recurring characters who look the same in every picture: {names}."
    scene = " ".join(request.prompt.split())
    room = max(0, limit - len(look) - 2)
    return f"{scene[:room].rstrip(' .')}. {look}"[:limit]
