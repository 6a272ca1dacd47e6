"""The JavaScript client: its own tests, run by Node, against the same fake."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

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
    passed = re.search(r"^\S+ pass (\d+)$", done.stdout, re.MULTILINE)
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


@pytest.mark.slow
def test_the_package_builds_and_works_as_module_commonjs_and_types(fake: FakeServer, tmp_path: Path) -> None:
    """Needs the npm registry, for TypeScript itself."""
    source, user = tmp_path / "sdk", tmp_path / "user"
    shutil.copytree(SDK, source, ignore=shutil.ignore_patterns("node_modules", "dist"))
    user.mkdir()
    (user / "package.json").write_text('{"type": "module"}')
    for name, text in _USERS.items():
        (user / name).write_text(text)

    def run(*arguments: str | Path, cwd: Path) -> str:
        program = npm if arguments[0] == "npm" else node
        done = program(*arguments[1:], seconds=300, cwd=cwd, environment={"BASE_URL": fake.base_url})
        assert done.returncode == 0, done.stdout
        return done.stdout

    run("npm", "ci", "--no-audit", "--no-fund", cwd=source)
    run("npm", "run", "check", cwd=source)
    run("npm", "pack", cwd=source)
    archive = source / f"videocraft-sdk-{videocraft.__version__}.tgz"
    run("npm", "install", "--no-audit", "--no-fund", "--offline", archive, cwd=user)
    for script in ("user.js", "user.cjs"):
        assert "completed" in run("node", script, cwd=user)
    compiler = source / "node_modules" / "typescript" / "bin" / "tsc"
    types = ["--types", "node", "--typeRoots", source / "node_modules" / "@types"]
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", *types]
    run("node", compiler, *options, "typed.ts", "typed.cts", cwd=user)


_USE = """
const api = new VideoCraftAPI({ baseURL: process.env.BASE_URL, apiKey: 'test-key' });
api.jobs.status('1').then((status) => console.log(status.status, typeof verifyWebhook));
api.videos.download('video_1', '.');
"""
_TYPED = """
const api = new VideoCraftAPI({ baseURL: 'http://localhost/api/v1', apiKey: 'key' });
const url: Promise<string> = api.jobs.waitForCompletion('1').then((result) => result.download_url);
const path: Promise<string> = api.videos.download('1', '.');
// @ts-expect-error: what is not there is known not to be there
api.videos.nonsense();
export { path, url, verifyWebhook };
"""
_IMPORT = """
import { VideoCraftAPI } from '@videocraft/sdk';
import { verifyWebhook } from '@videocraft/sdk/webhooks';
"""
_REQUIRE = """
const { VideoCraftAPI } = require('@videocraft/sdk');
const { verifyWebhook } = require('@videocraft/sdk/webhooks');
"""
_USERS = {
    "user.js": _IMPORT + _USE,
    "user.cjs": _REQUIRE + _USE,
    "typed.ts": _IMPORT + _TYPED,
    "typed.cts": _IMPORT + _TYPED,
}
