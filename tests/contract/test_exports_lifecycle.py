"""From the queue to the finished file: status, download and delete."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import update

from tests.contract.exports_world import FILM, FakeEngine, World, config, failing, open_world, segment, source
from tests.support import measure
from videocraft.apis.exports import service, tasks
from videocraft.core.database.models import Job
from videocraft.errors import StorageFull

ID = "export-abc123"
HOSTILE_IDS = [
    "unknown",
    "...",
    "%2e%2e",
    "a%2Fb",
    "%00",
    "a%0a",
    "x" * 129,
    "%ff",
    "é",
    "'; DROP TABLE jobs;--",
]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(tmp_path / "data", monkeypatch) as made:
        yield made


def status_file(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.content(ID, "status.json"))
    return found


class TestStatus:
    def test_pending(self, world: World) -> None:
        world.accepted(config())
        assert world.status(ID) == {
            "jobId": ID,
            "status": "pending",
            "progress": 0.0,
            "message": "Waiting for a worker",
            "warnings": [],
        }

    def test_processing(self, world: World) -> None:
        engine = FakeEngine(hold=threading.Event(), steps=10)
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
            world.until(lambda: world.status(ID)["progress"] == 0.25)
            assert world.status(ID) == {
                "jobId": ID,
                "status": "processing",
                "progress": 0.25,
                "message": "Processing segment 1 of 10",
                "warnings": [],
            }
            assert engine.hold
            engine.hold.set()
            world.ended(ID)

    @pytest.mark.laptop("a bucket's copy is written at the end")
    def test_the_file_says_that_it_is_processing(self, world: World) -> None:
        engine = FakeEngine(hold=threading.Event())
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
            world.until(lambda: status_file(world)["status"] == "processing")
            assert engine.hold
            engine.hold.set()
            world.ended(ID)

    @pytest.mark.main_path
    def test_completed(self, world: World) -> None:
        with world.worker(FakeEngine()):
            world.accepted(config())
            body = world.ended(ID)
        assert body == {
            "jobId": ID,
            "status": "completed",
            "progress": 1.0,
            "message": "Export completed.",
            "downloadUrl": f"/api/export/{ID}/download",
            "framesCopied": 90,
            "framesEncoded": 15,
            "duration": 3.5,
            "warnings": [],
        }
        assert status_file(world) == body
        assert world.kept(ID) == ["config.json", "output.mp4", "status.json"]
        assert world.content(ID, "output.mp4") == FILM

    def test_warnings_are_told_in_the_message_too(self, world: World) -> None:
        with world.worker(FakeEngine(warnings=("All of it was encoded again: sizes differ.",))):
            world.accepted(config(output={"format": "webm", "codec": "h264"}))
            body = world.ended(ID)
        assert body["warnings"] == [
            "WebM is encoded as VP9 and Opus; the codec h264 was not used.",
            "All of it was encoded again: sizes differ.",
        ]
        assert all(warning in body["message"] for warning in body["warnings"])
        assert status_file(world) == body

    @pytest.mark.main_path
    def test_failed(self, world: World) -> None:
        error = failing("The encoder refused the settings.", command=["ffmpeg", "/secret"], stderr="secret")
        with world.worker(FakeEngine(error=error)):
            world.accepted(config())
            body = world.ended(ID)
        assert body == {
            "jobId": ID,
            "status": "failed",
            "progress": 1.0,
            "error": "The encoder refused the settings.",
            "warnings": [],
        }
        assert status_file(world) == body
        assert world.kept(ID) == ["config.json", "status.json"]

    def test_a_bug_shows_nothing_of_itself(self, world: World) -> None:
        with world.worker(FakeEngine(error=KeyError("secret"))):
            world.accepted(config())
            body = world.ended(ID)
        assert body["error"] == status_file(world)["error"] == "An internal error stopped this job."

    @pytest.mark.parametrize("export_id", HOSTILE_IDS)
    def test_unknown(self, world: World, export_id: str) -> None:
        response = world.client.get(f"/api/export/{export_id}/status")
        assert response.status_code == 404
        assert list(response.json()) == ["error"]

    def test_unknown_in_words(self, world: World) -> None:
        assert world.client.get("/api/export/nothing/status").json() == {"error": "Export not found"}

    def test_progress_never_goes_back_not_even_in_another_run(self, world: World) -> None:
        seen: list[float] = []
        engine = FakeEngine(hold=threading.Event())
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
            world.until(lambda: world.status(ID)["progress"] == 0.25)
            seen.append(world.status(ID)["progress"])
        # Handed back by the worker that was stopped.
        body = world.status(ID)
        assert (body["status"], body["progress"]) == ("pending", 0.25)
        assert status_file(world) == body
        again = FakeEngine(hold=threading.Event())
        with world.worker(again):
            assert again.started.wait(30)
            seen += [world.status(ID)["progress"] for _ in range(5)]
            assert again.hold
            again.hold.set()
            seen.append(world.ended(ID)["progress"])
        assert seen == sorted(seen)
        assert seen[-1] == 1.0

    def test_a_worker_that_was_stopped_leaves_its_stages_for_the_next(self, world: World) -> None:
        engine = FakeEngine(hold=threading.Event())
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
        engine.hold = None
        with world.worker(engine):
            assert world.ended(ID)["status"] == "completed"
        assert engine.pieces_made == 1
        assert world.kept(ID) == ["config.json", "output.mp4", "status.json"]

    @pytest.mark.laptop("with a bucket the working directory is in the run's own folder")
    def test_what_runs_and_what_was_stopped_lie_in_the_working_directory(self, world: World) -> None:
        engine = FakeEngine(hold=threading.Event())
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
            assert any(name.startswith("work-") for name in world.kept(ID))
        assert [name.split("-")[0] for name in world.kept(ID)] == ["config.json", "pieces", "status.json"]


class TestWork:
    def test_the_engine_gets_the_edit(self, world: World) -> None:
        engine = FakeEngine()
        with world.worker(engine):
            world.accepted(
                config(
                    sources=[source("a.mp4"), source("b.mp4", syncOffset=1.5)],
                    segments=[segment(0, 0.1, 2), segment(1, 2, 3.5, audioSourceIndex=0)],
                    output={"format": "mov", "codec": "h265", "width": 640, "fps": 29.97, "quality": "low"},
                )
            )
            world.ended(ID)
        (edit,) = engine.edits
        assert [(part.source, part.start, part.end, part.audio_source) for part in edit.segments] == [
            (0, Fraction(1, 10), 2, 0),
            (1, 2, Fraction(7, 2), 0),
        ]
        assert [part.sync_offset for part in edit.sources] == [0, Fraction(3, 2)]
        assert (edit.output.container, edit.output.codec, edit.output.width) == ("mov", "h265", 640)
        assert (edit.output.rate, edit.output.quality) == (Fraction(30000, 1001), "low")

    @pytest.mark.laptop("what is in a bucket is copied")
    def test_the_engine_reads_the_files_themselves(self, world: World) -> None:
        engine = FakeEngine()
        with world.worker(engine):
            world.accepted(config())
            world.ended(ID)
        (edit,) = engine.edits
        assert [part.path for part in edit.sources] == [world.media / "a.mp4", world.media / "b.mp4"]

    @pytest.mark.parametrize("when", ["before", "during", "in an error"])
    @pytest.mark.parametrize("what", ["vanishes", "shrinks", "changes"])
    def test_a_source_that_is_not_the_same_any_more(self, world: World, when: str, what: str) -> None:
        def spoil() -> None:
            if what == "vanishes":
                assert world.services.storage.delete("b.mp4")
            elif world.settings.is_s3:
                whole = world.stored("b.mp4")
                world.put("b.mp4", whole[:1000] if what == "shrinks" else whole + b"x")
            elif what == "shrinks":
                os.truncate(world.media / "b.mp4", 1000)
            else:
                os.utime(world.media / "b.mp4", ns=(1, 1))

        engine = FakeEngine()
        if when == "before":
            world.accepted(config())
            spoil()
        else:
            engine.on_start = spoil
            engine.error = failing("Invalid data found.") if when == "in an error" else None
        with world.worker(engine):
            if when != "before":
                world.accepted(config())
            body = world.ended(ID)
        assert body["status"] == "failed"
        assert body["error"] == "Source file changed or vanished while exporting: b.mp4"
        assert world.kept(ID) == ["config.json", "status.json"]

    @pytest.mark.parametrize(
        "error",
        [
            OSError(errno.ENOSPC, "No space left on device"),
            StorageFull("There is no room left on the disk for the output."),
            failing("FFmpeg failed.", stderr="av_interleaved_write_frame(): No space left on device"),
        ],
    )
    def test_a_disk_that_fills_up(self, world: World, error: Exception) -> None:
        with world.worker(FakeEngine(error=error)):
            world.accepted(config())
            body = world.ended(ID)
        assert body["error"] == "Not enough disk space to finish this export."
        assert status_file(world)["error"] == body["error"]
        assert world.kept(ID) == ["config.json", "status.json"]

    @pytest.mark.main_path
    def test_a_disk_that_is_full_at_the_very_end(self, world: World) -> None:
        def full(_self: object, _name: str, _content: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        engine = FakeEngine()
        engine.before_end = lambda: world.monkeypatch.setattr(tasks.WorkingDirectory, "write", full)
        with world.worker(engine):
            world.accepted(config())
            body = world.ended(ID)
        assert (body["status"], body["error"]) == ("failed", "Not enough disk space to finish this export.")
        assert world.kept(ID) == ["config.json", "status.json"]

    @pytest.mark.laptop("with a bucket the working directory is in the run's own folder")
    def test_what_a_killed_worker_left_goes(self, world: World) -> None:
        world.accepted(config())
        with world.services.database.read() as session:
            job_id = session.query(Job).one().id
        (world.exports / ID / f"work-{job_id}-0").mkdir()
        (world.exports / ID / f"work-{job_id}-0" / "half.mp4").write_bytes(b"x")
        (world.exports / ID / ".status-0.json").write_bytes(b"{")
        with world.worker(FakeEngine()):
            world.ended(ID)
        assert world.kept(ID) == ["config.json", "output.mp4", "status.json"]

    def test_the_file_is_not_there_before_it_is_whole(self, world: World) -> None:
        seen: list[list[str]] = []
        engine = FakeEngine(before_end=lambda: seen.append(world.kept(ID)))
        with world.worker(engine):
            world.accepted(config())
            world.ended(ID)
        assert all(not name.startswith("output") for name in seen[0])


class TestDownload:
    def finish(self, world: World, **changes: Any) -> None:
        with world.worker(FakeEngine()):
            world.accepted(config(**changes))
            assert world.ended(ID)["status"] == "completed"

    def test_the_documented_headers(self, world: World) -> None:
        self.finish(world)
        response = world.client.get(world.status(ID)["downloadUrl"])
        assert response.status_code == 200
        assert response.content == FILM
        assert response.headers["content-type"] == "video/mp4"
        assert response.headers["content-length"] == str(len(FILM))
        disposition = response.headers["content-disposition"]
        assert disposition.startswith('attachment; filename="My Podcast Episode 12.mp4"')
        assert response.headers["accept-ranges"] == "bytes"
        assert response.headers["etag"]

    @pytest.mark.main_path
    def test_head_ranges_and_validators(self, world: World) -> None:
        self.finish(world)
        url = f"/api/export/{ID}/download"
        head = world.client.head(url)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(FILM)))
        part = world.client.get(url, headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, FILM[5:10])
        assert part.headers["content-range"] == f"bytes 5-9/{len(FILM)}"
        beyond = world.client.get(url, headers={"Range": f"bytes={len(FILM)}-"})
        assert (beyond.status_code, list(beyond.json())) == (416, ["error"])
        same = world.client.get(url, headers={"If-None-Match": head.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")

    @pytest.mark.parametrize(
        ("container", "content_type"),
        [("mp4", "video/mp4"), ("mov", "video/quicktime"), ("webm", "video/webm")],
    )
    def test_types(self, world: World, container: str, content_type: str) -> None:
        self.finish(world, output={"format": container})
        response = world.client.get(f"/api/export/{ID}/download")
        assert response.headers["content-type"] == content_type
        assert f'My Podcast Episode 12.{container}"' in response.headers["content-disposition"]

    @pytest.mark.parametrize(
        "name", ["Käse & Wein №1", "../../etc/passwd", 'a"b\\c', "a\r\nSet-Cookie: x=1", "", None, "日本"]
    )
    def test_any_name_of_a_project(self, world: World, name: str | None) -> None:
        self.finish(world, projectName=name)
        response = world.client.get(f"/api/export/{ID}/download")
        assert response.status_code == 200
        assert "set-cookie" not in response.headers
        disposition = response.headers["content-disposition"]
        assert disposition.startswith("attachment; filename=")
        assert ".mp4" in disposition
        assert "/" not in disposition.replace("UTF-8''", "")
        if not name:
            assert f'filename="{ID}.mp4"' in disposition

    def test_not_completed(self, world: World) -> None:
        world.accepted(config())
        for method in (world.client.get, world.client.head):
            assert method(f"/api/export/{ID}/download").status_code == 404
        assert world.client.get(f"/api/export/{ID}/download").json() == {
            "error": "Export not found or not completed"
        }

    @pytest.mark.parametrize("export_id", HOSTILE_IDS)
    def test_unknown(self, world: World, export_id: str) -> None:
        response = world.client.get(f"/api/export/{export_id}/download")
        assert response.status_code == 404
        assert list(response.json()) == ["error"]

    def test_failed(self, world: World) -> None:
        with world.worker(FakeEngine(error=failing("No."))):
            world.accepted(config())
            world.ended(ID)
        assert world.client.get(f"/api/export/{ID}/download").json() == {
            "error": "Export not found or not completed"
        }

    def test_a_file_that_somebody_removed(self, world: World) -> None:
        self.finish(world)
        (key,) = (info.key for info in world.services.storage.list("exports") if "output" in info.key)
        assert world.services.storage.delete(key)
        assert world.client.get(f"/api/export/{ID}/download").status_code == 404

    @pytest.mark.laptop("a bucket has no links")
    def test_a_link_in_place_of_the_file(self, world: World) -> None:
        self.finish(world)
        (world.exports / ID / "output.mp4").unlink()
        (world.exports / ID / "output.mp4").symlink_to("/etc/passwd")
        assert world.client.get(f"/api/export/{ID}/download").status_code == 404


class TestDelete:
    ANSWER: ClassVar = {
        "jobId": ID,
        "status": "cancelled",
        "message": "Export cancelled and files cleaned up",
    }

    def delete(self, world: World) -> Any:
        return world.client.delete(f"/api/export/{ID}")

    def test_pending(self, world: World) -> None:
        world.accepted(config())
        response = self.delete(world)
        assert (response.status_code, response.json()) == (200, self.ANSWER)
        assert world.nothing_is_left()

    @pytest.mark.main_path
    def test_processing(self, world: World) -> None:
        engine = FakeEngine(hold=threading.Event())
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
            response = self.delete(world)
            assert (response.status_code, response.json()) == (200, self.ANSWER)
            assert world.client.get(f"/api/export/{ID}/status").status_code == 404
            world.until(world.nothing_is_left)

    @pytest.mark.parametrize("error", [None, failing("No.")])
    def test_ended(self, world: World, error: Exception | None) -> None:
        with world.worker(FakeEngine(error=error)):
            world.accepted(config())
            world.ended(ID)
        assert (self.delete(world).status_code, self.delete(world).status_code) == (200, 404)
        assert world.nothing_is_left()

    @pytest.mark.parametrize("export_id", HOSTILE_IDS)
    def test_unknown(self, world: World, export_id: str) -> None:
        response = world.client.delete(f"/api/export/{export_id}")
        assert response.status_code == 404
        assert list(response.json()) == ["error"]

    def test_unknown_in_words(self, world: World) -> None:
        assert world.client.delete("/api/export/nothing").json() == {"error": "Export not found"}

    @pytest.mark.main_path
    def test_many_at_once(self, world: World) -> None:
        engine = FakeEngine(hold=threading.Event())
        with world.worker(engine):
            world.accepted(config())
            assert engine.started.wait(30)
            with ThreadPoolExecutor(10) as pool:
                answers = list(pool.map(lambda _: self.delete(world), range(10)))
            assert {answer.status_code for answer in answers} <= {200, 404}
            assert any(answer.status_code == 200 for answer in answers)
            world.until(world.nothing_is_left)

    def test_the_id_is_free_afterwards(self, world: World) -> None:
        engine = FakeEngine()
        with world.worker(engine):
            world.accepted(config())
            world.ended(ID)
            self.delete(world)
            world.accepted(config(projectName="Another"))
            assert world.ended(ID)["status"] == "completed"
        assert len(engine.edits) == 2

    @pytest.mark.main_path
    def test_a_worker_that_does_not_let_go_disturbs_nobody(self, world: World) -> None:
        world.monkeypatch.setattr(service, "LET_GO_SECONDS", 0.05)
        deaf = FakeEngine(hold=threading.Event(), deaf=True)
        with world.worker(deaf):
            world.accepted(config())
            assert deaf.started.wait(30)
            assert self.delete(world).json() == self.ANSWER
            assert world.exports_with_files() == []
            world.accepted(config(projectName="Another"))
            assert world.kept(ID) == ["config.json", "status.json"]
            before = world.content(ID, "config.json")
            # The old worker goes on, writes its film and would publish it.
            assert deaf.hold
            deaf.hold.set()
            deaf.hold = None
            assert world.ended(ID)["status"] == "completed"
            assert len(deaf.edits) == 2
            assert world.content(ID, "config.json") == before
        assert world.exports_with_files() == [ID]
        assert world.kept(ID) == ["config.json", "output.mp4", "status.json"]

    def test_a_worker_that_ends_after_the_deletion_leaves_nothing(self, world: World) -> None:
        world.monkeypatch.setattr(service, "LET_GO_SECONDS", 0.05)
        deaf = FakeEngine(hold=threading.Event(), deaf=True)
        with world.worker(deaf):
            world.accepted(config())
            assert deaf.started.wait(30)
            assert self.delete(world).status_code == 200
            assert deaf.hold
            deaf.hold.set()
            world.until(world.nothing_is_left)
        assert world.nothing_is_left()

    def test_a_job_whose_worker_was_lost(self, world: World) -> None:
        world.monkeypatch.setattr(service, "LET_GO_SECONDS", 0.05)
        world.accepted(config())
        # As a worker leaves it that was killed a moment ago: claimed, with a lease that still lasts.
        with world.services.database.write() as session:
            session.execute(
                update(Job).values(state="running", epoch=1, worker_id="gone", lease_until=time.time() + 60)
            )
        assert self.delete(world).json() == self.ANSWER
        assert world.nothing_is_left()

    @pytest.mark.laptop("a bucket has no links")
    def test_a_link_in_place_of_the_directory(self, world: World, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "precious").write_text("kept")
        world.accepted(config())
        (world.exports / ID).rename(world.exports / "moved")
        (world.exports / ID).symlink_to(outside)
        assert self.delete(world).status_code == 200
        assert [path.name for path in outside.iterdir()] == ["precious"]
        assert world.exports_with_files() == ["moved"]

    @pytest.mark.laptop("with a bucket the working directory is in the run's own folder")
    def test_a_directory_that_is_gone(self, world: World) -> None:
        world.accepted(config())
        (world.exports / ID).rename(world.media / "elsewhere")
        with world.worker(FakeEngine()):
            assert world.ended(ID)["error"] == "The working directory of this export is gone."
        assert self.delete(world).status_code == 200
        assert not any(world.rows().values())

    def test_at_random_moments(self, world: World) -> None:
        moments = random.Random(7)
        with world.worker(FakeEngine(steps=40)):
            for number in range(30):
                export_id = world.accepted(config(id=f"export-{number}"))
                time.sleep(moments.random() * 0.06)
                assert world.client.delete(f"/api/export/{export_id}").status_code == 200
                assert world.client.get(f"/api/export/{export_id}/status").status_code == 404
            world.until(world.nothing_is_left)


class TestRest:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/export", 405),
            ("PUT", f"/api/export/{ID}", 405),
            ("POST", f"/api/export/{ID}/status", 405),
            ("GET", f"/api/export/{ID}/nothing", 404),
            ("GET", f"/api/export/{ID}/status/", 404),
            ("POST", "/api/export/", 404),
        ],
    )
    def test_every_error_has_the_familys_shape(
        self, world: World, method: str, path: str, status: int
    ) -> None:
        response = world.client.request(method, path)
        assert response.status_code == status
        assert list(response.json()) == ["error"]
        assert isinstance(response.json()["error"], str)

    def test_a_key_is_needed_where_the_family_is_not_open(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with open_world(tmp_path / "closed", monkeypatch, open_apis="", api_key="secret-key") as world:
            for answer in (
                world.post(config()),
                world.client.get(f"/api/export/{ID}/status"),
                world.client.get(f"/api/export/{ID}/download"),
                world.client.delete(f"/api/export/{ID}"),
            ):
                assert (answer.status_code, list(answer.json())) == (401, ["error"])
            world.client.headers["Authorization"] = "Bearer secret-key"
            world.accepted(config())
            assert world.status(ID)["status"] == "pending"

    def test_the_request_id_goes_into_the_job(self, world: World) -> None:
        world.client.post("/api/export", content=json.dumps(config()), headers={"X-Request-ID": "req-7"})
        with world.services.database.read() as session:
            assert session.query(Job).one().request_id == "req-7"

    def test_openapi_describes_every_answer(self, world: World) -> None:
        document = world.client.app.openapi()  # type: ignore[attr-defined] # FastAPI's
        paths = {path: item for path, item in document["paths"].items() if path.startswith("/api/export")}
        described = {
            (method.upper(), path): set(operation["responses"])
            for path, item in paths.items()
            for method, operation in item.items()
        }
        always = {"200", "401", "500", "default"}
        assert described == {
            ("POST", "/api/export"): always | {"400", "409", "413", "503", "507"},
            ("GET", "/api/export/{job_id}/status"): always | {"404"},
            ("GET", "/api/export/{job_id}/download"): always | {"206", "304", "404", "416"},
            ("DELETE", "/api/export/{job_id}"): always | {"404", "503"},
        }
        for item in paths.values():
            for operation in item.values():
                for status, answer in operation["responses"].items():
                    assert answer["description"]
                    if status not in {"200", "206", "304"}:
                        schema = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                        assert list(document["components"]["schemas"][schema]["properties"]) == ["error"]
        body = paths["/api/export"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        schemas = document["components"]["schemas"]
        config = schemas[body["$ref"].rsplit("/", 1)[1]]
        assert set(config["required"]) == {"version", "id", "sources", "segments", "output"}
        referred = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(config))
        assert {"Source", "Segment", "Output"} <= set(referred) <= set(schemas)


@pytest.mark.main_path
def test_a_real_export_holds_the_frames_and_the_sound_it_was_asked_for(world: World, tmp_path: Path) -> None:
    # The first camera's picture starts late in its file; the second one was switched on a second later.
    offsets = [Fraction(0), Fraction(1)]
    late = world.camera("late.mp4", camera=3, voice=5, video_delay=0.5)
    second = world.camera("second.mp4", camera=4, voice=5, start_offset=1)
    segments = [segment(0, 1, 2), segment(1, 1.2, 2.5), segment(0, 2, 3.5, audioSourceIndex=1)]
    with world.worker():
        sources = [source("late.mp4"), source("second.mp4", syncOffset=1)]
        world.accepted(config(sources=sources, segments=segments))
        body = world.ended(ID)
    assert body["status"] == "completed", body
    film = tmp_path / "film.mp4"
    film.write_bytes(world.content(ID, "output.mp4"))
    wanted = measure.pieces([late, second], segments, Fraction(30), offsets=offsets)
    frames = [
        (piece.camera.camera, piece.first + number) for piece in wanted for number in range(piece.count)
    ]
    assert measure.frame_codes(film) == frames
    assert measure.worst_sound_ms(measure.locate_sound(film, wanted, Fraction(30), Fraction(0))) < 1
    assert body["framesCopied"] + body["framesEncoded"] == len(frames)
    assert body["duration"] == pytest.approx(len(frames) / 30, abs=0.05)
    assert world.kept(ID) == ["config.json", "output.mp4", "status.json"]
