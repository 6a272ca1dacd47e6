"""Which builder makes which place."""

from __future__ import annotations

from collections.abc import Callable

from videocraft.generation.illustrators.builtin import built, indoors, nature, settlements, waters
from videocraft.generation.illustrators.builtin.frame import Frame
from videocraft.generation.illustrators.builtin.idea import Place
from videocraft.generation.illustrators.builtin.rooms import room

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
    Place.SEA: waters.sea,
    Place.BEACH: waters.beach,
    Place.LAKE: waters.lake,
    Place.HARBOR: settlements.harbor,
    Place.UNDERWATER: waters.underwater,
    Place.SKY: nature.above_clouds,
    Place.SPACE: nature.open_space,
    Place.SKYLINE: built.skyline,
    Place.ROOFTOP: built.rooftop,
    Place.STREET: built.street,
    Place.MARKET: built.market,
    Place.VILLAGE: settlements.village,
    Place.ROAD: settlements.road,
    Place.RAILWAY: settlements.railway,
    Place.CASTLE: settlements.castle,
    Place.RUINS: settlements.ruins,
    Place.CAVE: indoors.cave,
    Place.HALL: indoors.hall,
    Place.CORRIDOR: indoors.corridor,
    Place.STAGE: indoors.stage,
    Place.LIBRARY: room("library"),
    Place.ROOM: room("room"),
    Place.BEDROOM: room("bedroom"),
    Place.KITCHEN: room("kitchen"),
    Place.OFFICE: room("office"),
    Place.CLASSROOM: room("classroom"),
    Place.LABORATORY: room("laboratory"),
    Place.CAFE: room("cafe"),
    Place.WORKSHOP: room("workshop"),
    Place.SPACESHIP: room("spaceship"),
    Place.STUDIO: room("studio"),
}
