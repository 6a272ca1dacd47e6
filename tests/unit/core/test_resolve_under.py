"""``resolve_under``: user paths never leave the root, and never tell what is outside."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.core.storage import resolve_under


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A media root beside a secret, with everything odd in it."""
    root = tmp_path / "media"
    (root / "sources").mkdir(parents=True)
    (root / "cam.mp4").write_bytes(b"x")
    (root / "sources" / "é 1.mp4").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"x")
    (root / "inside").symlink_to("sources/é 1.mp4")
    (root / "folder").symlink_to("sources")
    (root / "outside").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to("..")
    (root / "loop").symlink_to("loop")
    (root / "broken").symlink_to("nowhere")
    (root / "zero").symlink_to("/dev/zero")
    os.mkfifo(root / "fifo")
    return root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cam.mp4", "cam.mp4"),
        ("./cam.mp4", "cam.mp4"),
        ("sources//é 1.mp4", "sources/é 1.mp4"),
        ("inside", "sources/é 1.mp4"),
        ("folder/é 1.mp4", "sources/é 1.mp4"),
    ],
)
def test_inside(root: Path, path: str, expected: str) -> None:
    assert resolve_under(root, path) == root.resolve() / expected


def test_absolute_paths_must_begin_with_the_root(root: Path, tmp_path: Path) -> None:
    assert resolve_under(root, str(root / "cam.mp4")) == root.resolve() / "cam.mp4"
    assert resolve_under(root, str(tmp_path / "secret")) is None
    assert resolve_under(root, "/etc/passwd") is None
    assert resolve_under(root, f"{root}x/cam.mp4") is None


def test_a_root_behind_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    alias = tmp_path / "alias"
    found = root.resolve() / "cam.mp4"
    assert resolve_under(alias, "cam.mp4") == found
    assert resolve_under(alias, str(alias / "cam.mp4")) == found
    assert resolve_under(alias, str(found)) == found


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "/",
        "..",
        "../secret",
        "sources/../cam.mp4",
        "sources/../../secret",
        "outside",
        "up/secret",
        "up/media/cam.mp4/../../secret",
        "loop",
        "broken",
        "missing",
        "cam.mp4/x",
        "sources",
        "folder",
        "fifo",
        "zero",
        "cam.mp4\0",
        "\0",
        "cam.mp4\0.txt",
        "\ud800",
        "x" * 5000,
        "a/" * 3000,
        "file:cam.mp4",
        "~root/x",
        "/dev/stdin",
        "/proc/self/environ",
    ],
)
def test_refused(root: Path, path: str) -> None:
    assert resolve_under(root, path) is None


def test_sockets_are_no_files(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        previous = Path.cwd()
        os.chdir(root)  # a socket's path may not be long
        try:
            listener.bind("socket")
        finally:
            os.chdir(previous)
        assert resolve_under(root, "socket") is None


def test_a_missing_root(tmp_path: Path) -> None:
    assert resolve_under(tmp_path / "no", "cam.mp4") is None


_parts = st.sampled_from(
    ["..", ".", "", "up", "folder", "sources", "outside", "cam.mp4", "secret", "media", "/", "\0"]
)


@given(st.lists(_parts, max_size=6))
def test_never_outside(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    base = tmp_path_factory.mktemp("tree")
    root = base / "media"
    (root / "sources").mkdir(parents=True)
    (root / "cam.mp4").write_bytes(b"x")
    (base / "secret").write_bytes(b"x")
    (root / "up").symlink_to("..")
    (root / "folder").symlink_to("sources")
    (root / "outside").symlink_to(base / "secret")
    found = resolve_under(root, "/".join(parts))
    assert found in {None, root.resolve() / "cam.mp4"}
