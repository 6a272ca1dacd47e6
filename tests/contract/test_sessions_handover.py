"""What a decided sync hands on: files for editing programs, and a config that the exports API takes."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import imageio_ffmpeg
import opentimelineio as otio
import pytest

from tests.contract.exports_world import World, config, open_world, source
from videocraft.apis.sessions.handover import editor_file, export_config
from videocraft.core.database.models import Asset, RecordingSession, Sync
from videocraft.errors import Conflict, InvalidInput, NotFound

SESSION = "session-xyz789"
NUMBERS = itertools.count()
DAY = "projects/proj-abc123/20260203/originals"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(tmp_path / "data", monkeypatch) as opened:
        yield opened


def add_session(world: World, **facts: Any) -> None:
    """A session's row."""
    standard: dict[str, Any] = {
        "id": SESSION,
        "title": "Sunday Service",
        "date": "2026-02-03",
        "project_id": "proj-abc123",
        "created_at": 1.0,
        "updated_at": 1.0,
    }
    with world.services.database.write() as session:
        session.add(RecordingSession(**(standard | facts)))


def add_asset(world: World, label: str, *, seconds: float = 4, suffix: str = ".mp4", **facts: Any) -> str:
    """A ready asset and its file; facts of `Asset` and of `Camera` as they come."""
    key = f"{DAY}/angle-00{ord(label) - 64}_v001{suffix}"
    columns = {"filename", "status", "media"}
    made = {key: value for key, value in facts.items() if key not in columns}
    world.camera(key, seconds, camera=ord(label) - 64, **made)
    asset_id = f"asset-{label.lower()}123"
    standard: dict[str, Any] = {
        "id": asset_id,
        "session_id": SESSION,
        "camera_label": label,
        "filename": f"CAM_{label}_001.mp4",
        "content_type": "video/mp4",
        "size_bytes": 1,
        "version": 1,
        "status": "ready",
        "original_key": key,
        "derivatives": [],
        "created_at": 1.0,
        "updated_at": 1.0,
    }
    with world.services.database.write() as session:
        session.add(Asset(**(standard | {key: value for key, value in facts.items() if key in columns})))
    return asset_id


def add_sync(world: World, offsets: dict[str, float] | None, pairs: Any = None, **facts: Any) -> None:
    """A computed sync; approved when there are offsets."""
    number = next(NUMBERS)
    standard: dict[str, Any] = {
        "id": f"sync-{number}",
        "session_id": SESSION,
        "job_id": f"job-{number}",
        "status": "complete",
        "master_camera": "A",
        "method": "xcorr",
        "result": {"master": "A", "pairs": pairs or {}},
        "plots": {},
        "operator_status": "approved" if offsets else "pending",
        "final_offsets": offsets,
        "created_at": 1.0,
    }
    with world.services.database.write() as session:
        session.add(Sync(**(standard | facts)))


PAIRS = {
    "B": {"offset_ms": 1234.4, "drift_ppm": 25.0, "confidence": 12.4, "classification": "looks-good"},
    "C": {"offset_ms": -532.0, "drift_ppm": -0.5, "confidence": 8.1, "classification": "review-suggested"},
}


@pytest.fixture
def three(world: World) -> World:
    """Three cameras: B started 1.234 s after A, and C 0.532 s before it."""
    add_session(world)
    add_asset(world, "A", seconds=4)
    add_asset(world, "B", seconds=4)
    add_asset(world, "C", seconds=4, rate=25)
    add_sync(world, {"A": 0, "B": 1234.4, "C": -532}, PAIRS)
    return world


