"""``Services.open`` on a data directory, and the application over it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import httpx
import pytest

from tests.support.app import serving
from videocraft.app import create_app
from videocraft.services import Services, public_base
from videocraft.settings import Settings


def test_an_empty_data_directory(tmp_path: Path) -> None:
    data_dir = tmp_path / "not" / "there"
    services = Services.open(Settings(data_dir=data_dir))
    try:
        assert services.new_key is not None
        assert services.new_key not in repr(services)
        assert (data_dir / "api-key").read_text().strip() == services.new_key
        assert services.keys.verify(services.new_key)
        for name in ("api-key", "secret"):
            assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600
        services.storage.check()
    finally:
        services.close()


def test_the_second_start_makes_no_key_and_keeps_the_secret(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = Services.open(settings)
    url = httpx.URL(first.storage.signed_url("GET", "a", 600))
    first.close()
    second = Services.open(settings)
    try:
        assert second.new_key is None
        assert first.new_key is not None
        assert second.keys.verify(first.new_key)
        second.storage.verify("GET", "a", url.params["expires"], url.params["signature"])
    finally:
        second.close()


def test_a_configured_key_stands_in_for_the_first_one(tmp_path: Path) -> None:
    services = Services.open(Settings(data_dir=tmp_path, api_key="mine"))
    try:
        assert services.new_key is None
        assert not (tmp_path / "api-key").exists()
        assert services.keys.verify("mine")
    finally:
        services.close()


def test_a_failed_start_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"damaged")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone
    with pytest.raises(ValueError, match="must hold 32 bytes"):
        Services.open(Settings(data_dir=tmp_path))
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names alone


def test_the_application_over_the_real_parts(tmp_path: Path) -> None:
    with serving(create_app(Settings(data_dir=tmp_path))) as server:
        key = (tmp_path / "api-key").read_text().strip()
        assert server.client.get("/ready").json() == {"status": "ok"}
        assert server.client.get("/api/v1/no", headers={"X-API-Key": key}).status_code == 404
        assert server.client.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0", "port": 80}, "http://localhost:80"),
        ({"host": "::1"}, "http://[::1]:8000"),
        ({"public_url": "https://video.example/base/"}, "https://video.example/base"),
    ],
)
def test_public_base(tmp_path: Path, settings: dict[str, str | int], base: str) -> None:
    assert public_base(Settings(data_dir=tmp_path, **settings)) == base  # type: ignore[arg-type] # of mixed types
