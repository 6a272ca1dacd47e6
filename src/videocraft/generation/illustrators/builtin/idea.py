"""What an animatic shows, as plain values: everything after the prompt was read works on these alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

from videocraft.generation.base import Shot


class Place(StrEnum):
    """Where a scene plays; each has a builder of its own."""

    MOUNTAINS = auto()
    HILLS = auto()
    FARM = auto()
    FOREST = auto()
    JUNGLE = auto()
    GARDEN = auto()
    DESERT = auto()
    CANYON = auto()
    SNOWFIELD = auto()
    VOLCANO = auto()
    PLANET = auto()
    SEA = auto()
    BEACH = auto()
    LAKE = auto()
    HARBOR = auto()
    UNDERWATER = auto()
    SKY = auto()
    SPACE = auto()
    SKYLINE = auto()
    ROOFTOP = auto()
    STREET = auto()
    MARKET = auto()
    VILLAGE = auto()
    ROAD = auto()
    RAILWAY = auto()
    CASTLE = auto()
    RUINS = auto()
    CAVE = auto()
    HALL = auto()
    LIBRARY = auto()
    ROOM = auto()
    BEDROOM = auto()
    KITCHEN = auto()
    OFFICE = auto()
    CLASSROOM = auto()
    LABORATORY = auto()
    CAFE = auto()
    WORKSHOP = auto()
    STAGE = auto()
    CORRIDOR = auto()
    SPACESHIP = auto()
    STUDIO = auto()


INDOORS = frozenset(
    {
        Place.CAVE,
        Place.HALL,
        Place.LIBRARY,
        Place.ROOM,
        Place.BEDROOM,
        Place.KITCHEN,
        Place.OFFICE,
        Place.CLASSROOM,
        Place.LABORATORY,
        Place.CAFE,
        Place.WORKSHOP,
        Place.STAGE,
        Place.CORRIDOR,
        Place.SPACESHIP,
        Place.STUDIO,
    }
)
"""Places that see no sky."""


class Time(StrEnum):
    """The light of the day."""

    DAWN = auto()
    DAY = auto()
    SUNSET = auto()
    DUSK = auto()
    NIGHT = auto()
    OVERCAST = auto()


class Weather(StrEnum):
    """What is in the air; several may be."""

    RAIN = auto()
    SNOW = auto()
    FOG = auto()
    STORM = auto()
    WIND = auto()
    DUST = auto()
    FIRE = auto()
    MAGIC = auto()
    AURORA = auto()
    FIREWORKS = auto()


class Look(StrEnum):
    """The style of the whole film."""

    CINEMATIC = auto()
    NOIR = auto()
    WATERCOLOR = auto()
    ANIME = auto()
    DOCUMENTARY = auto()
    VINTAGE = auto()
    FANTASY = auto()
    CYBERPUNK = auto()
    MINIMALIST = auto()
    HORROR = auto()
    CARTOON = auto()
    COMMERCIAL = auto()


class Pose(StrEnum):
    """What a person does with the body."""

    STAND = auto()
    WALK = auto()
    RUN = auto()
    SIT = auto()
    KNEEL = auto()
    REACH = auto()
    POINT = auto()
    FIGHT = auto()
    DANCE = auto()
    CLIMB = auto()
    RIDE = auto()
    HOLD = auto()
    """Stands with something in the raised hand."""
    LIE = auto()
    BACK = auto()
    """Seen from behind, looking into the picture."""


class Outfit(StrEnum):
    """What a person wears, by the shape that it gives."""

    CASUAL = auto()
    SUIT = auto()
    COAT = auto()
    DRESS = auto()
    CLOAK = auto()
    ROBE = auto()
    ARMOR = auto()
    SPACESUIT = auto()
    UNIFORM = auto()
    APRON = auto()
    SPORT = auto()
    ROBOT = auto()


class Headwear(StrEnum):
    """What a person has on the head."""

    NONE = auto()
    BRIM = auto()
    POINTED = auto()
    CROWN = auto()
    HELMET = auto()
    VISOR = auto()
    CAP = auto()
    TOQUE = auto()
    HOOD = auto()
    TRICORNE = auto()


@dataclass(frozen=True)
class Person:
    """Somebody in the scene.

    ``name`` decides colours and hair, so whoever has the same name looks the same in every scene. ``height``
    is relative to a grown-up; ``long_hair`` None lets the name decide.
    """

    name: str
    outfit: Outfit = Outfit.CASUAL
    headwear: Headwear = Headwear.NONE
    height: float = 1.0
    long_hair: bool | None = None
    old: bool = False
    holds: str = ""


@dataclass(frozen=True)
class SceneIdea:
    """A prompt understood: what there is, where, when and how near."""

    place: Place
    time: Time
    weather: frozenset[Weather]
    look: Look
    shot: Shot
    pose: Pose
    people: tuple[Person, ...] = ()
    animals: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    crowd: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many there are of an animal or a thing; what is not in it is alone."""

    def count_of(self, name: str) -> int:
        """How many there are of an animal or a thing."""
        return self.counts.get(name, 1)

    @property
    def indoors(self) -> bool:
        """Whether there is a room around it."""
        return self.place in INDOORS
