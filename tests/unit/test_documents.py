"""What the documents name is there: settings, commands, flags."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
import yaml

from tests.support.deployment_page import block, services
from videocraft.cli import app
from videocraft.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
]
OTHERS = {"URL", "CHAOS_SEED", "CHAOS_SECONDS", "CHAOS_KILLS"}
"""Read by the examples and the chaos suite."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"VIDEOCRAFT_([A-Z0-9]+(?:_[A-Z0-9]+)*)", page.read_text(encoding="utf-8")))
    assert named - OTHERS <= {name.upper() for name in Settings.model_fields}


def test_the_units_and_the_compose_file_start_commands_that_exist() -> None:
    command = typer.main.get_command(app)
    assert isinstance(command, typer.core.TyperGroup)
    started = services()
    assert [name for name, *_ in started] == ["serve", "worker", "gc", "serve", "worker"]
    for name, *flags in started:
        command.commands[name].make_context(name, flags)


def test_the_compose_file_gives_settings_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    compose = yaml.safe_load(block("yaml", "x-videocraft:"))
    for name, value in compose["x-videocraft"]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.is_s3
    assert not settings.is_embedded
    # Each part that a setting names, and each volume, is in the file.
    hosts = re.findall(
        r"//(?:[^/@]*@)?(\w+)[:/]",
        f"{settings.database_url} {settings.queue_url} {settings.s3_endpoint_url}/",
    )
    assert set(hosts) <= set(compose["services"])
    mounted = [one.split(":")[0] for part in compose["services"].values() for one in part.get("volumes", [])]
    assert {one for one in mounted if not one.startswith(".")} == set(compose["volumes"])
    for part in ("server", "worker"):
        assert set(compose["services"][part]["depends_on"]) <= set(compose["services"])
