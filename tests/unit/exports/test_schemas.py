"""The config's shape, and the words for what is wrong with one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.exports.configs import document, segment, source
from videocraft.apis.exports.schemas import ExportConfig, complaint, contradiction, is_export_id


def words(config: Any) -> str | None:
    """What is wrong with a config."""
    try:
        return contradiction(ExportConfig.model_validate(config))
    except ValidationError as error:
        return complaint(error)


def without(key: str) -> dict[str, Any]:
    config = document()
    del config[key]
    return config


ID_RULE = (
    "id must have 1 to 128 letters, digits, dots, underscores or hyphens and begin with a letter or digit"
)

WRONG = [
    ([], "the body must be an object"),
    ("x", "the body must be an object"),
    (None, "the body must be an object"),
    ({}, "missing version"),
    (without("version"), "missing version"),
    (without("id"), "missing id"),
    (without("sources"), "missing sources"),
    (without("segments"), "missing segments"),
    (without("output"), "missing output"),
    (document(version=2), "version must be 1"),
    (document(version="1"), "version must be 1"),
    (document(version=True), "version must be 1"),
    (document(version=1.5), "version must be 1"),
    (document(id=7), "id must be a string"),
    (document(id=""), ID_RULE),
    (document(id="../x"), ID_RULE),
    (document(id=".hidden"), ID_RULE),
    (document(id="a/b"), ID_RULE),
    (document(id="a\n"), ID_RULE),
    (document(id="é"), ID_RULE),
    (document(id="x" * 129), ID_RULE),
    (document(projectName=5), "projectName must be a string"),
    (document(projectName="x" * 1025), "projectName must have at most 1024 characters"),
    (document(sources=[]), "missing sources"),
    (document(sources=None), "missing sources"),
    (document(sources={}), "sources must be a list"),
    (document(sources=[source("a")] * 65), "sources must have at most 64 entries"),
    (document(sources=[source("a"), 7]), "sources[1] must be an object"),
    (document(sources=[{"id": "a", "name": "A"}]), "missing sources[0].filePath"),
    (document(sources=[{"id": "a", "filePath": "a"}]), "missing sources[0].name"),
    (document(sources=[{"name": "a", "filePath": "a"}]), "missing sources[0].id"),
    (document(sources=[source("a", filePath="")]), "sources[0].filePath must not be empty"),
    (document(sources=[source("a", filePath=["x"])]), "sources[0].filePath must be a string"),
    (document(sources=[source("a", hasAudio="yes")]), "sources[0].hasAudio must be true or false"),
    (document(sources=[source("a", hasAudio=1)]), "sources[0].hasAudio must be true or false"),
    (document(sources=[source("a", duration=-1)]), "sources[0].duration must be at least 0"),
    (document(sources=[source("a", fps="30")]), "sources[0].fps must be a number"),
    (document(sources=[source("a", width=1.5)]), "sources[0].width must be a whole number"),
    (document(sources=[source("a", syncOffset=1e8)]), "sources[0].syncOffset must be at most 10000000"),
    (document(segments=[]), "missing segments"),
    (document(segments="all"), "segments must be a list"),
    (document(segments=[segment(0, 0, 1)] * 10_001), "segments must have at most 10000 entries"),
    (document(segments=[{"sourceIndex": 0, "startTime": 0}]), "missing segments[0].endTime"),
    (document(segments=[segment(0, "0", 1)]), "segments[0].startTime must be a number"),
    (document(segments=[segment(0, True, 1)]), "segments[0].startTime must be a number"),
    (document(segments=[segment(0, -0.1, 1)]), "segments[0].startTime must be at least 0"),
    (document(segments=[segment(0, 0, 1e300)]), "segments[0].endTime must be at most 10000000"),
    (
        document(segments=[segment(0, 0, 1)] * 3 + [segment(0, 2, 2)]),
        "segments[3].endTime must be greater than startTime",
    ),
    (document(segments=[segment(0, 2, 1)]), "segments[0].endTime must be greater than startTime"),
    (
        document(segments=[segment(2, 0, 1)]),
        "segments[0].sourceIndex must be less than the number of sources (2)",
    ),
    (document(segments=[segment(-1, 0, 1)]), "segments[0].sourceIndex must be at least 0"),
    (
        document(segments=[segment(0, 0, 1) | {"sourceIndex": 0.5}]),
        "segments[0].sourceIndex must be a whole number",
    ),
    (
        document(segments=[segment(0, 0, 1) | {"sourceIndex": False}]),
        "segments[0].sourceIndex must be a whole number",
    ),
    (
        document(segments=[segment(0, 0, 1, audioSourceIndex=2)]),
        "segments[0].audioSourceIndex must be less than the number of sources (2)",
    ),
    (
        document(segments=[segment(0, 0, 1, audioFromSource="no")]),
        "segments[0].audioFromSource must be true or false",
    ),
    (document(output=[]), "output must be an object"),
    (document(output={"format": "avi"}), "output.format must be one of 'mp4', 'webm' or 'mov'"),
    (document(output={"format": ["mp4"]}), "output.format must be one of 'mp4', 'webm' or 'mov'"),
    (
        document(output={"codec": "mpeg2"}),
        "output.codec must be one of 'copy', 'h264', 'h265', 'vp9' or 'av1'",
    ),
    (
        document(output={"quality": "best"}),
        "output.quality must be one of 'low', 'medium', 'high' or 'very_high'",
    ),
    (document(output={"width": 0}), "output.width must be at least 16"),
    (document(output={"width": 641}), "output.width must be even"),
    (document(output={"height": 10**40}), "output.height must be at most 8192"),
    (document(output={"fps": 0}), "output.fps must be at least 1"),
    (document(output={"fps": 1000}), "output.fps must be at most 240"),
    (document(output={"includeAudio": "true"}), "output.includeAudio must be true or false"),
    (document(output={"filePath": 3}), "output.filePath must be a string"),
    (
        document(output={"format": "mov", "codec": "vp9"}),
        "output.codec vp9 does not go into mov; use mp4 or webm",
    ),
    (
        document(output={"format": "mov", "codec": "av1"}),
        "output.codec av1 does not go into mov; use mp4 or webm",
    ),
]


@pytest.mark.parametrize(("config", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_is_wrong_is_said_with_its_path(config: Any, sentence: str) -> None:
    assert words(config) == sentence


GOOD = [
    document(),
    document(output={}),
    document(version=1.0),
    document(projectName=None),
    document(segments=[segment(0, 0, 1) | {"sourceIndex": 0.0}]),
    document(segments=[segment(0, 0, 1, audioSourceIndex=1), segment(0, 0, 1, audioFromSource=False)]),
    document(segments=[segment(0, 0, 1, audioSourceIndex=None)]),
    document(segments=[segment(0, 0, 1)] * 10_000),
    document(sources=[source("a", hasAudio=None, syncOffset=-12.5, fps=29.97, duration=3)] * 64),
    document(output={"format": "webm", "codec": "av1", "width": 1920.0, "height": 1080, "fps": 23.976}),
    document(output={"quality": None, "width": None, "filePath": None}),
    document(somethingElse={"a": [1]}, status=5, projectId=7, createdAt=None),
    document(id="x" * 128),
    document(id="0._-"),
]


@pytest.mark.parametrize("config", GOOD, ids=range(len(GOOD)))
def test_good_configs(config: Any) -> None:
    assert words(config) is None


def test_defaults_are_the_documented_ones() -> None:
    config = ExportConfig.model_validate(
        document(sources=[source("a")], segments=[segment(0, 0, 1)], output={})
    )
    assert config.output.model_dump(by_alias=True) == {
        "format": "mp4",
        "codec": "copy",
        "width": None,
        "height": None,
        "fps": None,
        "quality": None,
        "includeAudio": True,
        "filePath": None,
    }
    assert config.sources[0].has_audio is True
    assert config.sources[0].sync_offset == 0
    assert config.segments[0].audio_from_source is True
    assert config.segments[0].audio_source_index is None


def test_a_config_survives_the_way_through_a_jobs_payload() -> None:
    config = ExportConfig.model_validate(
        document(segments=[segment(0, 0.1, 1 / 3, audioSourceIndex=1)], output={"fps": 29.97, "width": 640})
    )
    payload = json.loads(json.dumps(config.model_dump(mode="json", by_alias=True, exclude_defaults=True)))
    assert ExportConfig.model_validate(payload) == config


@pytest.mark.parametrize("text", ["a", "A.b_c-9", "0", "x" * 128])
def test_ids(text: str) -> None:
    assert is_export_id(text)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "-a", "_a", "a/b", "a b", "a\n", "a\0", "é", "x" * 129, "%2e", "٣"]
)
def test_no_ids(text: str) -> None:
    assert not is_export_id(text)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A good config in which some places hold anything at all, or are missing."""
    config = document(
        sources=[source("a", width=1, height=1, duration=1, fps=1, hasAudio=True, syncOffset=1), source("b")],
        segments=[segment(0, 0, 1, audioFromSource=True, audioSourceIndex=1), segment(1, 0, 1)],
        output={
            "format": "mp4",
            "codec": "copy",
            "width": 16,
            "height": 16,
            "fps": 30,
            "quality": "low",
            "filePath": "x",
        },
    )
    for _ in range(draw(st.integers(1, 3))):
        place: Any = config
        while True:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            inner = place[key]
            if not (isinstance(inner, (dict, list)) and inner) or draw(st.integers(0, 3)) == 0:
                break
            place = inner
        if draw(st.booleans()) and isinstance(place, dict):
            del place[key]
        else:
            place[key] = draw(ANYTHING)
        if not config:
            break
    return config


@given(damaged() | ANYTHING)
def test_any_config_is_good_or_gets_one_sentence(config: Any) -> None:
    sentence = words(config)
    assert sentence is None or (sentence and "\n" not in sentence)
    if sentence is None:
        parsed = ExportConfig.model_validate(config)
        assert all(0 <= part.start_time < part.end_time for part in parsed.segments)
        assert all(part.source_index < len(parsed.sources) for part in parsed.segments)
