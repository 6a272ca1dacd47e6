"""The vocabulary: which words stand for which places, times, styles, people and things.

Every word is lower case and singular; ``understanding`` brings the prompt's words into that form. Groups of
two or three words are written with ``_`` between them.
"""

from __future__ import annotations

from videocraft.generation.base import Shot
from videocraft.generation.illustrators.builtin.idea import (
    Headwear,
    Look,
    Outfit,
    Place,
    Pose,
    Time,
    Weather,
)

PLACES: dict[Place, str] = {
    Place.MOUNTAINS: "mountain peak summit alps alpine himalaya ridge cliff highland everest mount "
    "fjord range",
    Place.HILLS: "hill field meadow grassland prairie valley countryside plain savanna steppe pasture moor "
    "battlefield grass nature landscape safari golf_course graveyard cemetery campfire campsite camping "
    "camp",
    Place.FARM: "farm barn wheat crop orchard hive vineyard ranch farmland cornfield harvest tractor "
    "windmill",
    Place.FOREST: "forest wood woodland grove tree pine birch oak redwood woods taiga thicket "
    "autumn_leaf bamboo",
    Place.JUNGLE: "jungle rainforest tropical amazon swamp mangrove vine bayou",
    Place.GARDEN: "garden park playground backyard lawn greenhouse flowerbed courtyard campus blossom picnic",
    Place.DESERT: "desert dune sahara sand oasis camel caravan pyramid egypt arid sandstorm",
    Place.CANYON: "canyon mesa gorge badlands wild_west western ravine cowboy arizona butte",
    Place.SNOWFIELD: "arctic antarctic penguin tundra glacier iceberg snowfield icy polar frozen ski snowy "
    "north_pole igloo",
    Place.VOLCANO: "volcano lava magma eruption volcanic crater inferno hell",
    Place.PLANET: "mars martian moonscape alien_planet lunar alien_world exoplanet planet_surface colony",
    Place.SEA: "sea ocean wave sailing sail voyage pirate horizon open_water storm_sea atlantic pacific "
    "regatta",
    Place.BEACH: "beach shore coast seaside island surf coastline palm lagoon shoreline surfer "
    "tropical_island",
    Place.LAKE: "lake river pond stream waterfall creek riverbank canal reflection canoe kayak wetland dock",
    Place.HARBOR: "harbor harbour port pier marina wharf lighthouse quay fishing_village",
    Place.UNDERWATER: "underwater undersea coral reef submarine seabed diver deep_sea mermaid "
    "aquarium atlantis "
    "scuba ocean_floor",
    Place.SKY: "sky cloud flight flying aerial airborne soaring balloon heaven above_cloud parachute",
    Place.SPACE: "space galaxy nebula cosmos orbit universe stars planet asteroid outer_space cosmic "
    "satellite "
    "milky_way black_hole spacecraft interstellar",
    Place.SKYLINE: "city skyline metropolis downtown skyscraper cityscape urban tokyo york london "
    "paris megacity "
    "shanghai dubai hong_kong futuristic_city",
    Place.ROOFTOP: "rooftop roof balcony terrace helipad",
    Place.STREET: "street alley avenue sidewalk boulevard alleyway intersection crosswalk neon "
    "neighborhood "
    "backstreet suburb lane parade traffic shopfront",
    Place.MARKET: "market bazaar marketplace market_square stall souk fair festival carnival vendor",
    Place.VILLAGE: "village town hamlet cottage house cabin farmhouse settlement home hut",
    Place.ROAD: "road highway freeway motorway route path trail drive driving racetrack journey",
    Place.RAILWAY: "railway train station railroad subway platform metro locomotive track",
    Place.CASTLE: "castle fortress palace citadel kingdom tower stronghold keep fairy_tale rampart",
    Place.RUINS: "ruin temple ancient pyramid_temple shrine column stonehenge acropolis tomb "
    "archaeological "
    "civilization monument aztec maya abandoned_city overgrown",
    Place.CAVE: "cave cavern grotto underground mine tunnel dungeon crypt lair catacomb chamber",
    Place.HALL: "hall church cathedral throne ballroom museum gallery monastery abbey court mansion chapel "
    "throne_room lobby great_hall",
    Place.LIBRARY: "library bookshelf bookstore archive bookshop study",
    Place.ROOM: "room living_room apartment indoors sofa couch fireplace lounge flat interior parlor attic "
    "dining_room hotel window",
    Place.BEDROOM: "bedroom bed dormitory nursery hospital ward pillow",
    Place.KITCHEN: "kitchen cook cooking bakery restaurant_kitchen stove oven baking chef recipe",
    Place.OFFICE: "office boardroom workplace desk startup meeting cubicle newsroom headquarters company "
    "coworking team presentation",
    Place.CLASSROOM: "classroom school lesson lecture university student blackboard teacher",
    Place.LABORATORY: "laboratory lab experiment scientist clinic research operating_room server_room "
    "chemist",
    Place.CAFE: "cafe bar pub tavern restaurant diner coffee_shop saloon inn nightclub coffeehouse casino",
    Place.WORKSHOP: "workshop garage factory forge warehouse blacksmith industrial hangar carpenter "
    "craftsman mill",
    Place.STAGE: "stage concert theater theatre performance audience opera circus spotlight band gig "
    "orchestra "
    "nightlife auditorium",
    Place.CORRIDOR: "corridor hallway passage prison asylum cell vault stairwell",
    Place.SPACESHIP: "spaceship_interior cockpit bridge_of_ship starship space_station control_room cryo",
    Place.STUDIO: "studio product backdrop packshot showcase white_background logo unboxing tabletop",
}

