"""Binding the port: a free one, a taken one, a wrong one."""

from __future__ import annotations

import pytest

from videocraft.commands import CommandFailed
from videocraft.commands.serve import address_of, bind


def test_port_zero_takes_a_free_one_and_tells_it() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        assert address_of(listener, "127.0.0.1") == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("host", "name"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("localhost", "localhost")],
)
def test_the_address_can_be_opened_in_a_browser(host: str, name: str) -> None:
    with bind("127.0.0.1", 0) as listener:
        assert address_of(listener, host).rpartition(":")[0] == f"http://{name}"


def test_a_port_in_use_is_told() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CommandFailed, match=rf"^Port {port} on 127\.0\.0\.1 is in use; .* --port$"):
            bind("127.0.0.1", port)


def test_an_address_of_another_machine_is_told() -> None:
    # TEST-NET-1 (RFC 5737) belongs to nobody.
    with pytest.raises(CommandFailed, match="no address of this machine"):
        bind("192.0.2.1", 0)


def test_a_host_that_is_no_name_is_told() -> None:
    with pytest.raises(CommandFailed, match="no address of this machine"):
        bind("256.256.256.256.invalid", 0)
