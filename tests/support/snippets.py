"""Running what documents show, with the addresses and keys of a server that is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import videocraft
from tests.support.node import SDK, node

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
"""The document's example of the Python client."""

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
"""The document's example of the JavaScript client."""


def run_python(code: str, folder: Path, *, seconds: float = 60) -> str:
    """What a snippet prints; any warning fails it."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        # The package that the tests run on, wherever the snippet's folder is.
        env={**os.environ, "PYTHONPATH": str(Path(videocraft.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def run_typescript(code: str, folder: Path, *, seconds: float = 60) -> str:
    """What a snippet prints, with the client's sources in place of the package."""
    # One file: each import once, and from the sources.
    imports = re.findall(r"^import .*\n", code, re.MULTILINE)
    rest = re.sub(r"^import .*\n", "", code, flags=re.MULTILINE)
    sources = (SDK / "src").as_uri()
    code = ("".join(imports) + rest).replace("'@videocraft/sdk'", f"'{sources}/index.ts'")
    code = code.replace("'@videocraft/sdk/webhooks'", f"'{sources}/webhooks.ts'")
    script = folder / "snippet.mts"
    script.write_text(code)
    done = node(script, seconds=seconds, cwd=folder)
    assert done.returncode == 0, done.stdout
    return done.stdout


def replaced(code: str, what: Mapping[str, str]) -> str:
    """A snippet with the document's names in place of which stand those of this server."""
    for name, value in what.items():
        assert name in code, (name, code)
        code = code.replace(name, value)
    return code
