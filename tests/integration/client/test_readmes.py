"""What the documentation shows does what it says: every snippet runs against a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.fake_videos_api import KEY, FakeServer, content
from tests.support.node import SDK
from tests.support.snippets import CONTRACT_PYTHON, CONTRACT_TYPESCRIPT, run_python, run_typescript

ROOT = SDK.parents[1]
PYTHON_PAGE = ROOT / "docs" / "python-sdk.md"
JAVASCRIPT_PAGE = SDK / "README.md"


def _snippets(page: Path, language: str) -> str:
    """All of a page, one after the other, as a reader would try them."""
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL))


def _pointed_at(fake: FakeServer, code: str) -> str:
    return re.sub(r"http://localhost:\d+/api/v1", fake.base_url, code).replace("your-api-key", KEY)


def _run_python(fake: FakeServer, code: str, folder: Path) -> str:
    return run_python(_pointed_at(fake, code), folder)


def _run_typescript(fake: FakeServer, code: str, folder: Path) -> str:
    return run_typescript(_pointed_at(fake, code), folder)


def test_the_contracts_python_example_runs_as_written(fake: FakeServer, tmp_path: Path) -> None:
    shown = _run_python(fake, CONTRACT_PYTHON, tmp_path)
    assert shown == "Video ready: /api/v1/videos/video_1/download\n"


def test_the_contracts_typescript_example_runs_as_written(fake: FakeServer, tmp_path: Path) -> None:
    shown = _run_typescript(fake, CONTRACT_TYPESCRIPT, tmp_path)
    assert shown == "Video ready: /api/v1/videos/video_1/download\n"


def test_the_python_page_runs_from_top_to_bottom(fake: FakeServer, tmp_path: Path) -> None:
    shown = _run_python(fake, _snippets(PYTHON_PAGE, "python"), tmp_path)
    assert "VALIDATION_ERROR {'scenes': 'At least one scene is required'}" in shown
    assert "\n(1, 1)\n" in shown
    assert (tmp_path / "film.mp4").read_bytes() == content("film")


def test_the_javascript_page_runs_from_top_to_bottom(fake: FakeServer, tmp_path: Path) -> None:
    shown = _run_typescript(fake, _snippets(JAVASCRIPT_PAGE, "typescript"), tmp_path)
    assert "VALIDATION_ERROR { scenes: 'At least one scene is required' }" in shown
    assert "blob:" in shown
    assert shown.endswith("\n400\n")
    assert (tmp_path / "film.mp4").read_bytes() == content("film")


@pytest.mark.parametrize(("page", "module"), [(PYTHON_PAGE, "errors.py"), (JAVASCRIPT_PAGE, "errors.ts")])
def test_every_error_is_named_on_its_page(page: Path, module: str) -> None:
    folder = ROOT / "src" / "videocraft" / "client" if module.endswith("py") else SDK / "src"
    names = re.findall(r"^(?:export )?class (\w+)", (folder / module).read_text(), re.MULTILINE)
    assert len(names) >= 15
    assert [name for name in names if name not in page.read_text()] == []
