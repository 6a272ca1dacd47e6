"""``/assets`` and ``/clips``: made, shown, listed, deleted; and what a timeline may name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.jobs.world import World, open_world
from tests.support.media import make_av
from videocraft.core.database.models import ClipVersion
from videocraft.core.jobs.outcomes import Completed, Failed

pytestmark = pytest.mark.main_path


def film(world: World) -> bytes:
    return b"".join(world.services.storage.open("film.mp4"))


def test_an_upload_becomes_an_asset(world: World) -> None:
    query = {"filename": "../Grüße/My film.MP4", "project_id": "proj_1"}
    answer = world.client.post("/assets", params=query, content=film(world))
    assert answer.status_code == 201
    asset = answer.json()
    assert asset["filename"] == "My film.MP4"
    assert asset["content_type"] == "video/mp4"
    assert asset["size_bytes"] == len(film(world))
    assert asset["metadata"]["durationMs"] == 1000
    assert asset["project_id"] == "proj_1"
    assert world.client.get(f"/assets/{asset['id']}").json() == asset
    listed = world.client.get("/assets", params={"project_id": "proj_1"}).json()
    assert listed == {"assets": [asset], "total": 1, "limit": 20, "offset": 0}
    original = world.client.get(f"/assets/{asset['id']}/files/original")
    assert original.content == film(world)
    assert "My film.MP4" in original.headers["content-disposition"]
    assert world.submit("transcribe", {"source_asset_id": asset["id"]})["status"] == "queued"
    detail = world.detail(world.client.delete(f"/assets/{asset['id']}"), 409)
    assert "cancel" in detail
    world.clear()
    assert world.client.delete(f"/assets/{asset['id']}").status_code == 204
    assert world.detail(world.client.get(f"/assets/{asset['id']}"), 404) == f"Asset {asset['id']} not found"
    assert list(world.services.storage.list(f"assets/{asset['id']}")) == []


def test_a_file_of_the_media_root_becomes_an_asset_and_outlives_it(world: World) -> None:
    answer = world.client.post("/assets/", json={"path": "film.mp4", "filename": "Nice.mp4"})
    assert answer.status_code == 201
    asset_id = answer.json()["id"]
    assert answer.json()["filename"] == "Nice.mp4"
    assert world.client.delete(f"/assets/{asset_id}").status_code == 204
    assert film(world)


def test_what_is_no_media_is_422_and_leaves_nothing(world: World) -> None:
    before = world.client.get("/assets").json()["total"]
    assert "media" in world.detail(world.client.post("/assets", content=b"hello" * 100), 422)
    assert "empty" in world.detail(world.client.post("/assets", content=b""), 422)
    assert (
        world.detail(world.client.post("/assets", json={"path": "no.mp4"}), 422) == "File not found: no.mp4"
    )
    assert world.detail(world.client.post("/assets", json={}), 422)
    assert world.client.get("/assets").json()["total"] == before
    assert list((world.services.settings.data_dir / "incoming").iterdir()) == []


def test_an_upload_larger_than_allowed_is_413(tmp_path: Any) -> None:
    with open_world(tmp_path / "data", max_upload_bytes=1000) as world:
        world.detail(world.client.post("/assets", content=b"x" * 5000), 413)
        world.detail(world.client.post("/assets", content=iter([b"x" * 600, b"x" * 600])), 413)
        assert list((tmp_path / "data" / "incoming").iterdir()) == []


def test_a_clip_has_versions_and_their_status_follows_their_job(world: World) -> None:
    world.clear()
    clip = world.clip(title="Best", settings={"aspect_ratio": "9:16"})
    assert clip["duration"] == 0.5
    assert clip["path"] == "film.mp4"
    (version,) = clip["versions"]
    assert (version["number"], version["status"]) == (1, "draft")
    assert version["settings"]["aspect_ratio"] == "9:16"
    job = world.submit("render", {}, clip_version_id=version["id"])
    assert job["clip_version_id"] == version["id"]
    path = f"/clips/{clip['id']}/versions/{version['id']}"
    assert world.client.get(path).json()["status"] == "queued"
    assert world.detail(world.client.delete(f"/clips/{clip['id']}"), 409)
    claimed = world.claim()
    assert world.client.get(path).json()["status"] == "processing"
    world.finish(claimed, Failed("MEDIA_ERROR", "Broken.", {}))
    failed = world.client.get(path).json()
    assert (failed["status"], failed["error_message"]) == ("failed", "Broken.")
    world.submit("render", {"clip_version_id": version["id"]})
    claimed = world.claim()
    with world.services.database.write() as session:
        row = session.get_one(ClipVersion, version["id"])
        row.file_key, row.size_bytes, row.duration = "film.mp4", 5, 0.5
    world.finish(claimed, Completed({}))
    ready = world.client.get(path).json()
    assert (ready["status"], ready["size_bytes"]) == ("ready", 5)
    assert world.client.get(f"{path}/file").content == film(world)
    jobs = world.client.get("/jobs/", params={"clip_version_id": version["id"]}).json()
    assert jobs["total"] == 2
    again = world.client.post(f"/clips/{clip['id']}/versions", json={"settings": {"captions": True}})
    assert (again.status_code, again.json()["number"]) == (201, 2)
    assert world.client.post(f"/clips/{clip['id']}/versions").json()["number"] == 3
    assert world.client.delete(f"/clips/{clip['id']}").status_code == 204
    assert world.detail(world.client.get(f"/clips/{clip['id']}"), 404) == f"Clip {clip['id']} not found"


def test_clips_are_listed_newest_first(world: World) -> None:
    asset_id = world.client.post("/assets", json={"path": "film.mp4"}).json()["id"]
    made = [world.clip(path=None, source_asset_id=asset_id)["id"] for _ in range(3)]
    body = world.client.get("/clips", params={"source_asset_id": asset_id, "limit": 2}).json()
    assert [clip["id"] for clip in body["clips"]] == [made[2], made[1]]
    assert body["total"] == 3
    assert "clips" in world.detail(world.client.delete(f"/assets/{asset_id}"), 409)


@pytest.mark.parametrize(
    "changes",
    [
        {"end": 0},
        {"start": -1},
        {"end": 99},
        {"path": "no.mp4"},
        {"path": None},
        {"settings": {"format": "gif"}},
        {"settings": {"captions": {"position": "nowhere"}}},
    ],
)
def test_clips_that_make_no_sense_are_422(world: World, changes: dict[str, Any]) -> None:
    body = {"path": "film.mp4", "start": 0, "end": 0.5} | changes
    assert world.detail(world.client.post("/clips", json=body), 422)


def test_unknown_clips_and_versions_are_404(world: World) -> None:
    clip = world.clip()
    for path in ("/clips/x", "/clips/x/versions/y", f"/clips/{clip['id']}/versions/y"):
        assert world.detail(world.client.get(path), 404)
    version_id = clip["versions"][0]["id"]
    assert "no file" in world.detail(world.client.get(f"/clips/{clip['id']}/versions/{version_id}/file"), 404)
    other = world.clip()
    assert world.detail(world.client.get(f"/clips/{other['id']}/versions/{version_id}"), 404)


def _render(world: World, segments: Any, **query: Any) -> Any:
    body = {"timeline": {"segments": segments}}
    return world.client.post("/jobs/", params={"job_type": "render", **query}, json=body)


def test_a_timeline_that_holds_itself_is_422(world: World) -> None:
    version_id = world.clip()["versions"][0]["id"]
    answer = _render(world, [{"clip_version_id": version_id}], clip_version_id=version_id)
    assert "part of itself" in world.detail(answer, 422)


def test_absurd_timelines_are_422(world: World) -> None:
    nested: dict[str, Any] = {"path": "film.mp4"}
    for _ in range(15):
        nested = {"timeline": {"segments": [nested, nested]}}
    deep: dict[str, Any] = {"path": "film.mp4"}
    for _ in range(18):
        deep = {"timeline": {"segments": [deep]}}
    absurd: list[Any] = [
        [deep],
        "film.mp4",
        [5],
        [{"path": "film.mp4"}] * 501,
        [nested],
        [{"path": "film.mp4", "start": 1, "end": 1}],
        [{"path": "film.mp4", "start": 0, "end": 1e300}],
        [{"path": "film.mp4", "start": 0, "end": 80_000}] * 2,
        [{"path": "film.mp4", "clip_id": "clip_1"}],
        [{"url": "http://example.org/film.mp4"}],
        [{"start": 0, "end": 1}],
        [{"timeline": {"segments": [{"path": "film.mp4"}]}, "start": 1, "end": 2}],
        [{"timeline": {"segments": [{"path": "film.mp4", "end": 1}]}, "start": 5}],
        [{"clip_version_id": world.clip()["versions"][0]["id"]}],
    ]
    for segments in absurd:
        assert world.detail(_render(world, segments), 422)


def test_a_version_with_a_file_may_be_a_part(world: World) -> None:
    version_id = world.clip()["versions"][0]["id"]
    with world.services.database.write() as session:
        session.get_one(ClipVersion, version_id).file_key = "film.mp4"
    clip_id = world.clip()["id"]
    answer = _render(world, [{"clip_version_id": version_id, "end": 0.4}, {"clip_id": clip_id}])
    assert answer.status_code == 202


def test_keys_are_asked_for_beyond_loopback(tmp_path: Any) -> None:
    with open_world(tmp_path / "data", host="0.0.0.0", api_key="secret-key") as world:
        for path in ("/jobs/", "/v1/jobs", "/jobs/x", "/assets", "/clips", "/assets/x/files/y"):
            assert world.client.get(path).status_code == 401, path
        assert world.client.post("/jobs/?job_type=ingest", json={}).status_code == 401
        assert world.client.get("/health/diagnostics").status_code == 200
        headers = {"Authorization": "Bearer secret-key"}
        assert world.client.get("/jobs/", headers=headers).status_code == 200
        make_av(tmp_path / "film.mp4", seconds=1)
        data = (tmp_path / "film.mp4").read_bytes()
        assert world.client.post("/assets", content=data).status_code == 401
        assert world.client.post("/assets", content=data, headers=headers).status_code == 201