class TestExportConfig:
    @pytest.mark.main_path
    def test_it_is_complete_and_taken_as_it_is(self, three: World) -> None:
        made = export_config(three.services, SESSION)
        assert (made["version"], made["projectId"], made["projectName"]) == (
            1,
            "proj-abc123",
            "Sunday Service",
        )
        assert [
            {key: one[key] for key in ("id", "filePath", "fps", "hasAudio", "syncOffset", "cameraLabel")}
            for one in made["sources"]
        ] == [
            {
                "id": f"asset-{label.lower()}123",
                "filePath": f"asset:asset-{label.lower()}123",
                "fps": fps,
                "hasAudio": True,
                "syncOffset": offset,
                "cameraLabel": label,
            }
            for label, fps, offset in (("A", 30.0, 0.0), ("B", 30.0, 1.2344), ("C", 25.0, -0.532))
        ]
        assert [one["duration"] for one in made["sources"]] == [4.0, 4.0, 4.0]
        # From B's start to C's end, inwards to A's frames.
        (segment,) = made["segments"]
        assert segment == {
            "sourceIndex": 0,
            "startTime": pytest.approx(38 / 30, abs=1e-6),
            "endTime": pytest.approx(104 / 30, abs=1e-6),
            "audioFromSource": True,
            "audioSourceIndex": 0,
        }
        export_id = three.accepted(made)
        assert export_id.startswith(SESSION)

    def test_every_config_can_be_sent(self, three: World) -> None:
        first, second = (export_config(three.services, SESSION) for _ in range(2))
        assert first["id"] != second["id"]
        assert {**first, "id": ""} | {"createdAt": ""} == {**second, "id": ""} | {"createdAt": ""}

    def test_drift_is_told_where_it_is_seen(self, three: World) -> None:
        made = export_config(three.services, SESSION)
        assert [one["driftPpm"] for one in made["sources"]] == [0.0, 25.0, -0.5]
        assert made["sync"]["notes"] == []
        add_sync(three, {"A": 0, "B": 1234, "C": -532}, PAIRS | {"B": PAIRS["B"] | {"drift_ppm": 9000.0}})
        (note,) = export_config(three.services, SESSION)["sync"]["notes"]
        assert note.startswith("The clock of camera B runs 9000.0 ppm slower than that of camera A")
        assert "36 ms" in note
        guess = PAIRS["B"] | {"drift_ppm": 9000.0, "classification": "needs-manual-nudge"}
        add_sync(three, {"A": 0, "B": 1234, "C": -532}, PAIRS | {"B": guess})
        made = export_config(three.services, SESSION)
        assert (made["sources"][1]["driftPpm"], made["sync"]["notes"]) == (0.0, [])

    def test_cameras_that_never_ran_together_give_all_of_the_master(self, world: World) -> None:
        add_session(world)
        add_asset(world, "A", seconds=2)
        add_asset(world, "B", seconds=2)
        add_sync(world, {"A": 0, "B": 60_000})
        made = export_config(world.services, SESSION)
        assert (made["segments"][0]["startTime"], made["segments"][0]["endTime"]) == (0.0, 2.0)
        world.accepted(made)

    def test_a_recorder_is_heard_and_a_camera_seen(self, world: World) -> None:
        add_session(world)
        add_asset(world, "A", seconds=4)
        add_asset(world, "B", seconds=4)
        strip_picture(world, f"{DAY}/angle-001_v001.mp4")
        add_sync(world, {"A": 0, "B": 500})
        made = export_config(world.services, SESSION)
        assert "width" not in made["sources"][0]
        segment = made["segments"][0]
        assert (segment["sourceIndex"], segment["audioSourceIndex"], segment["startTime"]) == (1, 0, 0.0)
        assert segment["endTime"] == pytest.approx(3.5, abs=0.07)
        world.accepted(made)
        strip_picture(world, f"{DAY}/angle-002_v001.mp4")
        with pytest.raises(Conflict, match="No camera of this session has a picture"):
            export_config(world.services, SESSION)

    def test_a_silent_master_is_not_asked_for_sound(self, world: World) -> None:
        add_session(world)
        add_asset(world, "A", seconds=2, audio=None)
        add_asset(world, "B", seconds=2)
        add_sync(world, {"A": 0, "B": 0})
        made = export_config(world.services, SESSION)
        assert made["sources"][0]["hasAudio"] is False
        assert "audioSourceIndex" not in made["segments"][0]
        world.accepted(made)


def strip_picture(world: World, key: str) -> None:
    """Leave the sound of a recording only."""
    sound = world.settings.data_dir / "sound.mp4"
    with world.services.storage.local_file(key) as path:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-vn", "-c", "copy", sound]
        subprocess.run(command, check=True)
    world.services.storage.put_file(sound, key)


