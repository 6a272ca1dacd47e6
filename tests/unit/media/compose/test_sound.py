"""Sound on the sample grid: where clips lie, and where music gives way."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from videocraft.media.compose.film import AudioClip, Film, FilmScene, Source
from videocraft.media.compose.sound import DUCKED_GAIN, ducking, length_of, place
from videocraft.media.probe import AudioStream, MediaInfo

TRACK = AudioStream(0, "aac", 48000, 2, "stereo", Fraction(0), Fraction(2))
SOURCE = Source(Path("a.m4a"), MediaInfo("a", 1, "mov", Fraction(2), Fraction(0), None, (TRACK,), 1), "a")


def film_of(*clips: AudioClip, frames: int = 150, own: tuple[AudioClip, ...] = ()) -> Film:
    scenes = (FilmScene(frames=31), FilmScene(frames=frames, audio=clips))
    return Film(width=320, height=180, scenes=scenes, audio=own)


def test_a_clip_begins_with_its_scene_and_ends_with_its_source() -> None:
    (clip,) = place(film_of(AudioClip(source=SOURCE, start=Fraction(1, 10))))
    assert (clip.begin, clip.samples) == (31 * 1600 + 4800, 96000)


def test_a_clip_ends_with_its_scene_at_the_latest() -> None:
    (clip,) = place(film_of(AudioClip(source=SOURCE), frames=30))
    assert clip.samples == 48000


@pytest.mark.parametrize(
    "clip",
    [
        AudioClip(source=SOURCE, offset=Fraction(2)),
        AudioClip(source=SOURCE, start=Fraction(99)),
        AudioClip(source=SOURCE, volume=0),
    ],
)
def test_what_is_never_heard_is_left_out(clip: AudioClip) -> None:
    assert place(film_of(clip)) == []


def test_a_loop_fills_its_scene_from_where_it_begins() -> None:
    (clip,) = place(film_of(AudioClip(source=SOURCE, loop=True, offset=Fraction(3, 2))))
    assert [(span.start, span.samples) for span in clip.spans] == [
        (Fraction(3, 2), 24000),
        (Fraction(0), 96000),
        (Fraction(0), 96000),
        (Fraction(0), 24000),
    ]


def test_the_films_own_sound_runs_through_all_scenes() -> None:
    film = film_of(own=(AudioClip(source=SOURCE, loop=True),))
    (clip,) = place(film)
    assert (clip.begin, clip.samples) == (0, length_of(film))


def test_music_gives_way_before_speech_and_comes_back_behind_it() -> None:
    levels = np.zeros(600, np.float32)
    levels[200:300] = 0.1
    gains = ducking(levels)
    assert gains[:160] == pytest.approx(1.0)
    assert gains[200:300] == pytest.approx(DUCKED_GAIN, abs=0.01)
    assert gains[370:] == pytest.approx(1.0)
    # Nothing jumps: a step of 10 ms is less than 1 dB.
    assert np.abs(np.diff(20 * np.log10(gains))).max() < 1
