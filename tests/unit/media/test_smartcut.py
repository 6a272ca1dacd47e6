"""Plans: which pictures of which source are copied, and which are encoded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cameras import Camera, make_camera
from videocraft.media import smartcut
from videocraft.media.edges import SAMPLE_CRF, batches, rate_factor
from videocraft.media.edit import Edit, EditSegment, EditSource, OutputFormat, origin_of
from videocraft.media.nal import Codec
from videocraft.media.pictures import Cut, NotCopyable, PictureReader
from videocraft.media.probe import MediaInfo, probe
from videocraft.media.reader import open_media
from videocraft.media.smartcut import Copied, Edge, Whole


def source_of(camera: Camera) -> EditSource:
    (info,) = probe([camera.path])
    assert isinstance(info, MediaInfo)
    return EditSource(camera.path, info)


def cut_of(camera: Camera, first: int, end: int, codec: Codec = Codec.H264) -> Cut:
    source = source_of(camera)
    with open_media(source.path, source.info) as container:
        reader = PictureReader(container, container.streams.video[0], codec, smartcut.grid_of(source))
        return reader.cut(first, end)


@pytest.fixture
def closed(tmp_path: Path) -> Camera:
    """Closed groups of 30 pictures with B pictures."""
    return make_camera(tmp_path / "closed.mp4", seconds=4, gop=30, bframes=2, audio=None)


def test_a_cut_copies_from_the_first_idr_to_where_its_last_group_can_be_left(closed: Camera) -> None:
    cut = cut_of(closed, 40, 100)
    assert (cut.head_from, cut.first, cut.copy_first) == (30, 40, 60)
    # Pictures are left in decode order, so at most the last run of B pictures is encoded.
    assert cut.tail_from == 90
    assert 97 <= cut.copy_end <= 100
    assert cut.end == 100


def test_a_cut_on_idr_pictures_needs_no_edges(closed: Camera) -> None:
    cut = cut_of(closed, 30, 90)
    assert (cut.first, cut.copy_first, cut.copy_end, cut.end) == (30, 30, 90, 90)


def test_a_cut_within_one_group_copies_nothing(closed: Camera) -> None:
    cut = cut_of(closed, 31, 59)
    assert cut.copy_first == cut.copy_end == 59
    assert not smartcut.pays(cut)


def test_without_b_pictures_a_group_can_be_left_anywhere(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=3, gop=30, bframes=0, audio=None)
    for end in (61, 70, 89):
        assert cut_of(camera, 30, end).copy_end == end


@pytest.mark.parametrize(("name", "codec"), [("h264", Codec.H264), ("h265", Codec.HEVC)])
def test_open_groups_are_copied_from_idr_pictures_only(tmp_path: Path, name: str, codec: Codec) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=4, gop=30, open_gop=True, codec=name, audio=None)
    from_start = cut_of(camera, 0, 100, codec)
    assert from_start.copy_first == 0
    assert from_start.copy_end > 90
    later = cut_of(camera, 10, 100, codec)
    assert later.copy_first == later.copy_end == later.end


def test_an_interlaced_stream_is_not_copied(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=2, interlaced=True, audio=None)
    with pytest.raises(NotCopyable, match="interlaced"):
        cut_of(camera, 0, 30)


def test_copied_pictures_are_each_frame_once(closed: Camera) -> None:
    source = source_of(closed)
    with open_media(source.path, source.info) as container:
        reader = PictureReader(container, container.streams.video[0], Codec.H264, smartcut.grid_of(source))
        cut = reader.cut(25, 80)
        pictures = list(reader.copy(cut.copy_first, cut.copy_end))
    assert sorted(picture.index for picture in pictures) == list(range(cut.copy_first, cut.copy_end))
    assert pictures[0].is_idr
    assert reader.delay == 2


@given(
    first=st.integers(0, 200),
    lengths=st.tuples(*[st.integers(0, 120)] * 3),
    back=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_copying_pays_only_when_it_costs_less(
    first: int, lengths: tuple[int, int, int], back: tuple[int, int]
) -> None:
    head, middle, tail = lengths
    copy_first, copy_end = first + head, first + head + middle
    cut = Cut(first, copy_first, copy_end, copy_end + tail, first - back[0], copy_end - back[1])
    if smartcut.pays(cut):
        assert middle > 0
    elif middle > head + tail + back[0] + back[1] + 120:
        pytest.fail("a long middle always pays")


def an_edit(source: EditSource, *ranges: tuple[str, str], **output: object) -> Edit:
    segments = tuple(EditSegment(0, Fraction(start), Fraction(end), None) for start, end in ranges)
    return Edit((source,), segments, OutputFormat(**output))  # type: ignore[arg-type]  # names are checked


def plan_of(edit: Edit) -> smartcut.Plan:
    source = edit.sources[0]
    with open_media(source.path, source.info) as container:
        reader = PictureReader(container, container.streams.video[0], Codec.H264, smartcut.grid_of(source))
        return smartcut.plan_copy(edit, {0: reader}, [])


def test_a_plan_covers_every_frame_of_the_cumulated_edit(closed: Camera) -> None:
    plan = plan_of(an_edit(source_of(closed), ("0.01", "1.52"), ("2", "2.01"), ("0.5", "3.98")))
    assert plan.boundaries == (0, 45, 46, 150)
    for index, pieces in enumerate(plan.pieces):
        frames = sum(smartcut.length_of(piece) for piece in pieces)
        assert frames == plan.boundaries[index + 1] - plan.boundaries[index]
    assert 0 < plan.frames_copied < plan.frames


def test_the_last_picture_stands_when_an_edit_ends_behind_its_source(closed: Camera) -> None:
    plan = plan_of(an_edit(source_of(closed), ("3", "4.03")))
    assert plan.pieces == ((Copied(0, 90, 120), Edge(0, 119, 120, 90)),)


def test_a_segment_of_less_than_half_a_frame_is_empty(closed: Camera) -> None:
    plan = plan_of(an_edit(source_of(closed), ("1", "1.01"), ("1", "2")))
    assert plan.pieces[0] == ()
    assert plan.frames == 30


def test_everything_is_encoded_in_whole_segments(closed: Camera) -> None:
    plan = smartcut.plan_encode(an_edit(source_of(closed), ("0", "1"), ("2", "3.5"), codec="h264"))
    assert plan.pieces == ((Whole(0, 30),), (Whole(1, 45),))
    assert plan.joins() == (30,)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"width": 640}, "its size differs"),
        ({"profile": "Main", "pix_fmt": "yuv422p"}, "its profile and pixel format differ"),
        ({"rate": Fraction(25)}, "its frame rate differs"),
        ({"color_space": "bt2020nc"}, "its colour differs"),
        ({"sample_aspect": Fraction(4, 3)}, "its pixel shape differs"),
        ({"is_constant_rate": False}, "its frame rate varies"),
        ({"field_order": "tt"}, "it is interlaced"),
        ({"rotation": 90}, "it is rotated"),
        ({"has_odd_edit_list": True}, "it has an edit list"),
    ],
)
def test_why_a_source_can_not_be_joined(closed: Camera, changed: dict[str, object], reason: str) -> None:
    target = source_of(closed)
    video = replace(target.video, **changed)  # type: ignore[arg-type]  # replace() checks the names
    other = replace(target, info=replace(target.info, video=video))
    assert smartcut.why_not(target, target) is None
    assert smartcut.why_not(other, target) == reason


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ({}, None),
        ({"width": 320, "height": 180, "rate": Fraction(30)}, None),
        ({"container": "webm"}, "WebM holds no H.264 or HEVC"),
        ({"width": 640}, "another size was asked for"),
        ({"rate": Fraction(25)}, "another frame rate was asked for"),
    ],
)
def test_why_nothing_can_be_copied(closed: Camera, output: dict[str, object], reason: str | None) -> None:
    assert smartcut.why_not_at_all(an_edit(source_of(closed), ("0", "1"), **output)) == reason


def test_edges_are_batched_by_source_without_losing_one() -> None:
    edges = [Edge(number % 2, 100 * number, 100 * number + 30, 100 * number - 10) for number in range(40)]
    groups = batches(edges)
    assert sorted((edge for group in groups for edge in group.edges), key=edges.index) == edges
    assert all({edge.source for edge in group.edges} == {group.source} for group in groups)
    assert len(groups) > 2
    alone = [len(group.edges) for group in batches(edges, {1}) if group.source == 1]
    assert alone == [1] * 20


def test_second_0_of_a_file(closed: Camera) -> None:
    info = source_of(closed).info
    video = info.video
    assert video is not None
    late = replace(info, start_time=Fraction(10), video=replace(video, start_pts=153_600 + 5_120))
    assert origin_of(info) == 0
    # An MP4 says itself where its second 0 is.
    assert origin_of(late) == 0
    # Elsewhere the file's first moment counts, and a third of a second is a picture that is late ...
    assert origin_of(replace(late, format="mpegts")) == 10
    # ... but not what the sound's priming is early by.
    primed = replace(late, format="mpegts", start_time=Fraction("10.3"))
    assert origin_of(primed) == video.time_base * (153_600 + 5_120)


def test_open_groups_are_told(tmp_path: Path) -> None:
    camera = make_camera(tmp_path / "a.mp4", seconds=4, gop=30, open_gop=True, audio=None)
    plan = plan_of(an_edit(source_of(camera), ("0.5", "3.5")))
    assert plan.frames_copied == 0
    assert plan.reasons == ("a.mp4 was encoded up to pictures that can be cut at: its groups are open.",)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_rate_factor_moves_towards_the_sources_size(source: int, encoded: int) -> None:
    crf = rate_factor(source, encoded)
    assert 12 <= crf <= 32
    if encoded > source:
        assert crf >= SAMPLE_CRF
    if encoded < source:
        assert crf <= SAMPLE_CRF
    assert rate_factor(1000, 2000) == SAMPLE_CRF + 6
