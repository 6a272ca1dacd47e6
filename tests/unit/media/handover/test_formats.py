"""Hand-over files, read again by OpenTimelineIO and its adapters: every camera is where it was put."""

from __future__ import annotations

import itertools
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

from tests.unit.media.handover.material import HOSTILE, NTSC, camera, session
from videocraft.errors import InvalidInput
from videocraft.media.handover import FORMATS, HandoverSession, render, to_otio, write
from videocraft.media.handover.layout import EDITING_RATES, lay_out, timecode_frames

RATES = pytest.mark.parametrize("rate", EDITING_RATES, ids=lambda rate: f"{float(rate):.2f}")


def three(rate: Fraction = Fraction(30), **facts: Any) -> HandoverSession:
    """Three cameras, the third a mono recorder without picture."""
    return session(
        camera("A", 0.0, rate=rate),
        camera("B", 7318.25, rate=rate, start_timecode="01:00:10:05", drift_ppm=1.5, confidence=14.2),
        camera("C", -12_040.5, rate=None, channels=1, duration=Fraction(90)),
        **facts,
    )


def starts(made: HandoverSession) -> dict[str, tuple[int, int]]:
    """First frame and length of each camera on the timeline."""
    return {clip.camera.label: (clip.start, clip.frames) for clip in lay_out(made).clips}


def read(format_: str, made: HandoverSession, tmp_path: Path, **arguments: Any) -> Any:
    """The file as the adapter of its suffix reads it."""
    path = tmp_path / f"session.{format_}"
    write(format_, made, path)  # type: ignore[arg-type] # one of FORMATS
    with warnings.catch_warnings():
        # The FCPXML adapter asks elements for their truth, which Python discourages.
        warnings.simplefilter("ignore")
        return otio.adapters.read_from_file(str(path), **arguments)


@RATES
def test_otio_has_a_track_for_each_camera(rate: Fraction, tmp_path: Path) -> None:
    made = three(rate)
    timeline = read("otio", made, tmp_path)
    tracks = [(track.kind, track.name) for track in timeline.tracks]
    assert tracks == [("Video", "A"), ("Video", "B"), ("Audio", "A"), ("Audio", "B"), ("Audio", "C")]
    for track in timeline.tracks:
        clip = track.find_clips()[0]
        placed = clip.trimmed_range_in_parent()
        assert (placed.start_time.value, placed.duration.value) == starts(made)[track.name]
        assert placed.start_time.rate == placed.duration.rate == float(rate)
        assert clip.media_reference.target_url == f"./CAM_{track.name}_001.mp4"
        whole, used = clip.media_reference.available_range, clip.source_range
        assert whole.start_time == used.start_time
        assert whole.end_time_exclusive().to_seconds() >= used.end_time_exclusive().to_seconds() - 1e-9
    facts = timeline.tracks[1].find_clips()[0].metadata["videocraft"]
    assert dict(facts) == {"camera": "B", "offsetMs": 7318.25, "driftPpm": 1.5, "confidence": 14.2}
    assert dict(timeline.metadata["videocraft"]) == {
        "sessionId": "session-1",
        "masterCamera": "A",
        "operatorStatus": "approved",
    }


def test_otio_begins_sources_at_their_timecode() -> None:
    clip = to_otio(three()).tracks[1].find_clips()[0]
    assert clip.source_range.start_time == otio.opentime.from_timecode("01:00:10:05", 30)
    assert clip.available_range().start_time == clip.source_range.start_time


def test_drift_becomes_a_time_warp() -> None:
    made = session(
        camera("A", 0.0, duration=Fraction(1800)),
        camera("B", 0.0, duration=Fraction(1800), drift_ppm=37.0),
        camera("C", 0.0, duration=Fraction(1800), drift_ppm=-3.0),
    )
    warps = [[effect.time_scalar for effect in clip.effects] for clip in to_otio(made).find_clips()]
    assert warps == [[], [pytest.approx(1 / (1 + 37e-6), abs=1e-15)], []] * 2
    maps = ET.fromstring(render("fcpxml", made)).findall(".//mc-angle/asset-clip/timeMap/timept")
    assert [(point.get("time"), point.get("value")) for point in maps] == [
        ("0s", "0s"),
        ("1800s", seconds_text(Fraction("1799.933402"))),
    ]


def seconds_text(value: Fraction) -> str:
    """As FCPXML writes it."""
    return f"{value.numerator}/{value.denominator}s"


@RATES
def test_edl_gives_each_camera_its_hour(rate: Fraction, tmp_path: Path) -> None:
    made = three(rate)
    timeline = read("edl", made, tmp_path, rate=float(rate))
    assert timeline.name == "Sunday"
    # The adapter counts from the first event on; what is asked here is what the list says.
    hours = [timecode_frames(f"0{hour}:00:00:00", rate) or 0 for hour in (1, 2, 3)]
    if rate in {NTSC, 2 * NTSC}:
        hours = [timecode_frames(f"0{hour}:00:00;00", rate) or 0 for hour in (1, 2, 3)]
    found = {}
    for track in timeline.tracks:
        origin = -track.source_range.start_time.value if track.source_range else 0
        for clip in track.find_clips():
            placed = clip.range_in_parent()
            hour = hours["ABC".index(clip.name[4])]
            found[track.name, clip.name[4]] = (
                placed.start_time.value + origin - hour,
                placed.duration.value,
                clip.metadata["cmx_3600"]["reel"],
                clip.media_reference.target_url,
            )
    channels = [("V", "A"), ("V", "B"), ("A1", "A"), ("A1", "B"), ("A1", "C"), ("A2", "A"), ("A2", "B")]
    assert found == {
        (track, label): (*starts(made)[label], f"CAM{label}", f"./CAM_{label}_001.mp4")
        for track, label in channels
    }
    source = timeline.tracks[0].find_clips()[1].source_range.start_time
    assert source.value == lay_out(made).clips[1].source_start


