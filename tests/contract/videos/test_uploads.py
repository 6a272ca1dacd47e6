"""Files that are sent to be used in films: the whole body or a form, by content, within a quota."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.videos.world import World, error, open_world

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(1000)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00" + bytes(200)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server that takes files of 5,000 bytes, 6,000 in all."""
    data_dir = tmp_path_factory.mktemp("uploads") / "data"
    with open_world(data_dir, fetch_max_bytes=5000, upload_quota_bytes=6000) as opened:
        yield opened


def upload(world: World, data: bytes, **named: Any) -> Any:
    """Send a file as the body; the response."""
    path = named.pop("path", "/uploads")
    return world.send("POST", path, content=data, **named)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (WAV, "audio/wav"),
        (PNG, "image/png"),
        (MP4, "video/mp4"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "text/vtt"),
    ],
)
def test_a_body_is_kept_and_known_by_its_content(world: World, data: bytes, kind: str) -> None:
    headers = {"Content-Type": "application/x-lies"}
    answer = upload(world, data, path="/uploads?filename=../my%20song.wav", headers=headers)
    assert answer.status_code == 201
    found = answer.json()["data"]
    assert (found["content_type"], found["size"]) == (kind, len(data))
    assert found["sha256"] == hashlib.sha256(data).hexdigest()
    assert found["src"] == f"upload:{found['id']}"
    assert found["filename"] == ".._my song.wav" or "/" not in found["filename"]
    assert b"".join(world.services.storage.open(f"uploads/{found['id']}/source")) == data
    assert world.get(f"/uploads/{found['id']}").json()["data"] == found
    listed = world.get("/uploads?limit=1").json()["data"]
    assert listed["uploads"][0]["id"] == found["id"]
    assert listed["quota"]["used"] >= len(data)


@pytest.mark.parametrize("piece", [7, 4096])
def test_a_form(world: World, piece: int) -> None:
    # The file holds what looks like the beginning of a boundary.
    data = WAV + b"\r\n--bound\r\n--boundar" + WAV
    form = (
        b'preamble\r\n--boundary\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--boundary\r\ncontent-disposition: form-data; name="file"; filename="a \\"b\\".wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n" + data + b"\r\n--boundary--\r\nepilogue"
    )
    chunks = (form[start : start + piece] for start in range(0, len(form), piece))
    answer = world.send(
        "POST",
        "/uploads",
        content=chunks,
        headers={"Content-Type": 'multipart/form-data; boundary="boundary"'},
    )
    assert answer.status_code == 201, answer.text
    found = answer.json()["data"]
    assert found["sha256"] == hashlib.sha256(data).hexdigest()
    assert found["filename"] == 'a "b".wav'


def test_a_form_as_a_client_sends_it(world: World) -> None:
    answer = world.send("POST", "/uploads", files={"file": ("täst.png", PNG, "image/png")})
    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["size"] == len(PNG)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (b"", "INVALID_FORM"),
        (b"--b--\r\n", "NO_FILE"),
        (b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--', "NO_FILE"),
        (b'--b\r\nContent-Disposition: form-data; name="x"; filename="x"\r\n\r\nabc', "INVALID_FORM"),
        (b"--b\r\n" + b"x" * 100_000, "INVALID_FORM"),
        (b"x" * 100_000, "INVALID_FORM"),
        (b'--b\r\nContent-Disposition: form-data; name="x"; filename="x"\r\n\r\n\r\n--b--', "NO_FILE"),
    ],
)
def test_broken_forms(world: World, form: bytes, code: str) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    error(upload(world, form, headers=headers), 400, code)
    error(upload(world, form, headers={"Content-Type": "multipart/form-data"}), 400, "INVALID_FORM")


@pytest.mark.parametrize("data", [b"#!/bin/sh\n", b"#EXTM3U\n", b"<html></html>", b"\x7fELF" + bytes(100)])
def test_what_is_no_media_is_refused(world: World, data: bytes) -> None:
    before = world.get("/uploads").json()["data"]["pagination"]["total"]
    body = error(upload(world, data), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert body["error"].startswith("The file can't be used: ")
    assert world.get("/uploads").json()["data"]["pagination"]["total"] == before
    assert not list((world.services.settings.data_dir / "incoming").glob("*"))


def test_nothing(world: World) -> None:
    error(upload(world, b""), 400, "NO_FILE")


def test_limits(small: World) -> None:
    error(upload(small, WAV + bytes(5000)), 413, "REQUEST_TOO_LARGE")
    first = upload(small, WAV + bytes(3000))
    assert first.status_code == 201
    error(upload(small, WAV + bytes(3000)), 507, "QUOTA_EXCEEDED")
    answer = small.send("DELETE", f"/uploads/{first.json()['data']['id']}")
    assert answer.json()["message"] == "Upload deleted successfully"
    assert upload(small, WAV + bytes(3000)).status_code == 201
    assert not list((small.services.settings.data_dir / "incoming").glob("*"))


def test_a_body_larger_than_a_megabyte_passes(world: World) -> None:
    data = WAV + bytes(3 * 2**20)
    assert upload(world, data).json()["data"]["size"] == len(data)


def test_uploads_belong_to_their_key(world: World) -> None:
    upload_id = upload(world, WAV).json()["data"]["id"]
    _, other = world.services.keys.create("other")
    headers = {"Authorization": f"Bearer {other}"}
    error(world.get(f"/uploads/{upload_id}", headers=headers), 404, "UPLOAD_NOT_FOUND")
    error(world.send("DELETE", f"/uploads/{upload_id}", headers=headers), 404, "UPLOAD_NOT_FOUND")
    assert world.get("/uploads", headers=headers).json()["data"]["uploads"] == []
    project = {"scenes": [{"elements": [{"type": "audio", "src": f"upload:{upload_id}"}]}]}
    body = error(world.post(project, headers=headers), 400, "VALIDATION_ERROR")
    assert body["details"] == {"scenes[0].elements[0].src": "There is no such upload"}
    assert world.post(project).status_code == 202
