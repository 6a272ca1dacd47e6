"""Uploads: begun, sent in parts, resumed, aborted, completed; and everything that goes wrong with them."""

from __future__ import annotations

import base64
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from tests.contract.sessions.world import World, error, open_world
from videocraft.apis.sessions import uploads
from videocraft.core.database.models import Asset, Job, Upload

FOLDER = "projects/proj-abc123/20260203/originals"


def age(world: World, seconds: float) -> None:
    """Let every upload's URLs be older."""
    with world.services.database.write() as session:
        session.execute(update(Upload).values(expires_at=Upload.expires_at - seconds))


@pytest.mark.main_path
def test_the_documented_way(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    assert begun.keys() == {"assetId", "uploadUrl", "uploadId", "expiresAt", "partSizeBytes", "parts"}
    assert [part["partNumber"] for part in begun["parts"]] == [1, 2, 3]
    assert begun["uploadUrl"] == begun["parts"][0]["uploadUrl"]
    assert world.status(session_id)["status"] == "ingesting"
    (asset,) = world.client.get(f"/v2/sessions/{session_id}/assets").json()["assets"]
    assert (asset["status"], asset["originalUrl"], asset["metadata"]) == ("uploading", None, None)

    answer = world.complete(session_id, begun, world.send(begun, world.data))
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"assetId", "status", "originalUrl", "ingestionJobId"}
    assert (body["assetId"], body["status"]) == (begun["assetId"], "ingesting")
    assert urlsplit(body["originalUrl"]).path == f"/files/{FOLDER}/angle-001_v001.mp4"
    assert world.put(body["originalUrl"], b"").status_code == 405
    got = world.client.get(body["originalUrl"], headers={"Authorization": ""})
    assert got.content == world.data
    part = world.client.get(body["originalUrl"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, world.data[10:20])
    with world.services.database.read() as session:
        job = session.scalars(select(Job)).one()
    assert (job.id, job.kind, job.payload) == (
        body["ingestionJobId"],
        "sessions.ingest",
        {"assetId": begun["assetId"]},
    )
    assert world.services.storage.uploads() == []


@pytest.mark.laptop("S3 takes parts by itself")
def test_part_urls_lead_to_this_server_for_an_hour(world: World) -> None:
    url = world.begun(world.session())["uploadUrl"]
    assert url.startswith("http://127.0.0.1:8000/v2/storage/")
    expires = int(parse_qs(urlsplit(url).query)["expires"][0])
    assert abs(expires - time.time() - 3600) < 60


def test_etags_are_hashes_and_may_come_back_in_quotes_or_without(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    listed = world.send(begun, world.data)
    assert listed[0]["etag"] == f'"{world.etag(world.part(1))}"'
    bare = [{**part, "etag": part["etag"].strip('"').upper()} for part in listed]
    assert world.complete(session_id, begun, bare).status_code == 200


@pytest.mark.parametrize("label", ["", "a", "AB", "1", "É", "A\n", " A", "あ", "\u202e"])
def test_wrong_labels(world: World, label: str) -> None:
    error(world.init(world.session(), label), 400, "INVALID_CAMERA_LABEL")


@pytest.mark.parametrize("label", [1, True, ["A"], {"A": "A"}])
def test_labels_that_are_no_text(world: World, label: Any) -> None:
    error(world.init(world.session(), cameraLabel=label), 400, "INVALID_CAMERA_LABEL")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sizeBytes", 0),
        ("sizeBytes", -1),
        ("sizeBytes", 5 * 2**40 + 1),
        ("sizeBytes", 10**300),
        ("sizeBytes", 1.5),
        ("sizeBytes", "5"),
        ("sizeBytes", True),
        ("sizeBytes", None),
        ("contentType", "image/png"),
        ("contentType", "text/html"),
        ("contentType", "video"),
        ("contentType", "video/"),
        ("contentType", "video/mp4\r\nX: y"),
        ("contentType", 5),
        ("filename", ""),
        ("filename", ["a.mp4"]),
        ("cameraLabel", None),
    ],
)
def test_wrong_facts(world: World, key: str, value: Any) -> None:
    session_id = world.session()
    assert key in error(world.init(session_id, **{key: value}), 400, "VALIDATION_ERROR")
    assert world.status(session_id)["status"] == "draft"
    assert world.services.storage.uploads() == []


