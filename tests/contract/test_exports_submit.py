"""``POST /api/export``: what is taken, what is refused and with which words."""

from __future__ import annotations

import errno
import io
import json
import os
import wave
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.exports_world import World, config, open_world, segment, source
from videocraft.apis.exports import admission, service
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.errors import Unavailable

ID = "export-abc123"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One server for all tests that leave nothing behind: those whose requests are refused."""
    with (
        pytest.MonkeyPatch.context() as patch,
        open_world(tmp_path_factory.mktemp("shared") / "d", patch) as made,
    ):
        yield made
        assert made.nothing_is_left()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(tmp_path / "data", monkeypatch) as made:
        yield made


class TestAccepted:
    def test_the_documented_answer(self, world: World) -> None:
        response = world.post(config())
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.json() == {
            "jobId": "export-abc123",
            "status": "pending",
            "message": "Export job created",
        }

    @pytest.mark.main_path
    def test_the_working_directory_holds_the_config_as_sent_and_the_status(self, world: World) -> None:
        body = json.dumps(config(extra={"kept": [1.50, "é"]}), indent=3, ensure_ascii=False).encode()
        assert world.client.post("/api/export", content=body).status_code == 200
        assert world.kept(ID) == ["config.json", "status.json"]
        assert world.content(ID, "config.json") == body
        assert json.loads(world.content(ID, "status.json")) == world.status(ID)
        assert world.exports_with_files() == [ID]

    @pytest.mark.parametrize(
        "content_type", ["text/plain;charset=UTF-8", "application/json", "", "image/png"]
    )
    def test_browsers_send_json_as_text(self, world: World, content_type: str) -> None:
        headers = {"Content-Type": content_type} if content_type else {}
        response = world.client.post("/api/export", content=json.dumps(config()), headers=headers)
        assert response.status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            "a.mp4",
            "in sources.mp4",
            "shoot/day 1/Käse.mp4",
            "-i.mp4",
            "%d.mp4",
            "./a.mp4",
            "a b'c\".mp4",
        ],
    )
    @pytest.mark.main_path
    def test_where_sources_may_lie(self, world: World, path: str) -> None:
        for name in ("sources/in sources.mp4", "shoot/day 1/Käse.mp4", "-i.mp4", "%d.mp4", "a b'c\".mp4"):
            world.put(name, world.stored("a.mp4"))
        world.accepted(config(sources=[source(path), source("b.mp4")]))

    @pytest.mark.laptop("a bucket has no links and no absolute paths")
    def test_sources_behind_a_link_and_an_absolute_path(self, world: World) -> None:
        (world.media / "shoot").mkdir()
        (world.media / "shoot" / "a.mp4").write_bytes(world.stored("a.mp4"))
        (world.media / "link.mp4").symlink_to("shoot/a.mp4")
        world.accepted(config(sources=[source("link.mp4"), source(str(world.media / "b.mp4"))]))

    def test_the_root_comes_before_the_sources_folder(self, world: World) -> None:
        world.put("sources/a.mp4", b"not media")
        world.accepted(config())

    @pytest.mark.parametrize(
        "output",
        [
            {},
            {"format": "webm", "codec": "av1"},
            {
                "format": "mov",
                "codec": "h265",
                "width": 640,
                "height": 360,
                "fps": 25,
                "quality": "very_high",
            },
            {"includeAudio": False, "quality": None},
            {"filePath": "film.mp4"},
            {"filePath": "exports/export-abc123/film.mp4"},
            {"filePath": "exports/export-abc123/deeper/film.mp4"},
        ],
    )
    def test_outputs(self, world: World, output: dict[str, Any]) -> None:
        world.accepted(config(output=output))

    @pytest.mark.laptop("a bucket has no absolute paths")
    def test_an_absolute_output_inside_the_directory(self, world: World) -> None:
        world.accepted(config(output={"filePath": str(world.exports / "export-abc123" / "output.mp4")}))

    def test_a_recorder_without_a_picture_may_be_heard(self, world: World) -> None:
        world.put("recorder.wav", _wav())
        world.accepted(
            config(
                sources=[source("a.mp4"), source("recorder.wav", syncOffset=-0.5)],
                segments=[segment(0, 0, 1, audioSourceIndex=1)],
            )
        )

    @pytest.mark.parametrize("export_id", ["x", "A.b_c-9", "0", "x" * 128, "export..1", "con"])
    def test_ids(self, world: World, export_id: str) -> None:
        assert world.accepted(config(id=export_id)) == export_id
        assert world.status(export_id)["status"] == "pending"


@pytest.mark.main_path
class TestIdempotence:
    def test_the_same_config_again_is_the_same_export(self, world: World) -> None:
        first = world.post(config())
        world.services.storage.delete("a.mp4")  # answered without looking at the sources again
        reordered = dict(reversed(config().items()))
        again = world.client.post("/api/export", content=json.dumps(reordered, indent=1))
        assert (again.status_code, again.json()) == (200, first.json())
        assert world.rows()["jobs"] == world.rows()["exports"] == 1
        written = json.loads(world.content(ID, "config.json"))
        assert list(written) == list(config())

    def test_a_whole_number_is_the_same_with_a_fraction_of_zero(self, world: World) -> None:
        first = world.accepted(config(segments=[segment(0, 0, 1)]))
        assert world.accepted(config(version=1.0, segments=[segment(0, 0.0, 1.0)])) == first
        assert world.rows()["jobs"] == 1

    @pytest.mark.parametrize(
        "change", [{"projectName": "Another"}, {"unknown": 1}, {"segments": [segment(0, 0, 1)]}]
    )
    def test_another_config_with_the_same_id_conflicts(self, world: World, change: dict[str, Any]) -> None:
        world.accepted(config())
        response = world.post(config(**change))
        assert response.status_code == 409
        assert response.json() == {"error": "Export export-abc123 already exists with a different config"}
        assert world.rows()["jobs"] == 1

    def test_fifty_at_once_make_one_job(self, world: World) -> None:
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: world.post(config()), range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.text for answer in answers} == {answers[0].text}
        assert world.rows()["jobs"] == world.rows()["exports"] == 1
        assert world.exports_with_files() == [ID]

    def test_fifty_different_ones_at_once_leave_one_winner(self, world: World) -> None:
        configs = [config(projectName=f"Take {number}") for number in range(50)]
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(world.post, configs))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] + [409] * 49
        winner = configs[[answer.status_code for answer in answers].index(200)]
        assert json.loads(world.content(ID, "config.json")) == winner
        assert world.exports_with_files() == [ID]


class TestTrouble:
    """What goes wrong on the server leaves nothing that stands in the way of the next try."""

    def test_a_disk_that_fills_up_while_the_export_is_made(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            response = world.post(config())
        assert (response.status_code, response.json()) == (
            507,
            {"error": "Not enough disk space for this export"},
        )
        assert world.nothing_is_left()
        world.accepted(config())

    def test_workers_that_can_not_be_told(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def silent(topic: Topic, _kinds: Sequence[str] = ()) -> None:
            if topic == Topic.WORK:
                raise Unavailable("The queue can't be reached")

        with monkeypatch.context() as patch:
            patch.setattr(world.services.dispatcher, "ring", silent)
            response = world.post(config())
        assert (response.status_code, list(response.json())) == (503, ["error"])
        assert world.nothing_is_left()
        world.accepted(config(projectName="Another"))

    @pytest.mark.parametrize(("other", "status"), [({}, 200), ({"projectName": "Another"}, 409)])
    def test_another_process_that_is_quicker(
        self, world: World, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any], status: int
    ) -> None:
        world.accepted(config())
        looks = [False, False]  # before the probe and in the transaction; then the unique row speaks
        known = service._is_known
        monkeypatch.setattr(service, "_is_known", lambda *args: looks.pop() if looks else known(*args))
        assert world.post(config(**other)).status_code == status
        assert world.rows()["jobs"] == 1
        assert world.exports_with_files() == [ID]
        assert json.loads(world.content(ID, "config.json")) == config()


REFUSED = [
    (config(sources=[]), "missing sources"),
    ({key: value for key, value in config().items() if key != "sources"}, "missing sources"),
    ({key: value for key, value in config().items() if key != "output"}, "missing output"),
    (config(version=2), "version must be 1"),
    ([config()], "the body must be an object"),
    (
        config(segments=[segment(7, 0, 1)]),
        "segments[0].sourceIndex must be less than the number of sources (2)",
    ),
    (config(segments=[segment(0, 1, 1)]), "segments[0].endTime must be greater than startTime"),
    (config(segments=[segment(0, "0", 1)]), "segments[0].startTime must be a number"),
    (
        config(segments=[segment(0, 3, 4.2)]),
        "segments[0].endTime is past the end of sources[0], which lasts 4.000 seconds",
    ),
    (config(segments=[segment(0, 0, 0.001)]), "segments hold less than one frame"),
    (
        config(output={"format": "mov", "codec": "av1"}),
        "output.codec av1 does not go into mov; use mp4 or webm",
    ),
]


class TestRefused:
    @pytest.mark.parametrize(("sent", "sentence"), REFUSED, ids=range(len(REFUSED)))
    def test_configs(self, shared: World, sent: Any, sentence: str) -> None:
        response = shared.post(sent)
        assert (response.status_code, response.json()) == (400, {"error": f"Invalid config: {sentence}"})

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b'{"version": NaN}',
            b'{"version": 1e999}',
            b'{"id": "\\ud800"}',
            b'{"id": "a\\u0000b"}',
            b"[" * 100_000,
            b'{"version": ' + b"9" * 5000 + b"}",
        ],
        ids=range(9),
    )
    def test_what_is_no_json(self, shared: World, body: bytes) -> None:
        response = shared.client.post("/api/export", content=body)
        assert response.status_code == 400
        assert list(response.json()) == ["error"]
        assert response.json()["error"].startswith("Invalid config: ")

    def test_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with open_world(tmp_path / "data", monkeypatch, max_body_bytes=5000) as world:
            response = world.post(config(unknown="x" * 5000))
            assert response.status_code == 413
            assert list(response.json()) == ["error"]

    @pytest.mark.parametrize(
        "path",
        [
            "missing.mp4",
            "../outside.mp4",
            "exports/../../outside.mp4",
            "/etc/passwd",
            "{outside}",
            "folder",
            "folder/",
            "asset:123",
            "asset:a.mp4",
            "file:a.mp4",
            "http://127.0.0.1/a.mp4",
            "concat:a.mp4|b.mp4",
            "x" * 300,
            "a.mp4/b.mp4",
            "~/a.mp4",
            "\\\\host\\a.mp4",
            " ",
        ],
    )
    def test_sources_that_are_missing_or_forbidden_sound_alike(self, shared: World, path: str) -> None:
        outside = shared.settings.data_dir / "outside.mp4"
        outside.write_bytes(shared.stored("a.mp4"))
        shared.put("folder/a.mp4", outside.read_bytes())
        shared.put("asset:a.mp4", outside.read_bytes())
        self.is_not_found(shared, path.format(outside=outside))

    @pytest.mark.laptop("a bucket has no links and no pipes")
    @pytest.mark.parametrize("path", ["escape.mp4", "pipe.mp4", "dangling.mp4", "loop.mp4"])
    def test_links_that_lead_away_and_pipes_are_not_found(self, world: World, path: str) -> None:
        outside = world.settings.data_dir / "outside.mp4"
        outside.write_bytes(world.stored("a.mp4"))
        for link, target in (("escape.mp4", outside), ("dangling.mp4", "nowhere"), ("loop.mp4", "loop.mp4")):
            (world.media / link).symlink_to(target)
        os.mkfifo(world.media / "pipe.mp4")
        self.is_not_found(world, path)

    def is_not_found(self, world: World, path: str) -> None:
        response = world.post(config(sources=[source("a.mp4"), source(path)]))
        told = {"error": f"Source file not found: {path}"}
        assert (response.status_code, response.json()) == (400, told)

    @pytest.mark.parametrize(
        "content", [b"", b"just text\n" * 100, b"\x00\x00\x00\x20ftypisom" + b"\0" * 200]
    )
    def test_sources_that_are_no_media(self, shared: World, content: bytes) -> None:
        shared.put("bad.mp4", content)
        response = shared.post(config(sources=[source("a.mp4"), source("bad.mp4")]))
        assert response.status_code == 400
        assert list(response.json()) == ["error"]
        assert response.json()["error"].startswith("Invalid config: sources[1]: ")
        assert str(shared.settings.data_dir) not in response.text

    def test_a_truncated_source(self, shared: World) -> None:
        whole = shared.stored("a.mp4")
        shared.put("half.mp4", whole[: len(whole) // 2])
        response = shared.post(config(sources=[source("half.mp4"), source("b.mp4")]))
        assert response.status_code == 400
        assert response.json()["error"].startswith("Invalid config: sources[0]: ")

    def test_a_source_without_a_picture(self, shared: World) -> None:
        shared.put("recorder.wav", _wav())
        response = shared.post(config(sources=[source("recorder.wav"), source("b.mp4")]))
        assert response.json() == {
            "error": "Invalid config: segments[0].sourceIndex names sources[0], which has no video stream"
        }

    def test_a_source_without_the_sound_that_is_asked_for(self, shared: World) -> None:
        shared.camera("silent.mp4", audio=None)
        sources = [source("a.mp4"), source("silent.mp4")]
        response = shared.post(config(sources=sources, segments=[segment(0, 0, 1, audioSourceIndex=1)]))
        assert response.status_code == 400
        sentence = "segments[0].audioSourceIndex names sources[1], which has no audio stream"
        assert response.json() == {"error": f"Invalid config: {sentence}"}

    @pytest.mark.parametrize(
        "path",
        [
            "/etc/cron.d/x",
            "../film.mp4",
            "exports/export-abc123",
            "exports/export-abc123/",
            "exports/another/film.mp4",
            "exports/export-abc123/../another/film.mp4",
            "exports/export-abc123/./film.mp4",
            "exports//export-abc123/film.mp4",
            "films/film.mp4",
            "..",
            ".",
            "/",
            "x" * 300,
        ],
    )
    def test_outputs_elsewhere(self, shared: World, path: str) -> None:
        response = shared.post(config(output={"filePath": path}))
        assert (response.status_code, response.json()) == (
            400,
            {"error": "Invalid config: output.filePath must name a file inside exports/export-abc123/"},
        )

    @pytest.mark.parametrize(
        "export_id", ["../x", "a/b", ".x", "", "x" * 129, "a b", "a\n", "ä", "-x", 7, None, {}]
    )
    def test_ids(self, shared: World, export_id: Any) -> None:
        response = shared.post(config(id=export_id))
        assert response.status_code == 400
        assert response.json()["error"].startswith("Invalid config: ")
        assert " id" in response.json()["error"]

    def test_a_disk_that_can_not_hold_it(self, shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(admission, "free_bytes", lambda _folder: 1_000_000)
        response = shared.post(config())
        assert response.status_code == 507
        assert list(response.json()) == ["error"]
        assert response.json()["error"].startswith("Not enough disk space for this export")


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SOURCE_KEYS = ("id", "name", "filePath", "width", "duration", "fps", "hasAudio", "syncOffset")
SEGMENT_KEYS = ("sourceIndex", "startTime", "endTime", "audioFromSource", "audioSourceIndex")
OUTPUT_KEYS = ("format", "codec", "width", "height", "fps", "quality", "includeAudio", "filePath")
PLACES: list[tuple[Any, ...]] = [
    *((key,) for key in ("version", "id", "projectName", "sources", "segments", "output", "unknown")),
    *(("sources", 0, key) for key in SOURCE_KEYS),
    *(("segments", 1, key) for key in SEGMENT_KEYS),
    *(("output", key) for key in OUTPUT_KEYS),
]


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANY_JSON), min_size=1, max_size=3))
@settings(deadline=None, max_examples=150)
def test_no_config_is_answered_with_a_500(shared: World, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    sent: Any = json.loads(json.dumps(config()))
    for path, value in changes:
        place = sent
        for key in path[:-1]:
            place = place[key] if isinstance(place, dict | list) and place else {}
        if isinstance(place, dict):
            place[path[-1]] = value
    response = shared.post(sent)
    assert response.status_code in {200, 400}
    if response.status_code == 200:
        assert shared.client.delete(f"/api/export/{response.json()['jobId']}").status_code == 200
    else:
        assert list(response.json()) == ["error"]
        assert response.json()["error"].startswith(("Invalid config: ", "Source file not found: "))


def _wav() -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(b"\x10\x00\xf0\xff" * 48000)
    return written.getvalue()
