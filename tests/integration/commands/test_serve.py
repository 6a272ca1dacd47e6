"""``videocraft serve`` as a user meets it: start, refusals, stop, and nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.integration.commands.servers import run, serving, until, workers_of


def test_a_server_starts_answers_and_stops(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "data"
    data_dir.parent.mkdir()
    with serving(data_dir, "--workers", 2) as (server, address):
        assert server.stdout is not None
        assert not address.endswith(":0")
        assert httpx.get(f"{address}/health").json()["status"] == "healthy"
        until(lambda: len(workers_of(data_dir)) == 2)
        server.send_signal(signal.SIGTERM)
        printed = server.stdout.read()
        assert server.wait() == 0
    assert workers_of(data_dir) == set()
    key = (data_dir / "api-key").read_text().strip()
    assert printed.count(key) == 1
    assert str(data_dir / "api-key") in printed
    assert f"{address}/docs" in printed


def test_the_key_is_printed_at_the_first_start_only(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    for is_first in (True, False):
        with serving(data_dir, "--workers", 0) as (server, _):
            assert server.stdout is not None
            server.send_signal(signal.SIGINT)
            printed = server.stdout.read()
            assert server.wait() == 0
        assert ((data_dir / "api-key").read_text().strip() in printed) is is_first


def test_a_second_server_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir, "--workers", 0) as (server, address):
        second = run("serve", "--port", 0, "--data-dir", data_dir)
        assert second.returncode == 1
        assert second.stderr.startswith(f"videocraft: Another server ({address}, process {server.pid})")
        assert second.stderr.count("\n") == 1
        assert httpx.get(f"{address}/health").is_success


def test_a_killed_worker_is_started_again(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir, "--workers", 1):
        until(lambda: len(workers_of(data_dir)) == 1)
        first = workers_of(data_dir)
        os.kill(next(iter(first)), signal.SIGKILL)
        until(lambda: bool(workers_of(data_dir) - first))


def test_workers_do_not_outlive_a_killed_server(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(data_dir, "--workers", 2) as (server, _):
        until(lambda: len(workers_of(data_dir)) == 2)
        server.kill()
        server.wait()
        until(lambda: not workers_of(data_dir))
    # The lock went with the process: the next start needs no cleaning up.
    with serving(data_dir, "--workers", 0) as (_, address):
        assert httpx.get(f"{address}/health").is_success


def test_a_port_in_use_ends_with_a_sentence_and_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", "--port", port, "--data-dir", tmp_path / "data")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"videocraft: Port {port} on 127.0.0.1 is in use; stop what uses it or choose another with --port\n"
    )
    assert workers_of(tmp_path / "data") == set()


def test_a_foreign_database_ends_with_a_sentence(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "videocraft.db")
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    refused = run("serve", "--port", 0, "--data-dir", tmp_path)
    assert refused.returncode == 1
    assert "holds another program's tables" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "values", "sentence"),
    [
        (["serve", "--workers", 999], {}, "--workers is wrong: "),
        (["serve"], {"VIDEOCRAFT_LOG_LEVEL": "loud"}, "VIDEOCRAFT_LOG_LEVEL is wrong: "),
        (["worker"], {"VIDEOCRAFT_QUEUE_URL": "amqp://x"}, "VIDEOCRAFT_QUEUE_URL must be 'embedded'"),
    ],
)
def test_a_wrong_setting_ends_with_a_sentence(
    arguments: list[object], values: dict[str, str], sentence: str
) -> None:
    refused = run(*arguments, **values)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"videocraft: {sentence}")
    assert refused.stderr.count("\n") == 1