TIMES: dict[Time, str] = {
    Time.DAWN: "dawn sunrise daybreak early_morning first_light morning",
    Time.DAY: "day noon midday daylight sunny afternoon bright sunlight sunlit summer blue_sky sunshine",
    Time.SUNSET: "sunset golden_hour golden_light evening_sun golden setting_sun sundown amber_light",
    Time.DUSK: "dusk twilight evening blue_hour nightfall gloaming",
    Time.NIGHT: "night midnight moonlit moonlight moon starry nighttime nocturnal dark darkness star stars "
    "neon "
    "firework starlight lantern",
    Time.OVERCAST: "overcast cloudy gray grey gloomy rain rainy storm stormy fog foggy mist misty "
    "drizzle bleak "
    "thunder gloom blizzard haze",
}

WEATHERS: dict[Weather, str] = {
    Weather.RAIN: "rain rainy drizzle downpour raining monsoon wet",
    Weather.SNOW: "snow snowy blizzard snowfall snowing winter christmas snowflake",
    Weather.FOG: "fog foggy mist misty haze hazy eerie smoke smoky steam mysterious",
    Weather.STORM: "storm stormy thunder lightning thunderstorm tempest hurricane",
    Weather.WIND: "wind windy breeze autumn leaf petal blossom",
    Weather.DUST: "dust dusty sandstorm ash debris",
    Weather.FIRE: "fire flame burning blaze explosion battle war inferno bonfire burn ember lava eruption",
    Weather.MAGIC: "magic magical enchanted fairy spell glowing firefly sparkle mystical wizard "
    "portal rune glow "
    "sparkling ethereal treasure",
    Weather.AURORA: "aurora northern_light polar_light",
    Weather.FIREWORKS: "firework celebration new_year",
}

