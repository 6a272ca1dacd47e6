"""Which builder makes which place."""

from __future__ import annotations

from collections.abc import Callable

from videocraft.generation.illustrators.builtin import built, indoors, nature
from videocraft.generation.illustrators.builtin.frame import Frame
from videocraft.generation.illustrators.builtin.idea import Place

BUILDERS: dict[Place, Callable[[Frame], None]] = {
    Place.MOUNTAINS: nature.mountains,
    Place.HILLS: nature.hills,
    Place.FARM: nature.farm,
    Place.FOREST: nature.forest,
    Place.JUNGLE: nature.jungle,
    Place.GARDEN: nature.garden,
    Place.DESERT: nature.desert,
    Place.CANYON: nature.canyon,
    Place.SNOWFIELD: nature.snowfield,
    Place.VOLCANO: nature.volcano,
    Place.PLANET: nature.planet_surface,
    Place.SEA: nature.sea,
    Place.BEACH: nature.beach,
    Place.LAKE: nature.lake,
    Place.HARBOR: built.harbor,
    Place.UNDERWATER: nature.underwater,
    Place.SKY: nature.above_clouds,
    Place.SPACE: nature.open_space,
    Place.SKYLINE: built.skyline,
    Place.ROOFTOP: built.rooftop,
    Place.STREET: built.street,
    Place.MARKET: built.market,
    Place.VILLAGE: built.village,
    Place.ROAD: built.road,
    Place.RAILWAY: built.railway,
    Place.CASTLE: built.castle,
    Place.RUINS: built.ruins,
    Place.CAVE: indoors.cave,
    Place.HALL: indoors.hall,
    Place.CORRIDOR: indoors.corridor,
    Place.STAGE: indoors.stage,
    Place.LIBRARY: indoors.room("library"),
    Place.ROOM: indoors.room("room"),
    Place.BEDROOM: indoors.room("bedroom"),
    Place.KITCHEN: indoors.room("kitchen"),
    Place.OFFICE: indoors.room("office"),
    Place.CLASSROOM: indoors.room("classroom"),
    Place.LABORATORY: indoors.room("laboratory"),
    Place.CAFE: indoors.room("cafe"),
    Place.WORKSHOP: indoors.room("workshop"),
    Place.SPACESHIP: indoors.room("spaceship"),
    Place.STUDIO: indoors.room("studio"),
}
