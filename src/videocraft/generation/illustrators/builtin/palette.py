"""The colours of a scene: by the time of day, bent by the style."""

from __future__ import annotations

from dataclasses import dataclass, replace

from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade, times
from videocraft.generation.illustrators.builtin.idea import Look, Place, SceneIdea, Time, Weather


@dataclass(frozen=True)
class Palette:
    """Sky from above to the horizon, what light and haze look like, and how surfaces take them.

    ``ambient`` is the light on surfaces that are lit, ``shadow`` what is nearest and darkest; ``glow`` (0-1)
    how strong sun or moon shine into the picture.
    """

    top: Colour
    middle: Colour
    low: Colour
    light: Colour
    haze: Colour
    ambient: Colour
    shadow: Colour
    glow: float

    def lit(self, surface: Colour, depth: float) -> Colour:
        """A surface's colour in this light, ``depth`` from 0 (here) to 1 (in the haze)."""
        return mix(times(surface, self.ambient), self.haze, depth**0.85)


def _palette(
    top: str, middle: str, low: str, light: str, haze: str, ambient: str, shadow: str, glow: float
) -> Palette:
    return Palette(rgb(top), rgb(middle), rgb(low), rgb(light), rgb(haze), rgb(ambient), rgb(shadow), glow)


_TIMES: dict[Time, Palette] = {
    Time.DAWN: _palette("46598f", "b795b3", "fbd3a6", "ffe2b8", "e8bfae", "b39aa8", "2c2a45", 0.75),
    Time.DAY: _palette("2a74bd", "78b6e2", "d9edf5", "fff4d8", "c3dcea", "efe9dc", "26384a", 0.45),
    Time.SUNSET: _palette("2a2f66", "b9586a", "ffb765", "ffd58a", "f0946a", "a8706a", "231a38", 1.0),
    Time.DUSK: _palette("141b42", "4b4684", "e08a86", "ffc0a0", "8d6b97", "5d5480", "110f28", 0.6),
    Time.NIGHT: _palette("050a1f", "102148", "2d5080", "dce8ff", "2a4870", "33456e", "050814", 0.55),
    Time.OVERCAST: _palette("4b5865", "7c8993", "b9c3c6", "e9eeee", "a7b3b7", "7f8a8e", "1d252b", 0.15),
}

_PLACE_TWISTS: dict[Place, dict[Time, Palette]] = {
    Place.PLANET: {
        time: _palette("2b1512", "a3532f", "f0b077", "ffe6c0", "d98a58", "c98a68", "28100c", 0.6)
        for time in Time
    },
    Place.VOLCANO: {
        time: _palette("14090f", "4a1a18", "d8501f", "ff9a3c", "8f3320", "5a3430", "0b0508", 0.8)
        for time in Time
    },
    Place.UNDERWATER: {
        time: _palette("5fd0d8", "1c86a8", "0b3f66", "d8fff4", "1a6f93", "5fa7b0", "04172b", 0.6)
        for time in Time
    },
    Place.SPACE: {
        time: _palette("03040c", "080b1e", "0d1030", "fff0d8", "121838", "8088a8", "02030a", 0.7)
        for time in Time
    },
}

_LOOK_TINTS: dict[Look, tuple[Colour, float]] = {
    Look.FANTASY: (rgb("8a5fd0"), 0.16),
    Look.CYBERPUNK: (rgb("c02ba0"), 0.22),
    Look.HORROR: (rgb("24382c"), 0.35),
    Look.WATERCOLOR: (rgb("f4ead6"), 0.22),
    Look.MINIMALIST: (rgb("f1ece2"), 0.32),
    Look.COMMERCIAL: (rgb("ffffff"), 0.1),
}


def palette_of(idea: SceneIdea) -> Palette:
    """The palette of a scene."""
    colours = _PLACE_TWISTS.get(idea.place, _TIMES)[idea.time]
    if Weather.DUST in idea.weather and not idea.indoors:
        colours = _tinted(colours, rgb("c99a62"), 0.3)
    if idea.look in _LOOK_TINTS:
        colours = _tinted(colours, *_LOOK_TINTS[idea.look])
    if idea.look is Look.CYBERPUNK:
        colours = replace(colours, light=rgb("ff7ad9"), low=mix(colours.low, rgb("ff4fb0"), 0.35))
    if idea.look is Look.CARTOON or idea.look is Look.ANIME:
        colours = replace(colours, ambient=mix(colours.ambient, (1.0, 1.0, 1.0), 0.12))
    return colours


def _tinted(colours: Palette, tint: Colour, share: float) -> Palette:
    """All colours drawn towards one that is as light as they are."""

    def bend(colour: Colour) -> Colour:
        light = max(colour) / max(1e-3, *tint)
        return mix(colour, mix(shade(tint, min(1.0, light)), tint, 0.35), share)

    return replace(
        colours,
        top=bend(colours.top),
        middle=bend(colours.middle),
        low=bend(colours.low),
        haze=bend(colours.haze),
        ambient=mix(colours.ambient, tint, share * 0.4),
    )
