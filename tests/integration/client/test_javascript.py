"""The JavaScript client: its own tests, run by Node, against the same fake."""

from __future__ import annotations

import json
import re

import pytest

import videocraft
from tests.support.fake_videos_api import FakeServer
from tests.support.node import SDK, node, npm


def test_its_own_tests_pass(fake: FakeServer) -> None:
    done = node(
        "--test",
        "--test-isolation=none",
        "--test-reporter=spec",
        "tests/*.test.ts",
        seconds=120,
        environment={"VIDEOCRAFT_FAKE_URL": fake.base_url},
    )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"^ℹ pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None, done.stdout
    assert int(passed[1]) >= 30


def test_its_version_is_the_servers() -> None:
    package = json.loads((SDK / "package.json").read_text())
    assert package["version"] == videocraft.__version__
    assert f"VERSION = '{videocraft.__version__}'" in (SDK / "src" / "version.ts").read_text()


def test_it_needs_no_package_and_its_lock_names_no_address() -> None:
    package = json.loads((SDK / "package.json").read_text())
    assert "dependencies" not in package
    lock = json.loads((SDK / "package-lock.json").read_text())
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry
        assert not name or entry["integrity"].startswith("sha512-")