@pytest.mark.parametrize("size", [1, 999, 1000, 1001, 5368709120, 5 * 2**40])
def test_sizes_that_are_taken(world: World, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MIN_PART_BYTES", 16 * 2**20)
    monkeypatch.setattr(uploads, "_PART_STEP", 2**20)
    begun = world.begun(world.session(), size=size)
    assert begun["partSizeBytes"] >= 16 * 2**20
    assert len(begun["parts"]) == -(-size // begun["partSizeBytes"]) <= 2_000
    assert begun["partSizeBytes"] <= 5 * 2**30  # S3's longest part


def test_the_limit_can_be_set(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_world(tmp_path / "small", monkeypatch, max_upload_bytes=2500) as world:
        session_id = world.session()
        error(world.init(session_id, size=2501), 400, "VALIDATION_ERROR")
        world.begun(session_id, size=2500)


@pytest.mark.parametrize(
    ("filename", "content_type", "extension"),
    [
        ("CAM_A_001.MP4", "video/mp4", ".mp4"),
        ("../../etc/passwd", "video/mp4", ".mp4"),
        ("/etc/x.mov", "video/quicktime", ".mov"),
        ("a.b/../c.mkv", "video/x-matroska", ".mkv"),
        ("x.mp4/", "video/mp4", ".mp4"),
        ("x." + "y" * 4000, "video/mp4", ".mp4"),
        ("evil.m\u202ep4", "video/mp4", ".mp4"),
        ("C:\\CAM.MXF", "video/mxf", ".mxf"),
        ("noextension", "audio/unknownthing", ".bin"),
        ("x.é", "audio/wav", ".wav"),
        ("📹.webm", "video/webm; codecs=vp9", ".webm"),
    ],
)
def test_only_the_extension_of_a_file_name_is_used(
    world: World, filename: str, content_type: str, extension: str
) -> None:
    session_id = world.session()
    begun = world.begun(session_id, size=3, filename=filename, contentType=content_type)
    assert world.complete(session_id, begun, world.send(begun, b"abc")).status_code == 200
    (key,) = world.files()
    assert key == f"{FOLDER}/angle-001_v001{extension}"
    (asset,) = world.client.get(f"/v2/sessions/{session_id}/assets").json()["assets"]
    assert asset["filename"] == filename


def test_a_camera_has_one_asset(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    details = error(world.init(session_id), 409, "ASSET_ALREADY_EXISTS")
    assert details == {"assetId": begun["assetId"], "cameraLabel": "A", "status": "uploading"}
    world.complete(session_id, begun, world.send(begun, world.data))
    error(world.init(session_id), 409, "ASSET_ALREADY_EXISTS")
    world.begun(session_id, "B")


@pytest.mark.main_path
def test_aborted_uploads_are_replaced_by_the_next_version(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    path = f"/v2/sessions/{session_id}/assets/{begun['assetId']}"
    assert world.client.delete(f"{path}/upload").json() == {"assetId": begun["assetId"], "status": "aborted"}
    assert world.status(session_id)["status"] == "draft"
    error(world.client.delete(f"{path}/upload"), 404, "ASSET_NOT_FOUND")
    error(world.complete(session_id, begun, []), 404, "ASSET_NOT_FOUND")
    world.refused_as_gone(begun["uploadUrl"])
    world.uploaded(session_id)
    assert world.files() == [f"{FOLDER}/angle-001_v002.mp4"]


def test_expired_uploads_are_replaced(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    age(world, 3601)
    again = world.begun(session_id)
    assert again["assetId"] != begun["assetId"]
    world.refused_as_gone(begun["uploadUrl"])
    assert len(world.services.storage.uploads()) == 1


def test_an_expired_upload_that_nobody_replaced_goes_on(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    world.put(begun["parts"][0]["uploadUrl"], world.part(1))
    age(world, 7200)
    uploads.sweep(world.services)
    resumed = world.client.get(f"/v2/sessions/{session_id}/assets/{begun['assetId']}/upload").json()
    assert [part["partNumber"] for part in resumed["received"]] == [1]
    error(world.init(session_id), 409, "ASSET_ALREADY_EXISTS")
    assert world.complete(session_id, resumed, world.send(resumed, world.data)).status_code == 200


def test_forgotten_uploads_are_swept(world: World) -> None:
    session_id = world.session()
    world.begun(session_id)
    kept = world.begun(session_id, "B")
    world.complete(session_id, kept, world.send(kept, world.data))
    age(world, 3600 + 24 * 3600 + 1)
    uploads.sweep(world.services)
    assert world.services.storage.uploads() == []
    listed = world.client.get(f"/v2/sessions/{session_id}/assets").json()["assets"]
    assert [asset["cameraLabel"] for asset in listed] == ["B"]
    assert world.files() == [f"{FOLDER}/angle-002_v001.mp4"]


def test_uploads_of_the_storage_without_a_row_are_swept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = world.begun(world.session())
    storage = world.services.storage
    storage.create_upload("orphan.mp4", 10, 10)
    uploads.sweep(world.services)
    assert len(storage.uploads()) == 2, "a young one may have its row on the way"
    monkeypatch.setattr(uploads, "ORPHAN_SECONDS", -1)
    uploads.sweep(world.services)
    assert len(storage.uploads()) == 1
    assert world.put(kept["uploadUrl"], world.part(1)).status_code == 200


@pytest.mark.main_path
def test_resuming(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    world.put(begun["parts"][1]["uploadUrl"], world.part(2))
    path = f"/v2/sessions/{session_id}/assets/{begun['assetId']}/upload"
    body = world.client.get(path).json()
    assert body["received"] == [
        {"partNumber": 2, "sizeBytes": world.part_bytes, "etag": world.etag(world.part(2))}
    ]
    assert (body["uploadId"], body["partSizeBytes"]) == (begun["uploadId"], world.part_bytes)
    assert world.complete(session_id, body, world.send(body, world.data)).status_code == 200
    error(world.client.get(path), 409, "UPLOAD_ALREADY_COMPLETED")
    error(world.client.delete(path), 409, "UPLOAD_ALREADY_COMPLETED")


def _without(listed: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    return [part for part in listed if part["partNumber"] != number]


@pytest.mark.parametrize(
    ("change", "details"),
    [
        (lambda parts: [], {"missingParts": [1, 2, 3], "missingCount": 3}),
        (lambda parts: _without(parts, 2), {"missingParts": [2], "missingCount": 1}),
        (lambda parts: parts[::-1], {}),
        (lambda parts: [*parts, parts[2]], {}),
        (lambda parts: [*parts, {"partNumber": 4, "etag": "x"}], {"unknownParts": [4]}),
        (lambda parts: [{"partNumber": 0, "etag": "x"}, *parts], {"unknownParts": [0]}),
        (lambda parts: [*parts[:2], {"partNumber": 3, "etag": parts[0]["etag"]}], {"wrongEtags": [3]}),
        (lambda parts: [*parts[:2], {"partNumber": 3, "etag": ""}], {"wrongEtags": [3]}),
    ],
)
def test_wrong_lists_of_parts(world: World, change: Any, details: dict[str, Any]) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    listed = world.send(begun, world.data)
    assert error(world.complete(session_id, begun, change(listed)), 400, "UPLOAD_FAILED") == details
    assert world.files() == []
    assert world.complete(session_id, begun, listed).status_code == 200


def test_parts_that_were_never_sent(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    listed = [{"partNumber": number, "etag": "0" * 32} for number in (1, 2, 3)]
    details = error(world.complete(session_id, begun, listed), 400, "UPLOAD_FAILED")
    assert details == {"missingParts": [1, 2, 3], "missingCount": 3}


@pytest.mark.parametrize(
    "body",
    [{"parts": "x"}, {"parts": [5]}, {"parts": [{}]}, {"uploadId": 5}, {"parts": None}, {"uploadId": None}],
)
def test_completions_of_the_wrong_shape(world: World, body: dict[str, Any]) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    whole = {"uploadId": begun["uploadId"], "parts": []} | body
    path = f"/v2/sessions/{session_id}/assets/{begun['assetId']}/complete"
    error(world.client.post(path, json=whole), 400, "VALIDATION_ERROR")


def test_the_upload_and_the_asset_of_another_session(world: World) -> None:
    first, second = world.session(), world.session()
    begun, other = world.begun(first), world.begun(second)
    listed = world.send(begun, world.data)
    wrong = world.complete(first, begun, listed, uploadId=other["uploadId"])
    assert error(wrong, 400, "UPLOAD_FAILED") == {"uploadId": other["uploadId"]}
    error(world.complete(second, begun, listed), 404, "ASSET_NOT_FOUND")
    assert error(world.complete(second, other, listed), 400, "UPLOAD_FAILED")["missingCount"] == 3


def test_completing_twice(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    listed = world.send(begun, world.data)
    assert world.complete(session_id, begun, listed).status_code == 200
    error(world.complete(session_id, begun, listed), 409, "UPLOAD_ALREADY_COMPLETED")
    world.refused_as_gone(begun["uploadUrl"])


@pytest.mark.main_path
def test_of_completions_at_once_one_wins(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    listed = world.send(begun, world.data)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.complete(session_id, begun, listed), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    with world.services.database.read() as session:
        assert len(session.scalars(select(Job)).all()) == 1


def test_a_completion_whose_end_was_lost_can_be_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    listed = world.send(begun, world.data)

    def dies(*_: Any) -> None:
        raise RuntimeError("killed between the file and the row")

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_begin_ingest", dies)
        error(world.complete(session_id, begun, listed), 500, "INTERNAL_ERROR")
    assert world.complete(session_id, begun, listed).status_code == 200
    assert world.files() == [f"{FOLDER}/angle-001_v001.mp4"]


@pytest.mark.main_path
def test_twenty_six_cameras_at_once(world: World) -> None:
    session_id = world.session()
    labels = [chr(ord("A") + number) for number in range(26)]
    with ThreadPoolExecutor(26) as pool:
        answers = list(pool.map(lambda label: world.init(session_id, label), labels))
        assert [answer.status_code for answer in answers] == [200] * 26
        twice = list(pool.map(lambda label: world.init(session_id, label), labels))
    assert [answer.status_code for answer in twice] == [409] * 26
    assert world.status(session_id)["assets"]["total"] == 26


@pytest.mark.main_path
def test_of_inits_for_one_camera_at_once_one_wins(world: World) -> None:
    session_id = world.session()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.init(session_id), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    assert len(world.services.storage.uploads()) == 1


@pytest.mark.laptop("S3 takes parts by itself")
@pytest.mark.parametrize("length", [0, 1, 999, 1001, 5000])
@pytest.mark.parametrize("chunked", [False, True])
def test_parts_of_the_wrong_length(world: World, length: int, chunked: bool) -> None:
    begun = world.begun(world.session())
    body: Any = iter([b"x" * length]) if chunked else b"x" * length
    error(world.put(begun["uploadUrl"], body), 400, "UPLOAD_FAILED")


@pytest.mark.laptop("S3 takes parts by itself")
def test_content_md5_is_checked(world: World) -> None:
    begun = world.begun(world.session())
    good = base64.b64encode(hashlib.md5(world.part(1)).digest()).decode()
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    for header in (wrong, "x", "", "é"):
        headers = [(b"Content-MD5", header.encode("latin-1"))]
        answer = world.client.put(begun["uploadUrl"], content=world.part(1), headers=headers)
        error(answer, 400, "UPLOAD_FAILED")
    assert world.put(begun["uploadUrl"], world.part(1), **{"Content-MD5": good}).status_code == 200


@pytest.mark.laptop("S3 checks its URLs by itself")
def test_altered_urls(world: World) -> None:
    session_id = world.session()
    begun = world.begun(session_id)
    other = world.begun(session_id, "B")
    url = begun["uploadUrl"]
    path, _, query = url.partition("?")
    foreign = other["uploadUrl"].partition("?")[2]
    for altered in (
        path,
        f"{path}?{query[:-1]}",
        f"{path}?{foreign}",
        f"{path[:-1]}2?{query}",
        f"{path[:-1]}01?{query}",
        f"{path[:-1]}x?{query}",
        f"{path[:-1]}%D9%A1?{query}",
        url.replace("expires=", "expires=9"),
        url.replace("signature=", "signature=%00"),
        url.replace("expires=", "other="),
    ):
        error(world.put(altered, world.part(1)), 403, "INVALID_SIGNATURE")
    with world.services.database.read() as session:
        upload = session.scalars(
            select(Upload.storage_upload_id).where(Upload.asset_id == begun["assetId"])
        ).one()
    expired = world.services.storage.part_url(upload, 1, -5)
    error(world.put(expired, world.part(1)), 403, "LINK_EXPIRED")
    assert (
        world.client.get(f"/v2/sessions/{session_id}/assets/{begun['assetId']}/upload").json()["received"]
        == []
    )


def test_a_recording_that_was_not_ingested(world: World) -> None:
    session_id = world.session()
    body = world.uploaded(session_id)
    world.fail_job(body["ingestionJobId"], "MEDIA_ERROR", "No moov atom was found.", stderr="/srv/x")
    (asset,) = world.client.get(f"/v2/sessions/{session_id}/assets").json()["assets"]
    assert asset["status"] == "failed"
    assert asset["error"] == {
        "code": "INGESTION_FAILED",
        "message": "No moov atom was found.",
        "details": {"camera": "A", "reason": "MEDIA_ERROR"},
    }
    assert world.status(session_id)["assets"] == {"total": 1, "ingested": 1, "ready": 0, "failed": 1}
    error(world.init(session_id), 409, "ASSET_ALREADY_EXISTS")
    assert world.client.delete(f"/v2/sessions/{session_id}/assets/{asset['id']}/upload").status_code == 200
    assert world.files() == []
    world.uploaded(session_id)
    assert world.files() == [f"{FOLDER}/angle-001_v002.mp4"]


def test_derivatives_are_shown_when_asked_for(world: World) -> None:
    session_id = world.session()
    world.ready(session_id, "B")
    asset_id = world.ready(session_id, "A")
    plain = world.client.get(f"/v2/sessions/{session_id}/assets").json()
    assert [asset["cameraLabel"] for asset in plain["assets"]] == ["A", "B"]
    assert "derivatives" not in plain["assets"][0]
    full = world.client.get(f"/v2/sessions/{session_id}/assets?includeDerivatives=true").json()["assets"][0]
    (proxy,) = full["derivatives"]
    assert proxy.keys() == {"kind", "url", "sizeBytes"}
    assert (proxy["kind"], proxy["sizeBytes"]) == ("proxy", 5)
    assert world.client.get(proxy["url"], headers={"Range": "bytes=1-2"}).content == b"ro"
    assert full["metadata"].items() >= {"durationMs": 1800000, "fps": 29.97, "codec": "h264"}.items()
    single = world.client.get(f"/v2/sessions/{session_id}/assets/{asset_id}").json()
    assert single.keys() == full.keys()
    error(
        world.client.get(f"/v2/sessions/{session_id}/assets?includeDerivatives=perhaps"),
        400,
        "VALIDATION_ERROR",
    )


def test_versions_follow_the_camera_not_the_session(world: World) -> None:
    first, second = world.session(), world.session()
    for session_id, label in ((first, "A"), (second, "B"), (second, "A")):
        world.uploaded(session_id, label)
    with world.services.database.read() as session:
        versions = session.execute(select(Asset.camera_label, Asset.version).order_by(Asset.created_at)).all()
    assert [tuple(row) for row in versions] == [("A", 1), ("B", 1), ("A", 2)]
