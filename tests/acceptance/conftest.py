"""One server for all acceptance tests, with generated recordings in its media root."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cameras import Camera, make_camera
from tests.support.exports import Exports
from tests.support.server import Server, running_server

MakeCamera = Callable[..., Camera]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running ``videocraft serve`` with one worker."""
    with running_server(tmp_path_factory.mktemp("server") / "data") as started:
        yield started


@pytest.fixture
def exports(server: Server, tmp_path: Path) -> Exports:
    """A client for the shared server; downloads go to the test's own folder."""
    return Exports(server, tmp_path)


@pytest.fixture(scope="session")
def camera(server: Server) -> MakeCamera:
    """Puts a recording into the server's media root: ``camera(camera=2, gop=30, suffix=".ts")``.

    Six seconds long if nothing else is said; equal ones are the same file.
    """
    made: dict[str, Camera] = {}

    def make(*, suffix: str = ".mp4", **parameters: Any) -> Camera:
        parameters.setdefault("seconds", 6)
        key = repr((suffix, sorted(parameters.items())))
        if key not in made:
            path = server.media / f"camera-{len(made)}{suffix}"
            made[key] = make_camera(path, **parameters)
        return made[key]

    return make
