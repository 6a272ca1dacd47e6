"""The words that the built-in writer knows: places with what is to be seen there, times, weather, verbs,
styles."""

# ruff: noqa: SIM905 - lists of words are read and changed as text

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DETERMINERS: Final = frozenset(
    "a an the this that these those my our your his her their its some several many every each another "
    "one two three four five six seven eight nine ten twelve hundreds thousands no both all".split()
)
PRONOUNS: Final = frozenset("he she it they we i you who him them her us me".split())
PREPOSITIONS: Final = frozenset(
    "in at on inside through across under over above beneath below near beside into along within around "
    "by toward towards from outside behind between among amid beyond onto against off past up down "
    "throughout upon during with without for to of as like about after before until".split()
)
PLACE_PREPOSITIONS: Final = frozenset(
    "in at on inside through across under over above beneath below near beside into along within around "
    "by toward towards from outside behind between among amid beyond onto past throughout upon".split()
)
BESIDE: Final = frozenset("above over by near beside".split())
"""A castle above the sea is a castle: behind these stands what is seen from a place, not the place."""
CONJUNCTIONS: Final = frozenset("and or but while when as then so because where whose which that who".split())

_VERBS: Final = (
    "accept act add admire answer appear approach arrive ask awake balance become begin believe bloom "
    "blow board bounce brave break breathe bring brew browse build burn bury buy call carry catch "
    "celebrate change charge chase chat check chop climb close collect come compete confront connect "
    "cook crash crawl create creep cross cry cut dance dare deliver descend discover dive dodge dream "
    "drift drink drive drop eat embrace emerge enter escape explain explode explore face fall feed feel "
    "fight fill find finish fix flee float flow fly fold follow forge forget gallop gather get give "
    "glide glow go grab grow guard guide hang hear help hide hike hit hold hope hug hunt investigate "
    "invite jog join journey juggle jump keep kick kiss knock land laugh launch lead lean leap learn "
    "leave lie lift listen live look lose make march marry meet melt mix mourn move navigate notice "
    "observe offer open orbit outrun pack paint pass pedal perform pick pilot plan plant play point "
    "practise prepare present protect prove pull push put race raise reach read receive relax remember "
    "repair rescue rest return reunite reveal ride ring rise roam roar roll rule run rush sail save "
    "search see sell send serve set share shine shout show sing sit skate ski sleep slide slip smile "
    "smell soar solve speak spin splash spread sprint stalk stand stare start steal step stop stroll "
    "struggle stumble summon surf survive sweep swim swing take talk taste teach tell think throw tour "
    "train transform travel try turn uncover unfold unite unwrap use visit wait wake walk wander wash "
    "watch wave wear weave whisper win wonder work write yell"
).split()
_IRREGULAR: Final = (
    "is are was were has have had does do did finds found saw went came ran fell rose flew stood sat "
    "lost won met woke awoke told took gave made kept left led held began became sought fought caught "
    "brought bought built"
).split()


def _forms(verb: str) -> set[str]:
    doubled = verb + verb[-1]
    without_e = verb.removesuffix("e")
    third = f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}s"
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        third = f"{verb}es"
    past = f"{verb[:-1]}ied" if third.endswith("ies") else f"{without_e}ed"
    return {verb, third, past, f"{without_e}ing", f"{verb}ing", f"{doubled}ing", f"{doubled}ed"}


VERB_FORMS: Final = frozenset().union(*map(_forms, _VERBS), _IRREGULAR)
"""Every form of the verbs that prompts are made of; other words are verbs where they look and stand like
one."""

NOT_VERBS: Final = frozenset(
    "building morning evening king ring spring string wing thing ceiling painting wedding clothing "
    "being nothing something everything wolves leaves ruins stairs streets woods mountains waves lights "
    "stars clouds hills glass grass chess princess boss bus circus virus bass cross class dress "
    "business moss compass canvas christmas towards always perhaps sometimes rose fall falls show set "
    "stand play light left".split()
)

SUPPLEMENTS: Final = frozenset("slowly quickly quietly suddenly finally gently softly silently".split())

TIMES: Final[Mapping[str, str]] = {
    "dawn": "the first grey-blue light of dawn",
    "daybreak": "the first grey-blue light of dawn",
    "sunrise": "low golden light at sunrise",
    "morning": "clear morning light",
    "noon": "hard light from above at noon",
    "midday": "hard light from above at noon",
    "daytime": "even daylight",
    "afternoon": "warm afternoon light with long shadows",
    "sunset": "orange backlight at sunset",
    "dusk": "the last violet light at dusk",
    "twilight": "the last violet light at dusk",
    "evening": "soft evening light, first lamps burning",
    "nightfall": "deep blue night, a few small lights",
    "night": "deep blue night, a few small lights",
    "nighttime": "deep blue night, a few small lights",
    "midnight": "black night, moonlight on the edges",
    "moonlight": "pale moonlight",
    "moonlit": "pale moonlight",
}
"""A word of the prompt for a time of day -> its light."""

