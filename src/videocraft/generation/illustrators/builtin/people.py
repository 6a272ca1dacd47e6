"""Who somebody is to look at: colours, hair and build, decided by the name alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from videocraft.generation.illustrators.builtin.drawing import Colour, mix, rgb, shade
from videocraft.generation.illustrators.builtin.idea import Outfit, Person
from videocraft.generation.illustrators.builtin.noise import generator


class Hair(IntEnum):
    """How hair is worn."""

    SHORT = 0
    SIDE = 1
    CURLY = 2
    LONG = 3
    BUN = 4
    TAIL = 5
    BOB = 6


_SKINS = ("f3cfb3", "e8b793", "d19a6f", "b07a50", "8a5a3c", "6a4330")
_HAIRS = ("1d1715", "33221a", "5a3a22", "8a5a2c", "b98a4a", "7a2f1c", "2a2530")
_TOPS = (
    "b8433a",
    "2f6f8f",
    "3f7d5a",
    "c98a2b",
    "6a4a8c",
    "23486f",
    "a8584a",
    "4a6a3a",
    "c26a7a",
    "2e8a8a",
    "d0b48a",
)
_BOTTOMS = ("2b3346", "3a3230", "4a4a55", "5a4632", "2f3d3a", "39324a")
_OUTFIT_TOPS: dict[Outfit, tuple[str, ...]] = {
    Outfit.SUIT: ("2b3040", "33363b", "23304a", "3a2f38"),
    Outfit.ARMOR: ("8a929c", "7d858a", "9a8c72"),
    Outfit.SPACESUIT: ("dcdfe2", "e4ddd2", "d3d9e0"),
    Outfit.UNIFORM: ("2f4358", "44523c", "3a3f4a"),
    Outfit.APRON: ("e9e4da", "ded8d0"),
    Outfit.ROBOT: ("aab4bd", "8d9cab", "c2b8a4"),
    Outfit.ROBE: ("4a3a78", "7a2a34", "2a4f6a", "6a5a3a", "345a44"),
    Outfit.CLOAK: ("3a2f3f", "4a2a2a", "2a3a3a", "44372a"),
    Outfit.COAT: ("8a6a48", "5a4a3c", "6d6f66", "3f4a58", "7a4a38", "a88a5c"),
}


@dataclass(frozen=True)
class Appearance:
    """The colours and shapes of one person, before any light falls on them."""

    skin: Colour
    hair: Colour
    hair_style: Hair
    top: Colour
    bottom: Colour
    accent: Colour
    shoes: Colour
    beard: bool
    build: float
    """Breadth relative to the average."""


def appearance(person: Person) -> Appearance:
    """How a person looks. The same name gives the same answer in every scene and every picture."""
    rng = generator("appearance", person.name.strip().casefold())
    skin, hair = rgb(str(rng.choice(_SKINS))), rgb(str(rng.choice(_HAIRS)))
    hues = rng.permutation(len(_TOPS))
    tops = _OUTFIT_TOPS.get(person.outfit)
    draw = float(rng.random())
    top = rgb(tops[int(draw * len(tops))] if tops else _TOPS[int(hues[0])])
    long_hair = bool(rng.random() < 0.5) if person.long_hair is None else person.long_hair
    styles = (Hair.LONG, Hair.BUN, Hair.TAIL, Hair.BOB) if long_hair else (Hair.SHORT, Hair.SIDE, Hair.CURLY)
    style = styles[int(rng.integers(len(styles)))]
    grown = person.height > 0.8
    beard = bool(rng.random() < (0.7 if person.old else 0.35)) and not long_hair and grown
    if person.old:
        hair = mix(hair, (0.86, 0.86, 0.85), 0.82)
    return Appearance(
        skin=skin,
        hair=hair,
        hair_style=style,
        top=top,
        bottom=rgb(_BOTTOMS[int(rng.integers(len(_BOTTOMS)))]),
        accent=rgb(_TOPS[int(hues[1])]),
        shoes=shade(rgb("4a3426"), float(rng.uniform(0.5, 1.1))),
        beard=beard,
        build=float(rng.uniform(0.92, 1.1)) * (0.95 if long_hair else 1.03),
    )
