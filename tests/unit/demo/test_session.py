"""The second act's recordings begin when they are said to, and its shots lie within them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from videocraft.demo import recordings
from videocraft.demo.recordings import (
    RECORDINGS,
    SAMPLE_RATE,
    Recording,
    make_recording,
    room_sound,
    true_offset_ms,
    write_sound,
)
from videocraft.demo.session import CUTS, END, FRAMES, MASTER, edit
from videocraft.demo.stage import DemoFailed
from videocraft.media import ffmpeg
from videocraft.media.probe import MediaInfo, probe


def config(**changes: Any) -> dict[str, Any]:
    """What the server answers, as far as the edit looks at it."""
    sources = [
        {"cameraLabel": one.label, "filePath": f"asset:{one.label}", "syncOffset": true_offset_ms(one) / 1000}
        for one in RECORDINGS
    ]
    whole = {"sourceIndex": 0, "startTime": 3.8, "endTime": 22.4}
    return {"sources": sources, "segments": [whole], "output": {"codec": "copy"}} | changes


def test_cameras_begin_on_a_sample_and_not_on_a_frame_or_millisecond() -> None:
    for recording in RECORDINGS:
        assert (recording.begins * SAMPLE_RATE).denominator == 1
    others = [true_offset_ms(recording) for recording in RECORDINGS[1:]]
    assert others == pytest.approx([3787.2708, -1588.875], abs=1e-3)
    assert all(offset % 1 and offset * 30 / 1000 % 1 for offset in others)


def test_shots_follow_one_another_within_every_camera() -> None:
    made = edit(config())
    assert {label for label, _ in CUTS} == {recording.label for recording in RECORDINGS}
    offsets = [source["syncOffset"] for source in made["sources"]]
    reached = CUTS[0][1]
    for shot in made["segments"]:
        offset = offsets[shot["sourceIndex"]]
        assert shot["startTime"] + offset == pytest.approx(reached)
        reached = shot["endTime"] + offset
        assert 0 < shot["startTime"] < shot["endTime"] < recordings.SECONDS
        assert shot["audioSourceIndex"] == 0
    assert reached == pytest.approx(END)
    assert FRAMES == 540
    assert made["output"] == {"codec": "copy"}
    assert RECORDINGS[0].label == MASTER


@pytest.mark.parametrize(
    "changes",
    [
        {"segments": [{"startTime": 4.1, "endTime": 22.4}]},
        {"segments": [{"startTime": 3.8, "endTime": 21.0}]},
        {"sources": config()["sources"][:2]},
    ],
)
def test_a_config_that_can_not_be_is_found(changes: dict[str, Any]) -> None:
    with pytest.raises(DemoFailed, match=r"the export config has|the cameras are said"):
        edit(config(**changes))


def test_the_room_is_heard_at_the_moment_that_a_camera_began(tmp_path: Path) -> None:
    room = room_sound()
    assert 0.02 < float(room.std()) < 0.2
    assert float(np.abs(room).max()) < 1
    for recording in RECORDINGS:
        path = tmp_path / "heard.wav"
        write_sound(recording, room, path)
        heard = np.frombuffer(path.read_bytes()[44:], "<i2")
        assert len(heard) == recordings.SECONDS * SAMPLE_RATE
        first = int(recording.begins * SAMPLE_RATE)
        assert np.corrcoef(heard, room[first : first + len(heard)])[0, 1] > 0.5
        assert abs(np.corrcoef(heard[:-48], room[first + 48 : first + len(heard)])[0, 1]) < 0.5


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda one: one.label)
def test_a_recording_is_what_cameras_make(
    tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "SECONDS", 1)
    path = tmp_path / recording.file_name
    room = np.random.default_rng(1).standard_normal(10 * SAMPLE_RATE) * 0.1
    fractions: list[float] = []
    make_recording(recording, room, path, binary=ffmpeg.binary(), on_fraction=fractions.append)
    (info,) = probe([path])
    assert isinstance(info, MediaInfo)
    assert info.video is not None
    assert (info.video.codec, info.video.frames, info.video.rate) == ("h264", 30, 30)
    assert [(track.codec, track.channels) for track in info.audio] == [("aac", 2)]
    assert fractions[-1] == 1.0
    assert [one.name for one in tmp_path.iterdir()] == [recording.file_name]
