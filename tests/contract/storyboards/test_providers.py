"""A storyboard written by a model behind a fake server: what it says is what is shown, also when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.contract.storyboards.world import World, open_world
from tests.support.fakes.openai_server import FakeOpenAI
from tests.support.fakes.server import KEY, Failure


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as server:
        yield server


@pytest.fixture(scope="module")
def modelled(fake: FakeOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server whose writer is the fake."""
    folder: Path = tmp_path_factory.mktemp("data")
    settings = {"writer": "openai", "openai_base_url": fake.base_url, "openai_api_key": SecretStr(KEY)}
    with open_world(folder, **settings) as opened:
        yield opened


def test_a_model_writes_the_scenes(modelled: World, fake: FakeOpenAI) -> None:
    written = [
        {"description": f"What happens in scene {n}.", "image_prompt": f"Picture {n}"} for n in range(3)
    ]
    fake.chat = lambda body: json.dumps({"scenes": written})
    scenes = modelled.job(modelled.ready(duration=7))["storyboard"]
    assert [each["scene"]["description"] for each in scenes] == [each["description"] for each in written]
    assert [each["scene"]["image_prompt"] for each in scenes] == ["Picture 0", "Picture 1", "Picture 2"]
    assert sum(each["scene"]["duration"] for each in scenes) == 7


def test_a_model_that_fails_fails_the_job(modelled: World, fake: FakeOpenAI) -> None:
    fake.fail(Failure.REFUSED)
    job = modelled.until(modelled.generate(duration=5), "failed")
    assert job["error_message"].startswith(
        "The scenes could not be written: The writing server did not accept"
    )
    assert KEY not in job["error_message"]
    assert (job["storyboard"], job["actual_cost"]) == (None, 0.0)
