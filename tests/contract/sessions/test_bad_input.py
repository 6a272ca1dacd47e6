"""Whatever is sent, the answer is a documented error or a success: never a 500, always the family's shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.sessions.world import World, open_world

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
BODIES = {
    "": ["title", "date", "location", "notes", "projectId"],
    "/{session}/assets/init-upload": ["cameraLabel", "filename", "contentType", "sizeBytes"],
    "/{session}/assets/{asset}/complete": ["uploadId", "parts"],
    "/{session}/sync/compute": ["masterCamera", "method"],
    "/{session}/sync/approve": ["approvedBy", "notes"],
    "/{session}/sync/correct": ["correctedBy", "offsets", "notes"],
}
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "date": st.dates().map(str),
    "cameraLabel": st.sampled_from("ABCXYZ"),
    "contentType": st.sampled_from(["video/mp4", "audio/wav", "video/x;y", "image/gif"]),
    "sizeBytes": st.integers(-1, 2**70),
    "parts": st.lists(
        st.fixed_dictionaries({"partNumber": st.integers(-1, 4) | VALUES, "etag": TEXT | VALUES}), max_size=4
    ),
    "offsets": st.dictionaries(
        st.sampled_from(["A", "B", "a"]) | TEXT, VALUES | st.floats(-1e5, 1e5), max_size=3
    ),
    "method": st.sampled_from(["xcorr", "other"]),
    "masterCamera": st.sampled_from("ABC"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One server for all that is thrown at it."""
    with (
        pytest.MonkeyPatch.context() as patch,
        open_world(tmp_path_factory.mktemp("bad") / "data", patch) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def synced(world: World) -> dict[str, str]:
    """A session with a computed sync, and an upload that is going on."""
    session_id = world.synced("AB")
    return {"session": session_id, "asset": world.begun(session_id, "Q")["assetId"]}


def check(answer: Any) -> None:
    """A success, or an error as documented."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json().keys() == {"error"}
        assert answer.json()["error"].keys() == {"code", "message", "details"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bodies(world: World, synced: dict[str, str], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(BODIES)))
    body = {
        key: data.draw(LIKELY.get(key, TEXT) | VALUES, label=key)
        for key in BODIES[path]
        if data.draw(st.integers(0, 9)) > 0
    }
    check(world.client.post("/v2/sessions" + path.format(**synced), json=body))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(sorted(BODIES)), body=VALUES.map(repr).map(str.encode) | st.binary(max_size=60))
def test_bytes(world: World, synced: dict[str, str], path: str, body: bytes) -> None:
    check(world.client.post("/v2/sessions" + path.format(**synced), content=body))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.tuples(TEXT, TEXT), tail=st.sampled_from(["", "/assets", "/sync", "/status", "/events/ticket"]))
def test_ids(world: World, ids: tuple[str, str], tail: str) -> None:
    first, second = (quote(text, safe="") or "x" for text in ids)
    check(world.client.get(f"/v2/sessions/{first}{tail}"))
    check(world.client.get(f"/v2/sessions/{first}/assets/{second}/upload"))
    check(
        world.client.put(
            f"/v2/storage/uploads/{first}/{second}?expires={second}&signature={first}", content=b"x"
        )
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(["limit", "offset", "projectId", "includeDerivatives"]), TEXT))
def test_queries(world: World, synced: dict[str, str], query: dict[str, str]) -> None:
    check(world.client.get("/v2/sessions", params=query))
    check(world.client.get(f"/v2/sessions/{synced['session']}/assets", params=query))
