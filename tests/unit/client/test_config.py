"""What a client can be told."""

from __future__ import annotations

from typing import Any

import pytest

from videocraft.client.config import Config


@pytest.mark.parametrize(
    "url", ["http://localhost:3002/api/v1", "http://localhost:3002/api/v1/", "https://[::1]"]
)
def test_an_address_is_kept_without_its_last_slash(url: str) -> None:
    assert Config(url, "key").base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "arguments",
    [
        {"base_url": ""},
        {"base_url": "localhost:8000"},
        {"base_url": "ftp://localhost"},
        {"base_url": "http://"},
        {"base_url": "http://me:secret@localhost"},
        {"base_url": "http://localhost?key=1"},
        {"base_url": "http://localhost#top"},
        {"api_key": ""},
        {"api_key": "a b"},
        {"api_key": "a\r\nX-Evil: 1"},
        {"api_key": "schlüssel"},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"max_retries": -1},
    ],
)
def test_what_can_not_work_is_refused_at_once(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        Config(**{"base_url": "http://localhost", "api_key": "key"} | arguments)


def test_the_key_is_never_shown() -> None:
    assert "swordfish" not in repr(Config("http://localhost", "swordfish"))
