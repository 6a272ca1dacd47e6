"""The animatic illustrator: draws a composed frame for each scene, with no network, no model and no key.

It is what a storyboard artist roughs out, not a photograph: the prompt's words choose place, light, people
and things (``understanding``), these are drawn as SVG shapes and rasterised (``drawing``, resvg), and air,
light and the style's look are laid over as pixels. The same prompt, style, seed and size give the same
picture; the same character's name the same look in every picture.
"""

from __future__ import annotations

from pathlib import Path

from videocraft.generation.base import GenerationStopped, ImageRequest, Picture, ProviderError, ShouldStop

LARGEST_SIDE = 4096


class AnimaticIllustrator:
    """See ``Illustrator``. A picture takes some tenths of a second, so ``should_stop`` is asked before it."""

    name = "animatic"

    def __init__(self, *, price: float = 0.0) -> None:
        self.price = price

    def illustrate(self, request: ImageRequest, into: Path, *, should_stop: ShouldStop) -> Picture:
        """Draw the picture.

        Raises:
            ProviderError: the size is not 16 to 4096 pixels a side.
            GenerationStopped: ``should_stop`` said so.
        """
        from videocraft.generation.illustrators.builtin.painting import paint, save

        if not (16 <= request.width <= LARGEST_SIDE and 16 <= request.height <= LARGEST_SIDE):
            raise ProviderError(f"An animatic frame has 16 to {LARGEST_SIDE} pixels a side.")
        if should_stop():
            raise GenerationStopped
        save(paint(request), into)
        return Picture(into, request.width, request.height, self.price)