def test_edl_of_long_recordings_steps_by_more_hours() -> None:
    text = render("edl", session(camera("A", 0.0, duration=Fraction(5000)), camera("B", 10.0))).decode()
    assert "01:00:00:00 02:23:20:00" in text
    assert " 03:00:00:00 03:01:00:00" in text
    many = [camera(chr(65 + index), 0.0, duration=Fraction(3600)) for index in range(23)]
    assert "23:00:00:00 24:00:00:00" in render("edl", session(*many)).decode()
    with pytest.raises(InvalidInput, match="24 hours of timecode, too few for 24 cameras"):
        render("edl", session(*many, camera("X", 0.0)))


def test_edl_says_how_timecode_is_counted() -> None:
    assert "FCM: NON-DROP FRAME" in render("edl", three()).decode()
    assert "FCM: DROP FRAME" in render("edl", three(NTSC)).decode()


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30), Fraction(50), Fraction(60)])
def test_fcpxml_lays_cameras_over_each_other(rate: Fraction, tmp_path: Path) -> None:
    # Whole rates only: the adapter takes 29.97 for 29.
    made = three(rate)
    (timeline,) = read("fcpxml", made, tmp_path)
    assert timeline.name == "Sunday (synced)"
    found = {}
    for track in timeline.tracks:
        (clip,) = track.find_clips()
        placed = clip.trimmed_range_in_parent()
        found[clip.name[4]] = (placed.start_time.value, placed.duration.value)
        assert placed.start_time.rate == rate
        assert clip.media_reference.target_url == f"./{clip.name}"
    assert found == starts(made)


@RATES
def test_fcpxml_angles_are_exact(rate: Fraction) -> None:
    made = three(rate)
    root = ET.fromstring(render("fcpxml", made))
    assert root.get("version") == "1.8"
    angles = root.findall("./resources/media/multicam/mc-angle")
    assert [angle.get("name") for angle in angles] == ["A", "B", "C"]
    for angle in angles:
        label = str(angle.get("angleID"))
        clip = angle.find("asset-clip")
        assert clip is not None
        begin, frames = starts(made)[label]
        assert exact(clip.get("offset")) == begin / rate
        assert exact(clip.get("duration")) == frames / rate
        gap = angle.find("gap")
        assert (exact(gap.get("duration")) if gap is not None else 0) == begin / rate
        asset = root.find(f"./resources/asset[@id='{clip.get('ref')}']")
        assert asset is not None
        assert exact(clip.get("start")) == exact(asset.get("start"))
        assert exact(asset.get("duration")) >= exact(clip.get("duration"))
    chosen = root.find("./event/mc-clip/mc-source")
    assert chosen is not None
    assert chosen.get("angleID") == "A"


def exact(text: str | None) -> Fraction:
    """A time of an FCPXML."""
    assert text is not None
    assert text.endswith("s")
    return Fraction(text[:-1])


def test_fcpxml_keeps_the_speed_of_other_frame_rates() -> None:
    made = session(camera("A", 0.0), camera("B", 0.0, rate=Fraction(25)))
    conforms = ET.fromstring(render("fcpxml", made)).findall(".//mc-angle/asset-clip/conform-rate")
    assert [conform.attrib for conform in conforms] == [{"scaleEnabled": "0", "srcFrameRate": "25"}]


def test_fcpxml_maps_no_time_where_a_file_has_timecode() -> None:
    long = {"duration": Fraction(1800), "drift_ppm": 100.0}
    made = session(camera("A", 0.0), camera("B", 0.0, start_timecode="10:00:00:00", **long))
    root = ET.fromstring(render("fcpxml", made))
    assert root.find(".//timeMap") is None
    assert "drift +100.0 ppm" in str(root.findtext(".//mc-angle[@name='B']/asset-clip/note"))


@pytest.mark.parametrize(("format_", "text"), list(itertools.product(FORMATS, HOSTILE)))
def test_no_title_or_name_breaks_a_file(format_: str, text: str, tmp_path: Path) -> None:
    plain = session(camera("A", 0.0), camera("B", 2000.0))
    made = session(
        camera("A", 0.0, name=text, url=f"./{text}"), camera("B", 2000.0, name=f"B {text}"), title=text
    )
    arguments = {"rate": 30} if format_ == "edl" else {}
    there, here = (read(format_, one, tmp_path, **arguments) for one in (plain, made))
    assert shape(there) == shape(here)
    if "🎥" in text:
        assert text in {here.name} | {clip.media_reference.name or clip.name for clip in here.find_clips()}


def shape(timeline: Any) -> list[Any]:
    """Where everything lies, whatever it is called."""
    tracks = (
        timeline[0].tracks if isinstance(timeline, otio.schema.SerializableCollection) else timeline.tracks
    )
    return [(track.kind, [(type(item), str(item.range_in_parent())) for item in track]) for track in tracks]