class TestEditorFiles:
    def test_otio_opens_with_the_measured_offsets(self, three: World) -> None:
        made = editor_file(three.services, SESSION, "otio")
        assert made.filename == "Sunday Service.otio"
        timeline = otio.adapters.read_from_string(made.content.decode(), "otio_json")
        begins = {
            track.name: track.find_clips()[0].trimmed_range_in_parent().start_time.value
            for track in timeline.video_tracks()
        }
        assert begins == {"A": 16, "B": 53, "C": 0}
        facts = timeline.video_tracks()[1].find_clips()[0].metadata["videocraft"]
        assert facts["offsetMs"] == 1234.4
        assert (facts["confidence"], facts["classification"]) == (12.4, "looks-good")

    def test_a_correction_is_what_counts(self, three: World) -> None:
        add_sync(three, {"A": 0, "B": 1250, "C": -520}, PAIRS, operator_status="corrected")
        timeline = otio.adapters.read_from_string(
            editor_file(three.services, SESSION, "otio").content.decode(), "otio_json"
        )
        offsets = [clip.metadata["videocraft"]["offsetMs"] for clip in timeline.find_clips()][:3]
        assert offsets == [0.0, 1250.0, -520.0]
        assert timeline.metadata["videocraft"]["operatorStatus"] == "corrected"
        assert export_config(three.services, SESSION)["sources"][1]["syncOffset"] == 1.25

    def test_cameras_that_name_files_alike_have_folders(self, world: World) -> None:
        add_session(world, title='A "b" <c> & d')
        for label in "AB":
            add_asset(world, label, seconds=1, filename="DCIM\\100\\C 0001#.MP4")
        add_asset(world, "C", seconds=1, media={"startTimecode": "01:00:00:10"})
        add_sync(world, {"A": 0, "B": 0, "C": 40})
        root = ET.fromstring(editor_file(world.services, SESSION, "fcpxml").content)
        assert [asset.get("src") for asset in root.iter("asset")] == [
            "./A/C%200001%23.MP4",
            "./B/C%200001%23.MP4",
            "./CAM_C_001.mp4",
        ]
        assert root.findall(".//asset")[2].get("start") == "10801/3s"
        edl = editor_file(world.services, SESSION, "edl")
        assert (
            "CAMC     AA/V  C        01:00:00:10 01:00:01:10 03:00:00:01 03:00:01:01" in edl.content.decode()
        )
        assert edl.content_type == "text/plain; charset=utf-8"

    @pytest.mark.parametrize("format_", ["", "OTIO", "aaf", "otio\0"])
    def test_other_formats_are_refused(self, three: World, format_: str) -> None:
        with pytest.raises(InvalidInput, match="Unknown format") as caught:
            editor_file(three.services, SESSION, format_)
        assert caught.value.details == {"format": "must be otio, edl or fcpxml"}


@pytest.mark.parametrize("hand_over", [export_config, lambda services, of: editor_file(services, of, "otio")])
class TestNotReady:
    def test_no_session(self, world: World, hand_over: Any) -> None:
        with pytest.raises(NotFound) as caught:
            hand_over(world.services, "session-none")
        assert caught.value.code == "SESSION_NOT_FOUND"

    def test_no_decision(self, world: World, hand_over: Any) -> None:
        add_session(world)
        add_asset(world, "A", seconds=1)
        for offsets, facts in (({}, {"status": "computing"}), ({}, {}), ({"A": 0}, {"status": "failed"})):
            add_sync(world, offsets or None, **facts)
            with pytest.raises(Conflict, match="Approve or correct the sync"):
                hand_over(world.services, SESSION)

    def test_a_new_measurement_has_to_be_approved_again(self, three: World, hand_over: Any) -> None:
        add_sync(three, None, PAIRS)
        with pytest.raises(Conflict, match="Approve or correct the sync"):
            hand_over(three.services, SESSION)

    def test_a_file_that_is_gone(self, three: World, hand_over: Any) -> None:
        assert three.services.storage.delete(f"{DAY}/angle-002_v001.mp4")
        with pytest.raises(NotFound, match="The recording of camera B is missing") as caught:
            hand_over(three.services, SESSION)
        assert caught.value.code == "ASSET_NOT_FOUND"


class TestAssetsInExports:
    def test_an_asset_is_a_source(self, three: World) -> None:
        three.accepted(config(sources=[source("asset:asset-a123"), source("b.mp4")]))

    @pytest.mark.parametrize(
        "given", ["asset:", "asset:asset-none", "asset: asset-a123", "asset:ASSET-A123", "asset:../a.mp4"]
    )
    def test_other_names_are_not_found(self, three: World, given: str) -> None:
        response = three.post(config(sources=[source("a.mp4"), source(given)]))
        assert (response.status_code, response.json()) == (400, {"error": f"Source file not found: {given}"})

    @pytest.mark.parametrize("status", ["uploading", "ingesting", "failed"])
    def test_an_asset_that_is_not_ready_is_not_found(self, world: World, status: str) -> None:
        add_session(world)
        add_asset(world, "A", seconds=1, status=status)
        response = world.post(config(sources=[source("asset:asset-a123"), source("b.mp4")]))
        assert response.json() == {"error": "Source file not found: asset:asset-a123"}

    def test_an_asset_without_its_file_is_not_found(self, three: World) -> None:
        assert three.services.storage.delete(f"{DAY}/angle-001_v001.mp4")
        response = three.post(config(sources=[source("asset:asset-a123"), source("b.mp4")]))
        assert response.json() == {"error": "Source file not found: asset:asset-a123"}

    @pytest.mark.laptop("a bucket has no links")
    def test_an_asset_whose_file_is_a_link_away_is_not_found(self, three: World) -> None:
        original = three.media / DAY / "angle-001_v001.mp4"
        original.unlink()
        original.symlink_to("/etc/passwd")
        response = three.post(config(sources=[source("asset:asset-a123"), source("b.mp4")]))
        assert response.json() == {"error": "Source file not found: asset:asset-a123"}
