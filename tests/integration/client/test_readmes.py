"""What the documentation shows does what it says: every snippet runs against a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import videocraft
from tests.support.fake_videos_api import KEY, FakeServer, content
from tests.support.node import SDK, node

ROOT = SDK.parents[1]
PYTHON_PAGE = ROOT / "docs" / "python-sdk.md"
JAVASCRIPT_PAGE = SDK / "README.md"

CONTRACT_PYTHON = """
from videocraft import VideoCraftAPI

api = VideoCraftAPI(
    base_url='http://localhost:3002/api/v1',
    api_key='your-api-key'
)

# Create video
job = api.videos.create({
    'scenes': [{
        'elements': [{
            'type': 'audio',
            'src': 'https://example.com/audio.mp3'
        }]
    }],
    'elements': [{
        'type': 'subtitles',
        'settings': {'style': 'progressive'}
    }]
})

# Wait for completion
result = api.jobs.wait_for_completion(job['job_id'])
print(f"Video ready: {result['download_url']}")
"""

CONTRACT_TYPESCRIPT = """
import { VideoCraftAPI } from '@videocraft/sdk';

const api = new VideoCraftAPI({
  baseURL: 'http://localhost:3002/api/v1',
  apiKey: 'your-api-key',
  enableCSRF: true
});

// Create video
const job = await api.videos.create({
  scenes: [{
    elements: [{
      type: 'audio',
      src: 'https://example.com/audio.mp3'
    }]
  }],
  elements: [{
    type: 'subtitles',
    settings: { style: 'progressive' }
  }]
});

// Poll for completion
const result = await api.jobs.waitForCompletion(job.job_id);
console.log('Video ready:', result.download_url);
"""


def _snippets(page: Path, language: str) -> str:
    """All of a page, one after the other, as a reader would try them."""
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL))


def _pointed_at(fake: FakeServer, code: str) -> str:
    return re.sub(r"http://localhost:\d+/api/v1", fake.base_url, code).replace("your-api-key", KEY)


def _run_python(fake: FakeServer, code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _pointed_at(fake, code)],
        cwd=folder,
        # The package that the tests run on, wherever the snippet's folder is.
        env={**os.environ, "PYTHONPATH": str(Path(videocraft.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def _run_typescript(fake: FakeServer, code: str, folder: Path) -> str:
    # One file: each import once, and from the sources.
    imports = re.findall(r"^import .*\n", code, re.MULTILINE)
    rest = re.sub(r"^import .*\n", "", code, flags=re.MULTILINE)
    sources = (SDK / "src").as_uri()
    code = ("".join(imports) + rest).replace("'@videocraft/sdk'", f"'{sources}/index.ts'")
    code = code.replace("'@videocraft/sdk/webhooks'", f"'{sources}/webhooks.ts'")
    script = folder / "snippet.mts"
    script.write_text(_pointed_at(fake, code))
    done = node(script, seconds=60, cwd=folder)
    assert done.returncode == 0, done.stdout
    return done.stdout


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