WEATHER: Final[Mapping[str, str]] = {
    "rain": "rain on every surface",
    "raining": "rain on every surface",
    "rainy": "rain on every surface",
    "rainstorm": "driving rain",
    "storm": "storm clouds and wind",
    "stormy": "storm clouds and wind",
    "thunder": "storm clouds and distant lightning",
    "snow": "falling snow",
    "snowy": "fresh snow",
    "snowstorm": "driving snow",
    "blizzard": "driving snow",
    "fog": "fog that swallows the distance",
    "foggy": "fog that swallows the distance",
    "mist": "thin mist near the ground",
    "misty": "thin mist near the ground",
    "wind": "wind in everything that can move",
    "windy": "wind in everything that can move",
    "sunny": "bright sun",
}

LIGHT_OF_WEATHER: Final[Mapping[str, str]] = {
    "storm": "grey storm light",
    "rain": "flat grey light",
    "snow": "cold, even winter light",
    "fog": "milky light",
    "mist": "pale, hazy light",
    "sun": "bright daylight",
}
"""What a kind of weather leaves of the light, when no time of day is named."""

_DETAILS: Final[Mapping[str, str]] = {
    "forest": "moss on old bark; light between the trunks; ferns closing over a path; a bird that takes off",
    "jungle": "water dripping from broad leaves; roots across a path; green light from above",
    "ruins": "a cracked stone face; dust in a shaft of light; ivy on broken columns; worn steps leading down",
    "temple": "carvings in the stone; a row of oil lamps; an empty altar; worn steps leading up",
    "castle": "a banner moving in the wind; a heavy iron gate; torchlight on a wall; the battlements above",
    "cave": "water falling drop by drop; crystals in the rock; the small bright mouth of the cave",
    "city": "lit windows far above; traffic lights in wet asphalt; rooftops up to the horizon",
    "street": "reflections in a puddle; a sign that flickers; steam from a grating; a row of parked bicycles",
    "market": "hands over piles of fruit; coloured cloth in the wind; scales in balance",
    "village": "smoke from a chimney; a well in the square; washing on a line; a lane between low houses",
    "farm": "wheat moving in the wind; an old tractor; a gate that stands open; furrows up to the horizon",
    "field": "grass moving in the wind; a lone tree; insects over the flowers; the line of the horizon",
    "meadow": "grass moving in the wind; a lone tree; insects over the flowers; dew on a leaf",
    "garden": "petals on a stone path; water in a small basin; a gate behind leaves; a bench in half shade",
    "park": "an empty bench; leaves on the path; a fountain; long shadows on the grass",
    "mountain": "clouds below the ridge; loose stones on the path; a cairn against the sky; snow in a hollow",
    "valley": "a river far below; shadows of clouds on the slopes; a narrow bridge; haze between the hills",
    "desert": "sand running over a ridge; a line of footprints; heat shimmering over dunes; a dry bush",
    "sea": "foam on dark water; the line of the horizon; gulls in the wind; light breaking on waves",
    "ocean": "foam on dark water; the line of the horizon; gulls in the wind; light breaking on waves",
    "beach": "footprints filling with water; foam on wet sand; driftwood; the line of the horizon",
    "harbor": "ropes on a wet pier; masts against the sky; gulls on a post; oil colours on the water",
    "island": "palms bent by the wind; surf on black rock; a boat pulled ashore; the sea on all sides",
    "river": "stones under clear water; reeds at the bank; a bridge upstream; light on the current",
    "lake": "rings spreading on still water; reeds at the bank; the far shore in haze; an empty jetty",
    "ship": "ropes under tension; spray over the rail; the compass; sails full of wind",
    "space": "stars behind a thin pane; the curve of a planet; dust turning in sunlight; a blinking lamp",
    "planet": "two moons over the horizon; dust around a boot; strange rock; a ring across the sky",
    "station": "a clock above the platform; rails up to the horizon; a door sliding shut; an empty bench",
    "train": "landscape rushing past a window; a ticket in a hand; the empty aisle; rails drawing together",
    "house": "a photograph on a wall; curtains moving at a window; a stair in half shadow; a key in a bowl",
    "home": "a photograph on a wall; curtains moving at a window; shoes beside a door; a lamp being lit",
    "room": "dust in a beam of light; curtains moving at a window; a lamp being lit; an open door",
    "kitchen": "steam above a pan; flour on a board; a knife laid down; light through a jar",
    "restaurant": "steam above a plate; glasses catching the light; hands folding a cloth",
    "cafe": "steam above a cup; rain on the window; chalk on a blackboard; a door with a small bell",
    "office": "a cursor that blinks; paper moving under a lamp; blinds casting stripes; an empty chair",
    "laboratory": "liquid rising in a glass tube; a needle on a dial; blue light on steel",
    "factory": "sparks against the dark; wheels biting into each other; a hand on a lever; belts running",
    "workshop": "shavings curling from wood; tools in a row; hands measuring twice; dust in a beam of light",
    "school": "chalk on a board; a row of coats; an empty desk; a bell on the wall",
    "library": "a finger along a row of spines; a page being turned; a ladder against shelves; a green lamp",
    "hospital": "a line on a monitor; an empty corridor; a hand on a sheet; light under a door",
    "theatre": "dust in a spotlight; an empty row of seats; the edge of a curtain; hands in the wings",
    "stage": "dust in a spotlight; an empty row of seats; the edge of a curtain; a microphone, close",
    "stadium": "floodlights coming on; chalk on grass; flags in the stands; a tunnel into the light",
    "road": "a line running under the wheels; a sign that comes closer; heat above asphalt; the mirror",
    "bridge": "cables against the sky; water far below; lamps in a row; fog around a pillar",
    "cemetery": "a name worn from stone; wet leaves; an iron gate; a single candle",
    "church": "coloured light on a floor; candles in a row; a heavy door; dust in a high window",
    "snow": "crystals on a sleeve; a line of footprints; breath in the cold; a lit window far off",
    "studio": "an edge catching the light; the surface, very close; a slow turn on a dark plate",
}
PLACES: Final = {kind: tuple(details.split("; ")) for kind, details in _DETAILS.items()}
"""A kind of place -> details of it that a camera would look for."""

