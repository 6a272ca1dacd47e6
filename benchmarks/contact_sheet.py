"""Draws animatic frames of very different prompts and lays them out on one sheet to look at.

``python -m benchmarks.contact_sheet OUT.png [--size WxH] [--from N] [--count N]``; prints what each took.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from videocraft.generation.base import ImageRequest
from videocraft.generation.illustrators.builtin.lighting import Pixels
from videocraft.generation.illustrators.builtin.painting import paint, save

PROMPTS: tuple[tuple[str, str], ...] = (
    ("A brave hero entering mysterious ancient ruins at sunset", "cinematic"),
    ("Close-up of treasure chest with golden light in a cave", "cinematic"),
    ("A detective in a trench coat walks down a rainy street at night", "film noir"),
    ("Wide shot of a snowy mountain range at dawn, two climbers", "documentary"),
    ("An astronaut walking on Mars, planets in the sky", "cinematic"),
    ("A dragon flies over a castle at dusk", "fantasy"),
    ("Portrait of an old fisherman with a beard in the harbor", "documentary"),
    ("Neon city street with a robot, rain", "cyberpunk"),
    ("A girl with a dog running through a meadow with flowers", "anime"),
    ("A chef cooking in a restaurant kitchen", "commercial"),
    ("A sailing ship in a storm with lightning", "cinematic"),
    ("Forest at morning with fog and a deer", "watercolor"),
    ("A knight fights with a sword before a burning village at night", "fantasy"),
    ("Close-up of a woman's face, tears, window light", "cinematic"),
    ("A coffee cup on a wooden table, morning", "commercial"),
    ("Aerial view of a futuristic city skyline at night", "cyberpunk"),
    ("A couple dancing on the beach at sunset", "vintage"),
    ("A wizard reading a glowing book in an old library", "fantasy"),
    ("Extreme close-up of an eye", "horror"),
    ("A rocket launches into space, stars and nebula", "cinematic"),
    ("Scientists in a laboratory with screens", "documentary"),
    ("A camel caravan crossing the desert dunes", "vintage"),
    ("A smartphone on a clean studio background", "minimalist"),
    ("Business team meeting in a modern office", "commercial"),
    ("A whale underwater with coral and light rays", "documentary"),
    ("A child sleeping in the bedroom, moonlight", "cartoon"),
    ("Busy market in a medieval town with a crowd", "cinematic"),
    ("Northern lights over a frozen lake", "cinematic"),
    ("A car drives on a desert highway at golden hour", "cinematic"),
    ("A wolf howling on a hill under the full moon", "horror"),
    ("A singer on stage with spotlights and audience", "cinematic"),
    ("A cottage in the village at Christmas, snow", "watercolor"),
    ("A volcano erupts, lava flows", "cinematic"),
    ("A cowboy on a horse in the canyon", "vintage"),
    ("Medium shot of a king in the throne room", "fantasy"),
    ("Hot air balloons over the clouds at sunrise", "anime"),
    ("A cat on a rooftop at night with the moon", "cartoon"),
    ("Elephants in the savanna at sunset", "documentary"),
    ("Friends around a campfire in the forest at night", "cinematic"),
    ("A long dark corridor in an abandoned hospital", "horror"),
)


def contact_sheet(pictures: list[Pixels], columns: int = 5, width: int = 480) -> Pixels:
    """Pictures of one size side by side, each ``width`` pixels wide."""
    height = round(width * pictures[0].shape[0] / pictures[0].shape[1])
    cells = [cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) for picture in pictures]
    cells += [np.zeros_like(cells[0])] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def main() -> None:
    """Draw and time them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--count", type=int, default=len(PROMPTS))
    parser.add_argument("--columns", type=int, default=4)
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    pictures, spent = [], []
    for number, (prompt, style) in enumerate(PROMPTS[options.first : options.first + options.count]):
        before = time.process_time()
        pictures.append(paint(ImageRequest(prompt, style, width, height, seed=number)))
        spent.append(time.process_time() - before)
    save(contact_sheet(pictures, options.columns, 480 if width >= height else 300), options.out)
    typical, most = float(np.median(spent)), max(spent)
    print(f"{len(spent)} pictures of {width}x{height}: CPU median {typical:.2f} s, most {most:.2f} s")


if __name__ == "__main__":
    main()
