"""Which path belongs to which family."""

from __future__ import annotations

import pytest

from videocraft.apis import ROOMS, room_named, room_of, task_modules


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/export", "exports"),
        ("/api/export/x/status", "exports"),
        ("/api/exports", None),
        ("/api/v1", "videos"),
        ("/api/v1/jobs", "videos"),
        ("/api/v11", None),
        ("/health", "videos"),
        ("/health/", "jobs"),
        ("/health/diagnostics", "jobs"),
        ("/health/detailed", "videos"),
        ("/health/detailedly", "jobs"),
        ("/healthy", None),
        ("/health\n", None),
        ("/live", "videos"),
        ("/metrics", "videos"),
        ("/ready", "videos"),
        ("/jobs", "jobs"),
        ("/jobs/", "jobs"),
        ("/v1/jobs/x", "jobs"),
        ("/ws/jobs/x", "jobs"),
        ("/v2/sessions/x/events", "sessions"),
        ("/v2/storage/uploads/x/1", "sessions"),
        ("/v2/storages", None),
        ("/api/v2/generate", "storyboards"),
        ("/", None),
        ("", None),
        ("/docs", None),
        ("//api/v1", None),
    ],
)
def test_room_of(path: str, name: str | None) -> None:
    room = room_of(path)
    assert (room.name if room else None) == name


def test_every_room_renders() -> None:
    assert [room.name for room in ROOMS] == ["exports", "videos", "sessions", "jobs", "storyboards"]
    for room in ROOMS:
        assert room.renderer.responses(404).keys() == {404, "default"}
        assert room_named(room.name) is room


def test_task_modules_exist() -> None:
    assert all(name.startswith("videocraft.apis.") and name.endswith(".tasks") for name in task_modules())
