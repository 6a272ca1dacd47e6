"""No form of a special address, however it is come by, is ever connected to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.contract.fetching.conftest import LIMITS, PNG, Fetch, Resolver
from tests.contract.fetching.forms import ODD_HOSTS, PUBLIC, SPECIAL, in_url
from tests.support.web import Exchange, Web, web
from videocraft.core.storage.addresses import why_not_public
from videocraft.core.storage.fetch import DownloadFailed

REDIRECTOR = "door.test"


class Dialled(list[tuple[object, ...]]):
    """Every address that anything has tried to connect to."""


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    """Watches every socket of this process; the connections themselves are made."""
    seen = Dialled()

    class Watched(socket.socket):
        def connect_ex(self, address: tuple[object, ...], /) -> int:  # type: ignore[override]  # any family
            seen.append(address)
            return super().connect_ex(address)

        def connect(self, address: tuple[object, ...], /) -> None:  # type: ignore[override]  # any family
            seen.append(address)
            super().connect(address)

    monkeypatch.setattr(socket, "socket", Watched)
    return seen


@pytest.fixture(scope="module")
def door() -> Iterator[Web]:
    """A server that redirects to what its path says."""

    def redirect(exchange: Exchange) -> None:
        target = exchange.path.removeprefix("/to/")
        exchange.respond(status="302 Found", Location=f"http://{target}/secret")

    with web(redirect) as server:
        yield server


@pytest.fixture(scope="module")
def secret() -> Iterator[Web]:
    """What is to stay unreachable: it listens on this machine's own interface."""
    with web(lambda exchange: exchange.respond(PNG)) as server:
        yield server


def test_there_are_enough_forms() -> None:
    assert len({ip_address(address) for address in SPECIAL}) >= 60


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_refused_direct_redirected_and_resolved(
    fetch: Fetch, dialled: Dialled, door: Web, address: str
) -> None:
    resolver = Resolver(rebind_test=address, mixed_test=f"1.1.1.1 {address}")
    for url in (f"http://{in_url(address)}/", "http://rebind.test/", "http://mixed.test/"):
        with pytest.raises(DownloadFailed, match="its address is not a public one"):
            fetch(url, resolver=resolver)
    assert not dialled
    for target in (in_url(address), "rebind.test"):
        resolver.answers[REDIRECTOR] = ["127.0.0.1"]
        with pytest.raises(DownloadFailed, match="its address is not a public one"):
            fetch(
                f"http://{REDIRECTOR}:{door.port}/to/{target}",
                resolver=resolver,
                allow=((REDIRECTOR, door.port),),
            )
    assert set(dialled) == {("127.0.0.1", door.port)}


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_odd_hosts_are_refused_before_anybody_is_asked(fetch: Fetch, dialled: Dialled, host: str) -> None:
    resolver = Resolver()
    with pytest.raises(DownloadFailed):
        fetch(f"http://{host}/", resolver=resolver)
    assert (resolver.asked, list(dialled)) == ([], [])


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not_refused(address: str) -> None:
    assert why_not_public(ip_address(address)) is None


def test_a_name_that_answers_otherwise_the_second_time_is_asked_once(fetch: Fetch, secret: Web) -> None:
    class Rebinding(Resolver):
        def __call__(self, host: str, port: int) -> list[str]:
            self.asked.append(host)
            # Nothing listens at the first address; a second question would lead to the secret.
            return ["192.0.2.1"] if len(self.asked) == 1 else ["127.0.0.1"]

    resolver = Rebinding()
    before = secret.connections
    with pytest.raises(DownloadFailed):
        fetch(
            f"http://twice.test:{secret.port}/",
            resolver=resolver,
            allow=(("twice.test", secret.port),),
            limits=LIMITS.__class__(max_bytes=1000, seconds=1, connect_seconds=0.3),
        )
    assert (len(resolver.asked), secret.connections) == (1, before)


def test_other_ports_are_refused(fetch: Fetch, dialled: Dialled) -> None:
    for port in (0, 22, 25, 6379, 8080, 65535):
        with pytest.raises(DownloadFailed, match=f"port {port} is not one that"):
            fetch(f"http://public.test:{port}/", resolver=Resolver(public_test="1.1.1.1"))
    assert not dialled


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://public.test/", "gopher://public.test/", "data:text/plain,x",
        "//public.test/", "public.test/x", "http:/public.test", "http:///x", "http://", "", "http://public.test:99999/",
        "http://public.test:x/", "http://public.test\\@127.0.0.1/", "http://public.test/\r\nHost: x",
        "http://public.test/ x", "\thttp://public.test/", "http://user@public.test/",
        "http://public.test@127.0.0.1/", "http://:@public.test/", "http://[::1/", "http://[::1]x/",
        "http://public.test/" + "a" * 5000, "http://public.test/\u2028", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_other_forms_of_urls_are_refused(fetch: Fetch, dialled: Dialled, url: str) -> None:
    resolver = Resolver(public_test="1.1.1.1")
    with pytest.raises(DownloadFailed) as caught:
        fetch(url, resolver=resolver)
    assert caught.value.code == "DOWNLOAD_FAILED"
    assert (resolver.asked, list(dialled)) == ([], [])


def test_proxies_of_the_environment_are_not_asked(
    fetch: Fetch, secret: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{secret.port}")
    before = secret.connections
    with pytest.raises(DownloadFailed, match="its address is not a public one"):
        fetch("http://rebind.test/", resolver=Resolver(rebind_test="10.0.0.1"))
    assert secret.connections == before


def test_what_the_operator_lets_through_is_that_host_and_port_only(
    fetch: Fetch, secret: Web, door: Web, tmp_path: Path
) -> None:
    allow = (("inside.test", secret.port),)
    resolver = Resolver(inside_test="127.0.0.1", other_test="127.0.0.1")
    assert fetch(f"http://inside.test:{secret.port}/a", resolver=resolver, allow=allow).size == len(PNG)
    for url in (
        f"http://other.test:{secret.port}/",
        f"http://127.0.0.1:{secret.port}/",
        "http://inside.test/",
        f"http://inside.test:{door.port}/",
    ):
        with pytest.raises(DownloadFailed):
            fetch(url, resolver=resolver, allow=allow)
