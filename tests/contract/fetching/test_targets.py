"""URLs and the operator's list, read once and strictly."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from videocraft.core.storage import targets
from videocraft.core.storage.fetch import DownloadFailed, check_url
from videocraft.core.storage.targets import Target
from videocraft.settings import Settings


@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        ("http://Example.com", Target("http", "example.com", 80, "/"), "example.com"),
        ("HTTPS://example.com./a?b=c#d", Target("https", "example.com", 443, "/a?b=c"), "example.com"),
        ("http://example.com:443/", Target("http", "example.com", 443, "/"), "example.com:443"),
        (
            "https://b\u00fccher.example/\u00fc",
            Target("https", "xn--bcher-kva.example", 443, "/%C3%BC"),
            None,
        ),
        ("http://example.com/%2e%2e/x%20y", Target("http", "example.com", 80, "/%2e%2e/x%20y"), None),
        ("http://[2606:4700::1]:80/x", Target("http", "2606:4700::1", 80, "/x"), "[2606:4700::1]"),
        ("http://8.8.8.8/", Target("http", "8.8.8.8", 80, "/"), "8.8.8.8"),
        ("http://a_b.example.com/", Target("http", "a_b.example.com", 80, "/"), None),
    ],
)
def test_what_a_url_leads_to(url: str, target: Target, authority: str | None) -> None:
    found = targets.parse(url)
    assert found == target
    assert authority is None or found.authority == authority
    assert targets.parse(found.url) == target


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://me:pw@example.com/a?key=1#x", "https://example.com/a"),
        ("https://example.com?key=1", "https://example.com"),
        ("me:pw@example.com/a", "example.com/a"),
        ("https://example.com/\r\nX: y", "https://example.com/"),
        ("https://example.com/" + "a" * 400, "https://example.com/" + "a" * 177 + "..."),
        ("https://a/b@c", "https://a/b@c"),
    ],
)
def test_how_a_url_is_told(url: str, told: str) -> None:
    assert targets.shown(url) == told


def test_the_operators_list() -> None:
    found = targets.allow_list(" localhost:9000, [::1]:80,Files.Example:8080 ,")
    assert found == {("localhost", 9000), ("::1", 80), ("files.example", 8080)}
    assert targets.allow_list("") == frozenset()
    assert targets.parse("http://LOCALHOST:9000/x", found).port == 9000
    for wrong in ("localhost", "localhost:", "a:b", "http://a:80", "a:80/x", "u@a:80", "a:70000", "a b:80"):
        with pytest.raises(ValueError, match="is not of the form host:port"):
            targets.allow_list(wrong)


def test_a_wrong_list_stops_the_start() -> None:
    assert Settings(fetch_allow="localhost:9000,[::1]:80").fetch_allow == "localhost:9000,[::1]:80"
    for wrong in ("localhost", "http://localhost:80", "u@localhost:80"):
        with pytest.raises(ValidationError, match="is not of the form host:port"):
            Settings(fetch_allow=wrong)


def test_urls_are_checked_at_the_door_without_asking_anybody() -> None:
    settings = Settings(fetch_allow="localhost:9000")
    check_url("https://example.com/a.mp4", settings)
    check_url("http://localhost:9000/a.mp4", settings)
    for url, reason in (
        ("ftp://example.com/", "only http and https can be fetched"),
        ("http://localhost:9001/", "port 9001 is not one that sources may be fetched from"),
        ("http://10.0.0.1/", r"its address is not a public one \(private\)"),
    ):
        with pytest.raises(DownloadFailed, match=reason) as caught:
            check_url(url, settings)
        assert (caught.value.status, caught.value.code) == (422, "DOWNLOAD_FAILED")