LOOKS: dict[Look, str] = {
    Look.CINEMATIC: "cinematic film movie epic dramatic blockbuster hollywood realistic photorealistic",
    Look.NOIR: "noir black_and_white monochrome detective_film bw b&w greyscale grayscale",
    Look.WATERCOLOR: "watercolor watercolour painting painterly aquarelle gouache impressionist "
    "oil_painting "
    "storybook pastel ink sketch",
    Look.ANIME: "anime manga ghibli japanese_animation cel_shaded",
    Look.DOCUMENTARY: "documentary natural reportage news handheld authentic nature_film",
    Look.VINTAGE: "vintage retro sepia 70s 80s 60s old_film nostalgic analog super_8 kodak 1950s",
    Look.FANTASY: "fantasy magical fairytale fairy_tale mythical dreamy surreal ethereal",
    Look.CYBERPUNK: "cyberpunk neon synthwave futuristic sci-fi scifi science_fiction vaporwave tron "
    "blade_runner",
    Look.MINIMALIST: "minimalist minimal clean simple flat abstract geometric",
    Look.HORROR: "horror scary creepy dark gothic thriller haunted spooky eerie",
    Look.CARTOON: "cartoon pixar animated comic 3d_animation disney children playful kid claymation",
    Look.COMMERCIAL: "commercial advertisement corporate product modern bright promo advertising lifestyle",
}

SHOTS: dict[Shot, str] = {
    Shot.EXTREME_WIDE: "extreme_wide establishing aerial drone panorama panoramic vast bird's_eye "
    "extreme_long",
    Shot.WIDE: "wide long_shot landscape wide-angle wide_angle",
    Shot.FULL: "full_shot full_body full-body full_figure",
    Shot.MEDIUM: "medium mid_shot waist cowboy_shot waist-up two_shot over_the_shoulder mid-shot",
    Shot.CLOSE_UP: "close_up close-up closeup portrait headshot face detail_shot expression",
    Shot.EXTREME_CLOSE_UP: "extreme_close macro extreme_close-up extreme_closeup eye",
}

POSES: dict[Pose, str] = {
    Pose.WALK: "walk walking enter entering stroll wander wandering approach hike march leave cross "
    "explore travel "
    "step return follow arrive search trek",
    Pose.RUN: "run running sprint chase chasing flee kick race escape rush jog jump leap hurry",
    Pose.SIT: "sit sitting seated rest read reading write writing type drink eat study work relax meditate "
    "thinking drive chess card",
    Pose.KNEEL: "kneel kneeling crouch pray planting_something bow inspect examine discover find uncover "
    "open",
    Pose.REACH: "reach reaching raise celebrate cheer wave waving lift triumph victory grab greet victorious",
    Pose.POINT: "point pointing present presenting show explain teach offer hand guide",
    Pose.FIGHT: "fight fighting battle attack duel swing strike defend charge combat",
    Pose.DANCE: "dance dancing sing perform play spin singing playing",
    Pose.RIDE: "ride riding rider horseback mounted on_a_horse on_a_camel on_an_elephant on_a_dragon gallop",
    Pose.CLIMB: "climb climbing scale ascend",
    Pose.LIE: "lie lying sleep sleeping asleep",
    Pose.BACK: "look looking gaze watch watching stare overlook stand_before facing admire behind "
    "silhouette "
    "silhouetted",
}

Role = tuple[Outfit, Headwear, float, bool | None, str]
"""Outfit, headwear, height, long hair (None: by the name), and what is held."""

