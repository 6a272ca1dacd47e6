"""What a user of the package sees: names, signatures, help, and what importing costs."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import videocraft
from videocraft import AsyncVideoCraftAPI, VideoCraftAPI

METHODS = {
    "videos": {"create", "delete", "download", "get", "list", "plan"},
    "jobs": {"cancel", "get", "list", "status", "wait_for_completion"},
}


def _loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_no_client() -> None:
    loaded = _loaded_by("import videocraft")
    assert not loaded & {"httpx", "anyio", "rich", "numpy", "videocraft.client"}


def test_the_client_loads_no_server() -> None:
    loaded = _loaded_by(
        "from videocraft import VideoCraftAPI; VideoCraftAPI('http://localhost', 'key').close()"
    )
    assert "httpx" in loaded
    assert not loaded & {
        "av",
        "fastapi",
        "numpy",
        "pydantic",
        "sqlalchemy",
        "videocraft.core",
        "videocraft.errors",
        "videocraft.settings",
    }


def test_both_clients_are_names_of_the_package() -> None:
    assert {"VideoCraftAPI", "AsyncVideoCraftAPI", "__version__"} <= set(dir(videocraft))
    assert videocraft.VideoCraftAPI is VideoCraftAPI
    with pytest.raises(AttributeError, match="nothing"):
        _ = videocraft.nothing  # type: ignore[attr-defined]  # that is the test


@pytest.mark.parametrize("kind", [VideoCraftAPI, AsyncVideoCraftAPI])
def test_every_method_has_its_own_signature_and_help(kind: type[VideoCraftAPI | AsyncVideoCraftAPI]) -> None:
    api = kind("http://localhost", "key")
    for name, methods in METHODS.items():
        resource = getattr(api, name)
        public = {method for method in dir(resource) if not method.startswith("_")}
        assert public == methods
        for method in methods:
            bound = getattr(resource, method)
            assert "self" not in inspect.signature(bound).parameters
            assert bound.__name__ == method
            assert bound.__doc__


def test_a_wrong_argument_is_said_by_the_method_itself() -> None:
    with VideoCraftAPI("http://localhost", "key") as api, pytest.raises(TypeError, match="nonsense"):
        api.videos.list(nonsense=1)  # type: ignore[call-arg]  # that is the test


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(identifier: str) -> None:
    with VideoCraftAPI("http://localhost", "key") as api, pytest.raises(ValueError, match="not an id"):
        api.videos.delete(identifier)


@pytest.mark.parametrize("key", ["", "ä", "a\r\nX-Evil: 1", "a" * 256])
def test_a_key_that_can_not_be_a_header_is_refused(key: str) -> None:
    with VideoCraftAPI("http://localhost", "key") as api, pytest.raises(ValueError, match="idempotency_key"):
        api.videos.create({"scenes": []}, idempotency_key=key)
