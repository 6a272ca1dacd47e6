"""The picture while it is being made: its measures, its layers, its lights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from videocraft.generation.base import Shot
from videocraft.generation.illustrators.builtin.drawing import Colour, Drawing
from videocraft.generation.illustrators.builtin.idea import SceneIdea
from videocraft.generation.illustrators.builtin.palette import Palette

HEIGHT = 1000.0
"""Every picture is 1000 units high, whatever its pixels; x runs from 0 to ``Frame.width``."""


@dataclass(frozen=True)
class Glow:
    """A soft round spot of light, in units."""

    x: float
    y: float
    radius: float
    colour: Colour
    strength: float
    squash: float = 1.0
    """Height of the spot relative to its width."""


@dataclass(frozen=True)
class Shaft:
    """A cone of light from a point: volumetric, seen in the dust. Angles in degrees, 90 is straight down."""

    x: float
    y: float
    angle: float
    spread: float
    length: float
    colour: Colour
    strength: float


@dataclass(frozen=True)
class Mist:
    """A bank of mist around a height."""

    y: float
    thickness: float
    strength: float
    colour: Colour | None = None


@dataclass
class Frame:
    """Builders of places draw into ``back`` and say where the ground and the lights are.

    Attributes:
        width: units across.
        back: what is behind the subject, over the sky; transparent where the sky is seen.
        subject: people, animals, things; sharp.
        front: what frames the picture right before the lens; blurred.
        horizon: height of the eye's level, in units from above.
        ground: where the feet of a subject in the middle distance stand.
        sun: place of sun or moon, None when unseen.
        water: the band (from, to) in which everything above is mirrored.
        light_side: -1 light comes from the left, 1 from the right.
        glows: light behind the subject; ``near_glows`` lie over it.
    """

    idea: SceneIdea
    colours: Palette
    rng: np.random.Generator
    width: float
    back: Drawing = field(default_factory=lambda: Drawing(bounded=False))
    subject: Drawing = field(default_factory=Drawing)
    front: Drawing = field(default_factory=lambda: Drawing(bounded=False))
    horizon: float = 620.0
    ground: float = 860.0
    sun: tuple[float, float] | None = None
    sun_size: float = 34.0
    water: tuple[float, float] | None = None
    light_side: int = 1
    clouds: float = 0.5
    glows: list[Glow] = field(default_factory=list)
    near_glows: list[Glow] = field(default_factory=list)
    shafts: list[Shaft] = field(default_factory=list)
    mists: list[Mist] = field(default_factory=list)
    rim: Colour = (1.0, 1.0, 1.0)
    subject_dim: float = 1.0
    """How bright people and things are lit; below 1 they stand as dark shapes before the light."""

    @property
    def near(self) -> bool:
        """Whether the camera is so near that the background lies out of focus."""
        return self.idea.shot in {Shot.MEDIUM, Shot.CLOSE_UP, Shot.EXTREME_CLOSE_UP}

    @property
    def narrow(self) -> float:
        """How much subjects shrink in tall pictures, so that they still fit across."""
        return min(1.0, self.width / 900.0)

    def x(self, share: float) -> float:
        """A place across, from 0 (left) to 1 (right)."""
        return share * self.width

    def pick(self, low: float, high: float) -> float:
        """A number between two, by the scene's own chance."""
        return float(self.rng.uniform(low, high))

    def lit(self, surface: Colour, depth: float = 0.0) -> Colour:
        """See ``Palette.lit``."""
        return self.colours.lit(surface, depth)