_C, _N = Outfit.CASUAL, Headwear.NONE
ROLES: dict[str, Role] = {
    "man guy father dad boyfriend husband brother uncle worker customer passenger him he": (_C, _N, 1.02,
        False, ""),
    "woman lady mother mom girlfriend wife sister aunt she her": (_C, _N, 0.96, True, ""),
    "girl daughter": (Outfit.DRESS, _N, 0.7, True, ""),
    "boy son kid": (_C, _N, 0.7, False, ""),
    "child toddler baby": (_C, _N, 0.62, None, ""),
    "person someone people friend couple family figure human traveler traveller tourist youth "
    "teenager student "
    "actor hero heroine protagonist character villager stranger musician singer artist painter writer user "
    "inventor photographer neighbor lover dreamer visitor client they everyone face portrait eye "
    "headshot smile expression group friends crew hand": (_C, _N, 1.0, None, ""),
    "bride princess ballerina dancer fairy goddess": (Outfit.DRESS, _N, 0.97, True, ""),
    "businessman team colleague employee executive manager boss lawyer politician ceo groom "
    "presenter agent spy banker host": (
        Outfit.SUIT, _N, 1.02, False, ""),
    "businesswoman entrepreneur founder": (Outfit.SUIT, _N, 0.97, True, ""),
    "detective investigator inspector gangster mobster": (Outfit.COAT, Headwear.BRIM, 1.02, False, ""),
    "adventurer explorer archaeologist hiker climber backpacker": (Outfit.COAT, Headwear.BRIM, 1.0, None,
        "pack"),
    "farmer cowboy sheriff rancher gardener fisherman": (_C, Headwear.BRIM, 1.0, False, ""),
    "knight paladin gladiator viking": (Outfit.ARMOR, Headwear.HELMET, 1.04, False, "sword"),
    "warrior samurai ninja swordsman fighter": (Outfit.ARMOR, _N, 1.02, None, "sword"),
    "king emperor prince": (Outfit.ROBE, Headwear.CROWN, 1.04, False, ""),
    "queen empress": (Outfit.DRESS, Headwear.CROWN, 0.98, True, ""),
    "wizard sorcerer magician mage witch sorceress": (Outfit.ROBE, Headwear.POINTED, 1.0, True, "staff"),
    "monk priest druid nun hermit": (Outfit.ROBE, Headwear.HOOD, 1.0, False, "staff"),
    "assassin thief rogue ghost vampire figure_in_cloak wanderer pilgrim": (
        Outfit.CLOAK, Headwear.HOOD, 1.0, None, ""),
    "astronaut cosmonaut spaceman": (Outfit.SPACESUIT, Headwear.VISOR, 1.02, False, ""),
    "diver": (Outfit.SPACESUIT, Headwear.VISOR, 1.0, False, ""),
    "soldier policeman police officer guard firefighter pilot captain sailor general": (
        Outfit.UNIFORM, Headwear.CAP, 1.02, False, ""),
    "pirate": (Outfit.COAT, Headwear.TRICORNE, 1.02, None, "sword"),
    "chef baker cook barista waiter": (Outfit.APRON, Headwear.TOQUE, 1.0, None, ""),
    "scientist doctor professor nurse researcher engineer surgeon chemist": (
        Outfit.COAT, _N, 1.0, None, ""),
    "teacher": (_C, _N, 1.0, None, "book"),
    "blacksmith carpenter mechanic craftsman builder": (Outfit.APRON, _N, 1.03, False, ""),
    "robot android cyborg droid": (Outfit.ROBOT, Headwear.HELMET, 1.05, False, ""),
    "athlete runner player footballer dancer_in_gym boxer surfer skier cyclist yogi": (
        Outfit.SPORT, _N, 1.0, None, ""),
    "alien": (Outfit.ROBE, _N, 1.05, False, ""),
}  # fmt: skip

OLD = frozenset("old elderly grandfather grandmother grandpa grandma aged elder".split())
ELDERS: dict[str, Role] = {
    "grandfather grandpa": (_C, _N, 0.97, False, ""),
    "grandmother grandma": (Outfit.DRESS, _N, 0.93, True, ""),
    "elder": (Outfit.ROBE, _N, 0.97, None, "staff"),
}
CROWDS = frozenset(
    "crowd people audience army villager citizen protester fan spectator soldier everyone guest "
    "passenger troop "
    "tourist shopper".split()
)
"""Many of these make a crowd where they stand in the plural; the first few of them always do."""
ALWAYS_CROWDS = frozenset("crowd audience army parade protest spectator concert troop festival".split())
GROUPS = dict.fromkeys("couple two lover duo sibling twin parent together".split(), 2) | dict.fromkeys(
    "friend team group family crew three trio colleague band".split(), 3
)
"""How many people these words make of one."""

MOUNTS = frozenset({"horse", "camel", "elephant", "dragon"})

