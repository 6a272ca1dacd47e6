"""Errors of the storyboards family: FastAPI's own ``{"detail": …}``."""

from videocraft.apis.errors import DetailError, Renderer, detail_body, detail_broken_json, detail_invalid

RENDERER = Renderer(DetailError, detail_body, detail_invalid, detail_broken_json)
