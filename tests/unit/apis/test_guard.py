"""The guard of open families: who may pass, by ``Host`` and ``Origin``."""

from __future__ import annotations

import pytest

from videocraft.apis.guard import Guard
from videocraft.errors import Forbidden
from videocraft.settings import Settings


def check(guard: Guard, **headers: str) -> None:
    """Ask the guard; ``sec_fetch_site`` stands for ``sec-fetch-site``."""
    guard.check(
        [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    )


def refusal(guard: Guard, **headers: str) -> str:
    """The code of the refusal."""
    with pytest.raises(Forbidden) as caught:
        check(guard, **headers)
    return caught.value.code


@pytest.fixture
def loopback() -> Guard:
    """A server that listens on 127.0.0.1 only."""
    return Guard.of(Settings(public_url="https://video.example/base"))


@pytest.fixture
def network() -> Guard:
    """A server that listens everywhere."""
    return Guard.of(Settings(host="0.0.0.0", open_apis="exports"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "127.0.0.1",
        "127.9.9.9:1",
        "localhost:9999",
        "LOCALHOST",
        "localhost.:8000",
        "app.localhost",
        "[::1]:8000",
        "video.example",
        "VIDEO.example:443",
    ],
)
def test_own_hosts(loopback: Guard, host: str) -> None:
    check(loopback, host=host)
    check(loopback, host=host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.0.7:8000",
        "0.0.0.0:8000",
        "[::1",
        "user@evil.example",
        "127.0.0.1@evil.example",
        "[fe80::1]",
        ":8000",
        "xlocalhost",
    ],
)
def test_foreign_hosts(loopback: Guard, host: str) -> None:
    assert refusal(loopback, host=host) == "HOST_NOT_ALLOWED"


def test_no_host_is_no_browser(loopback: Guard) -> None:
    check(loopback)


def test_two_hosts(loopback: Guard) -> None:
    with pytest.raises(Forbidden):
        loopback.check([(b"host", b"localhost"), (b"host", b"localhost")])


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("LOCALHOST:8000", "http://localhost:8000"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("video.example", "https://video.example"),
        ("video.example:443", "https://video.example"),
        ("127.0.0.1:8000", "https://video.example"),  # behind a proxy that changes Host
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_own_pages(loopback: Guard, host: str, origin: str) -> None:
    check(loopback, host=host, origin=origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "http://localhost",
        "http://localhost:3000",
        "https://localhost",
        "http://localhost:8000.evil.example",
        "http://127.0.0.1:8000",
        "http://[::1",
        "http://localhost:99999",
        "file://",
        "chrome-extension://abc",
    ],
)
def test_foreign_pages(loopback: Guard, origin: str) -> None:
    assert refusal(loopback, host="localhost:8000", origin=origin) == "ORIGIN_NOT_ALLOWED"


def test_elsewhere_clients_may_use_any_name_and_browsers_may_not(network: Guard) -> None:
    check(network, host="render.company.example")
    for host in ("192.168.0.7:8000", "videocraft:8000", "[2001:db8::1]:8000"):
        check(network, host=host, sec_fetch_site="same-origin")
        check(network, host=host, origin=f"http://{host}")
    assert refusal(network, host="evil.example:8000", sec_fetch_site="same-origin") == "HOST_NOT_ALLOWED"
    assert refusal(network, host="evil.example", origin="http://evil.example") == "HOST_NOT_ALLOWED"
    assert refusal(network, host="192.168.0.7", origin="http://evil.example") == "ORIGIN_NOT_ALLOWED"


def test_remembered_hosts_have_a_limit(loopback: Guard) -> None:
    for number in range(1000):
        check(loopback, host=f"h{number}.localhost")
    assert len(loopback._good_hosts) <= 64


@pytest.mark.parametrize(
    ("settings", "are_open"),
    [
        ({}, True),
        ({"host": "0.0.0.0"}, False),
        ({"public_url": "http://localhost:9000"}, True),
        ({"public_url": "http://127.0.0.1"}, True),
        # A proxy on this machine brings whoever reaches it.
        ({"public_url": "https://video.example"}, False),
        ({"public_url": "video.example"}, False),
        ({"public_url": "https://127.video.example"}, False),
        ({"public_url": "https://video.example", "open_apis": "exports,jobs"}, True),
    ],
)
def test_exports_and_jobs_are_open_while_only_this_machine_asks(
    settings: dict[str, str], are_open: bool
) -> None:
    opened = Settings(**settings).open_families  # type: ignore[arg-type] # of mixed types
    assert opened == (frozenset({"exports", "jobs"}) if are_open else frozenset())