ANIMALS: dict[str, str] = {
    "dog": "dog puppy hound retriever labrador",
    "wolf": "wolf werewolf coyote",
    "fox": "fox",
    "cat": "cat kitten",
    "lion": "lion",
    "tiger": "tiger leopard panther cheetah jaguar",
    "bear": "bear panda",
    "horse": "horse pony stallion mare cavalry unicorn",
    "deer": "deer stag doe reindeer elk moose gazelle",
    "cow": "cow bull ox buffalo bison cattle",
    "sheep": "sheep lamb goat",
    "elephant": "elephant mammoth",
    "rabbit": "rabbit bunny hare",
    "camel": "camel",
    "bird": "bird eagle hawk raven crow seagull gull owl falcon parrot dove phoenix sparrow "
    "pigeon stork crane",
    "swan": "swan goose duck duckling cygnet",
    "penguin": "penguin",
    "bee": "bee wasp hornet",
    "dragon": "dragon wyvern",
    "fish": "fish salmon goldfish",
    "whale": "whale orca",
    "shark": "shark dolphin",
    "turtle": "turtle",
    "dinosaur": "dinosaur rex t-rex raptor",
    "butterfly": "butterfly moth",
}

THINGS: dict[str, str] = {
    "car": "car automobile vehicle taxi cab suv sedan limousine sports_car",
    "truck": "truck van lorry ambulance",
    "bus": "bus tram",
    "bicycle": "bicycle bike cyclist",
    "motorcycle": "motorcycle motorbike scooter",
    "ship": "ship galleon sailboat frigate schooner yacht vessel",
    "boat": "boat sail canoe kayak rowboat raft",
    "plane": "plane airplane aircraft jet airliner fighter_jet",
    "helicopter": "helicopter drone",
    "balloon": "balloon airship zeppelin",
    "rocket": "rocket shuttle missile",
    "spaceship": "spaceship spacecraft starship ufo",
    "train": "train locomotive metro",
    "house": "house cottage cabin home hut farmhouse barn",
    "tree": "tree oak",
    "tent": "tent camp camping campsite",
    "campfire": "campfire bonfire fire hearth",
    "torch": "torch",
    "lighthouse": "lighthouse",
    "windmill": "windmill",
    "tower": "tower clocktower",
    "statue": "statue idol sculpture",
    "portal": "portal gate gateway archway",
    "chest": "chest treasure loot",
    "sword": "sword blade katana excalibur",
    "crown": "crown tiara",
    "crystal": "crystal gem diamond jewel ring orb amulet artifact relic",
    "key": "key",
    "map": "map scroll parchment letter document paper blueprint newspaper contract",
    "book": "book diary journal tome novel notebook",
    "lamp": "lamp",
    "street_lamp": "street_lamp streetlamp streetlight street_light lamppost lamp_post",
    "apple": "apple orange fruit peach pear lemon tomato pumpkin",
    "lantern": "lantern",
    "candle": "candle",
    "clock": "clock wristwatch pocket_watch hourglass alarm_clock",
    "phone": "phone smartphone mobile cellphone app tablet",
    "laptop": "laptop computer screen monitor keyboard code software website",
    "camera": "camera",
    "cup": "cup coffee tea mug espresso latte",
    "bottle": "bottle wine perfume potion flask beer",
    "food": "food meal dish plate pizza burger cake bread pasta breakfast dinner pastry",
    "flower": "flower rose tulip sunflower bouquet lily daisy",
    "plant": "plant seedling sapling sprout seed",
    "table": "table",
    "chair": "chair throne",
    "box": "box package parcel gift present",
    "guitar": "guitar violin",
    "piano": "piano",
    "ball": "ball football basketball soccer",
    "umbrella": "umbrella parasol",
    "flag": "flag banner",
    "door": "door doorway",
    "skull": "skull skeleton bone",
    "shoe": "shoe sneaker boot",
    "microphone": "microphone podcast",
    "telescope": "telescope",
    "bench": "bench",
    "robot_arm": "machine robotic_arm gear engine",
    "moon": "moon full_moon",
    "mirror": "mirror",
    "trophy": "trophy medal award cup_final",
}

NEGATIONS = frozenset({"no", "without", "not", "never", "nobody", "empty", "deserted"})
"""The two words after one of these are not shown; after the last two, nobody is."""
