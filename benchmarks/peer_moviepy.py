"""The film of `benchmarks.compose` by moviepy 2, as its documentation would have it made.

Run by the Python that has moviepy, which needs nothing else: ``python peer_moviepy.py PLAN.json``. The plan
holds ``size``, ``zoom``, ``seconds`` of a scene, ``scenes`` (paths of stills and videos), ``captions`` (for
each scene what is on screen from when to when), ``font``, ``font_size``, ``stroke_width``, ``bottom`` (pixels
below the captions), ``voice`` and ``output``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(plan: dict[str, Any]) -> None:
    """Make the film."""
    import moviepy as mp

    size, seconds = tuple(plan["size"]), plan["seconds"]
    growth = (plan["zoom"] - 1) / seconds
    scenes = []
    for path, captions in zip(plan["scenes"], plan["captions"], strict=True):
        if path.endswith(".png"):
            still = mp.ImageClip(path).with_duration(seconds).resized(size)
            picture = still.resized(lambda at: 1 + growth * at).with_position("center")
        else:
            picture = mp.VideoFileClip(path)
        layers = [picture]
        for start, end, text in captions:
            words = mp.TextClip(
                font=plan["font"],
                text=text,
                font_size=plan["font_size"],
                color="white",
                stroke_color="black",
                stroke_width=plan["stroke_width"],
                text_align="center",
            )
            top = size[1] - plan["bottom"] - words.h
            layers.append(words.with_start(start).with_end(end).with_position(("center", top)))
        scenes.append(mp.CompositeVideoClip(layers, size=size).with_duration(seconds))
    film = mp.concatenate_videoclips(scenes).with_audio(mp.AudioFileClip(plan["voice"]))
    film.write_videofile(
        plan["output"], fps=30, preset="veryfast", ffmpeg_params=["-crf", "23"], threads=2, logger=None
    )


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
