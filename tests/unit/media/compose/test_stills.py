"""Moving over a still: where every pixel comes from, and that nothing trembles."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from videocraft.errors import MediaError
from videocraft.media.compose.motion import Motion, Rect
from videocraft.media.compose.stills import Moving, feed, sheet, working_size

WIDTH, HEIGHT = 640, 360
EDGE = 260.0


def picture(folder: Path, *, has_alpha: bool = False) -> Path:
    """Raw planes of a picture that is dark left of ``EDGE`` and bright right of it, with a soft step."""
    columns = np.arange(WIDTH) + 0.5
    luma = 40 + 160 / (1 + np.exp(-(columns - EDGE) / 1.2))
    planes = [np.tile(luma.astype(np.uint8), (HEIGHT, 1))]
    planes += [np.full((HEIGHT // 2, WIDTH // 2), value, np.uint8) for value in (100, 150)]
    if has_alpha:
        planes.append(np.full((HEIGHT, WIDTH), 77, np.uint8))
    path = folder / f"still-{has_alpha}.yuv"
    path.write_bytes(b"".join(plane.tobytes() for plane in planes))
    return path


def moving(
    path: Path, motion: Motion, *, frames: int, box: tuple[int, int] = (320, 180), **more: int
) -> Moving:
    return Moving(path, WIDTH, HEIGHT, box, bool(more.get("has_alpha")), motion, more.get("first", 0), frames)


def edges(still: Moving, count: int) -> list[float]:
    """Where the step stands in each frame, to a fraction of a pixel: by the area of the dark part."""
    stream = io.BytesIO()
    feed([still], count, lambda: None)(stream)
    wide, high = still.box
    frames = np.frombuffer(stream.getvalue(), np.uint8).reshape(count, high * 3 // 2, wide)
    rows = frames[:, high // 2, :].astype(float)
    return [float((200 - row).sum() / 160) for row in rows]


@pytest.mark.parametrize("seconds", [3, 10])
def test_an_edge_moves_without_a_tremble(seconds: int, tmp_path: Path) -> None:
    motion = Motion(Rect(0, 0, 0.8, 0.8), Rect(0.1, 0.1, 0.75, 0.75))
    frames = seconds * 30
    positions = edges(moving(picture(tmp_path), motion, frames=frames), frames)
    assert positions[0] - positions[-1] > 20
    assert np.abs(np.diff(positions, 2)).mean() <= 0.03


def test_the_edge_stands_where_the_geometry_says(tmp_path: Path) -> None:
    motion = Motion(Rect(), Rect(0.25, 0.25, 0.5, 0.5))
    first, *_, last = edges(moving(picture(tmp_path), motion, frames=31), 31)
    assert first == pytest.approx(EDGE / 2, abs=0.3)
    assert last == pytest.approx(EDGE - WIDTH / 4, abs=0.3)


@pytest.mark.parametrize(
    "motion",
    [
        Motion(Rect.around(0.45, 0.5, 2.0), Rect.around(0.55, 0.5, 2.0), "smooth"),
        Motion(Rect.around(0.48, 0.5, 1.6), Rect.around(0.56, 0.5, 1.6), "smooth"),
        Motion(Rect.around(0.45, 0.5, 1.9), Rect.around(0.5, 0.52, 2.1)),
        Motion(Rect.around(0.45, 0.5, 2.0), Rect.around(0.45, 0.5, 2.01)),
    ],
    ids=["a pan", "a pan from afar", "through its own size", "hardly at all"],
)
def test_no_motion_trembles(motion: Motion, tmp_path: Path) -> None:
    positions = edges(moving(picture(tmp_path), motion, frames=120), 120)
    assert np.ptp(positions) > 0.1
    assert np.abs(np.diff(positions, 2)).mean() <= 0.025


def test_a_pan_is_prepared_at_its_own_size() -> None:
    pan = Motion(Rect.around(0.4, 0.5, 1.25), Rect.around(0.6, 0.5, 1.25))
    assert working_size((WIDTH, HEIGHT), (640, 360), pan) == (800, 450)
    zoom = Motion(Rect(), Rect.around(0.6, 0.5, 1.25))
    assert working_size((WIDTH, HEIGHT), (640, 360), zoom) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    "motion",
    [Motion(Rect(), Rect.around(0.5, 0.5, 1.1)), Motion(Rect.around(0.4, 0.5, 2), Rect.around(0.6, 0.5, 2))],
    ids=["zoom", "pan"],
)
def test_one_still_dissolves_into_another_evenly(motion: Motion, tmp_path: Path) -> None:
    still = moving(picture(tmp_path), motion, frames=8)
    other = moving(picture(tmp_path), Motion(motion.end, motion.start), frames=8)

    def frames(*stills: Moving, is_mixed: bool = False) -> NDArray[np.float64]:
        stream = io.BytesIO()
        feed(stills, 8, lambda: None, is_mixed=is_mixed)(stream)
        return np.frombuffer(stream.getvalue(), np.uint8).reshape(8, -1).astype(float)

    mixed, first, second = frames(still, other, is_mixed=True), frames(still), frames(other)
    share = np.arange(8)[:, None] / 8
    assert np.abs(mixed - (first * (1 - share) + second * share)).max() <= 1


def test_pieces_of_one_motion_go_on_where_the_last_ended(tmp_path: Path) -> None:
    motion = Motion(Rect(), Rect(0.2, 0.2, 0.6, 0.6), "smooth")
    path = picture(tmp_path)
    whole = edges(moving(path, motion, frames=40), 40)
    begun = edges(moving(path, motion, frames=40), 25)
    ended = edges(moving(path, motion, frames=40, first=25), 15)
    assert whole == begun + ended


def test_stills_of_one_piece_stand_below_one_another(tmp_path: Path) -> None:
    still = Motion(Rect(), Rect())
    opaque = moving(picture(tmp_path), still, frames=2, box=(320, 180))
    glassy = moving(picture(tmp_path, has_alpha=True), still, frames=2, box=(160, 90), has_alpha=1)
    assert sheet([opaque, glassy]) == (320, 270)
    stream = io.BytesIO()
    feed([opaque, glassy], 2, lambda: None)(stream)
    frame = np.frombuffer(stream.getvalue(), np.uint8).reshape(2, -1)[1]
    alpha = frame[-320 * 270 :].reshape(270, 320)
    assert (alpha[:180] == 255).all()
    assert (alpha[180:, :160] == 77).all()


def test_a_picture_that_was_not_decoded_whole_is_an_error(tmp_path: Path) -> None:
    path = picture(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MediaError, match="decoded whole"):
        feed([moving(path, Motion(Rect(), Rect()), frames=1)], 1, lambda: None)(io.BytesIO())