PLACE_SYNONYMS: Final[Mapping[str, str]] = {
    "woods": "forest", "woodland": "forest", "trees": "forest", "rainforest": "jungle", "ruin": "ruins",
    "shrine": "temple", "pyramid": "temple", "monastery": "temple", "palace": "castle",
    "fortress": "castle", "kingdom": "castle", "cavern": "cave", "mine": "cave", "tunnel": "cave",
    "town": "city", "metropolis": "city", "skyline": "city", "downtown": "city", "rooftop": "city",
    "tokyo": "city", "paris": "city", "london": "city", "york": "city", "alley": "street",
    "avenue": "street", "streets": "street", "bazaar": "market", "countryside": "field", "fields": "field",
    "prairie": "field", "vineyard": "farm", "barn": "farm", "hill": "mountain", "hills": "mountain",
    "mountains": "mountain", "peak": "mountain", "summit": "mountain", "cliff": "mountain",
    "canyon": "valley", "glacier": "mountain", "dunes": "desert", "sahara": "desert", "coast": "beach",
    "shore": "beach", "seaside": "beach", "harbour": "harbor", "port": "harbor", "pier": "harbor",
    "dock": "harbor", "waterfall": "river", "stream": "river", "pond": "lake", "boat": "ship",
    "deck": "ship", "yacht": "ship", "galaxy": "space", "orbit": "space", "spaceship": "space",
    "spacecraft": "space", "moon": "planet", "mars": "planet", "airport": "station", "subway": "station",
    "cottage": "house", "mansion": "house", "apartment": "house", "cabin": "house", "bedroom": "room",
    "attic": "room", "hall": "room", "bakery": "kitchen", "diner": "restaurant", "bar": "restaurant",
    "coffeehouse": "cafe", "café": "cafe", "lab": "laboratory", "garage": "workshop", "forge": "workshop",
    "classroom": "school", "university": "school", "bookshop": "library", "theater": "theatre",
    "cinema": "theatre", "concert": "stage", "arena": "stadium", "court": "stadium", "highway": "road",
    "route": "road", "path": "road", "graveyard": "cemetery", "cathedral": "church", "arctic": "snow",
    "antarctica": "snow", "tundra": "snow", "underwater": "sea", "reef": "sea", "waves": "sea",
    "battlefield": "field", "playground": "park",
}  # fmt: skip

IMPLIED_PLACES: Final[Mapping[str, str]] = {
    "astronaut": "space", "rocket": "space", "alien": "planet", "robot": "laboratory", "sailor": "sea",
    "pirate": "ship", "fisherman": "sea", "surfer": "beach", "whale": "sea", "dolphin": "sea",
    "knight": "castle", "king": "castle", "queen": "castle", "princess": "castle", "dragon": "mountain",
    "climber": "mountain", "hiker": "mountain", "farmer": "farm", "horse": "field", "wolf": "forest",
    "bear": "forest", "fox": "forest", "deer": "forest", "chef": "kitchen", "baker": "kitchen",
    "bread": "kitchen", "coffee": "cafe", "barista": "cafe", "scientist": "laboratory",
    "doctor": "hospital", "nurse": "hospital", "teacher": "school", "student": "school",
    "detective": "street", "cyclist": "road", "runner": "road", "car": "road", "driver": "road",
    "musician": "stage", "dancer": "stage", "singer": "stage", "actor": "theatre", "gardener": "garden",
    "flower": "garden", "carpenter": "workshop", "blacksmith": "workshop", "programmer": "office",
    "startup": "office", "team": "office", "app": "office", "camel": "desert", "penguin": "snow",
    "footballer": "stadium", "cat": "home", "dog": "park", "child": "garden", "children": "garden",
    "grandmother": "house", "family": "home",
}  # fmt: skip
"""Who or what is in the prompt -> where that is, when the prompt does not say."""

PHRASES_OF_PLACE: Final[Mapping[str, str]] = {
    "space": "the silence of deep space", "planet": "a strange planet",
    "laboratory": "a cluttered laboratory", "sea": "the open sea", "ship": "the deck of a ship",
    "castle": "an old castle", "mountain": "a bare mountain ridge", "farm": "a small farm",
    "field": "a wide open field", "forest": "a deep forest", "kitchen": "a warm kitchen",
    "cafe": "a small café", "hospital": "a quiet hospital", "school": "an old school",
    "street": "a narrow street", "road": "an empty road", "stage": "a dark stage",
    "theatre": "an old theatre", "garden": "a walled garden", "workshop": "a crowded workshop",
    "office": "a bright office", "desert": "a wide desert", "snow": "endless snow",
    "stadium": "an empty stadium", "home": "a lived-in home", "house": "an old house",
    "park": "a quiet park", "beach": "a long beach", "studio": "a dark studio with a single lamp",
}  # fmt: skip

PREPOSITION_OF: Final[Mapping[str, str]] = {
    "sea": "on", "ocean": "on", "ship": "on", "beach": "on", "island": "on", "farm": "on", "road": "on",
    "bridge": "on", "stage": "on", "planet": "on", "mountain": "on", "street": "on", "harbor": "at",
    "station": "at", "river": "at", "lake": "at", "train": "on",
}  # fmt: skip
"""How one is at such a place; everywhere else one is in it."""

PEOPLE: Final = frozenset(
    "man woman boy girl child children kid kids baby family couple friends friend hero heroine king "
    "queen prince princess knight warrior soldier detective officer pilot astronaut sailor captain "
    "pirate fisherman farmer chef cook baker barista doctor nurse scientist inventor engineer "
    "programmer designer artist painter writer poet musician singer dancer actor teacher student "
    "traveller traveler explorer adventurer hiker climber runner cyclist surfer athlete footballer "
    "driver worker carpenter blacksmith gardener witch wizard monk nun ghost vampire robot android "
    "alien dragon monster giant dwarf elf fairy unicorn dog puppy cat kitten horse wolf fox bear deer "
    "lion tiger elephant bird owl eagle raven whale dolphin shark turtle penguin rabbit mouse monkey "
    "camel snake bee butterfly grandmother grandfather mother father sister brother daughter son "
    "neighbour neighbor stranger crowd team crew tourist customer guest bride groom villagers people "
    "creature squirrel spider ninja samurai cowboy thief spy".split()
)
"""Who acts; such a one keeps the same look through all scenes."""

ENDINGS_OF_PEOPLE: Final = ("maker", "keeper", "man", "woman", "smith", "ologist", "master")

LOOKS: Final[Mapping[str, str]] = {
    "cinematic": "cinematic look, blurred background, soft contrast, fine grain",
    "noir": "film noir, hard shadows, black and white, light through blinds",
    "anime": "anime look, clean lines, painted backgrounds, vivid sky",
    "cartoon": "cartoon look, rounded shapes, flat bright colours",
    "comic": "comic look, bold ink outlines, flat colours",
    "watercolor": "watercolour on rough paper, soft edges, colour bleeding into white",
    "watercolour": "watercolour on rough paper, soft edges, colour bleeding into white",
    "oil": "oil painting, visible brushwork, deep shadows",
    "sketch": "pencil sketch, loose lines, white paper",
    "documentary": "documentary look, natural light, handheld framing",
    "realistic": "photographic realism, natural light, true colours",
    "photo": "photographic realism, natural light, true colours",
    "vintage": "faded film stock, warm colours, light leaks",
    "retro": "faded film stock, warm colours, light leaks",
    "cyberpunk": "cyberpunk look, neon in magenta and cyan, wet surfaces",
    "fantasy": "painted fantasy look, glowing light, rich colours",
    "horror": "horror look, deep shadow, cold desaturated colours",
    "minimal": "minimal look, empty space, few calm colours",
    "corporate": "clean commercial look, bright even light",
    "commercial": "clean commercial look, bright even light, crisp detail",
    "3d": "3D rendered look, soft global light, smooth materials",
    "pixel": "pixel art, few colours, visible squares",
    "dreamy": "dreamlike look, bloom, pale colours",
}
