"""``worker``, ``keys``, ``routes`` and ``doctor`` on a real data directory."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from pathlib import Path

from tests.integration.commands.servers import command, environment, run, serving, until, workers_of


def test_a_pool_of_workers_starts_and_stops(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("worker", "--data-dir", tmp_path, "--concurrency", 2),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as pool:
        until(lambda: len(workers_of(tmp_path)) == 2)
        pool.send_signal(signal.SIGTERM)
        assert pool.wait() == 0
    assert workers_of(tmp_path) == set()


def test_a_worker_that_finds_a_newer_versions_tables_ends_with_a_sentence(tmp_path: Path) -> None:
    # While machines are updated, a worker process of the old version may die and be started again.
    assert run("keys", "list", "--data-dir", tmp_path).returncode == 0
    connection = sqlite3.connect(tmp_path / "videocraft.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with subprocess.Popen(
        command("worker", "--embedded", "--data-dir", tmp_path),
        env=environment(),
        stdin=subprocess.PIPE,  # its parent is there as long as this is open
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stderr is not None
        (line,) = worker.stderr.readlines()
        assert worker.wait() == 1
    assert "made by a newer version of VideoCraft" in line


def test_only_a_server_makes_the_first_key(tmp_path: Path) -> None:
    # A worker's machine would keep it where nobody looks, and the servers would then make none.
    data_dir, log = tmp_path / "data", tmp_path / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command("worker", "--data-dir", data_dir),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as pool,
    ):
        until(lambda: b"worker started" in log.read_bytes())
        pool.send_signal(signal.SIGTERM)
        assert pool.wait() == 0
    assert run("gc", "--data-dir", data_dir).returncode == 0
    assert run("keys", "list", "--data-dir", data_dir).stdout == ""
    assert not (data_dir / "api-key").exists()
    with serving(data_dir):
        assert (data_dir / "api-key").read_text().startswith("vc_")


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    made = run("keys", "create", "The office", "--data-dir", tmp_path)
    key = made.stdout.strip()
    assert made.returncode == 0
    assert len(key) > 30
    assert len(made.stdout.splitlines()) == 1, "`KEY=$(videocraft keys create …)` gets the key alone"
    (row,) = run("keys", "list", "--data-dir", tmp_path).stdout.splitlines()
    key_id, prefix, _, state, name = row.split("\t")
    assert key not in row
    assert key.startswith(prefix.removesuffix("…"))
    assert (state, name) == ("valid", "The office")
    assert run("keys", "revoke", key_id, "--data-dir", tmp_path).returncode == 0
    assert "\trevoked " in run("keys", "list", "--data-dir", tmp_path).stdout
    again = run("keys", "revoke", key_id, "--data-dir", tmp_path)
    assert (again.returncode, "There is no valid key" in again.stderr) == (1, True)


def test_a_key_without_a_name_is_refused(tmp_path: Path) -> None:
    refused = run("keys", "create", " ", "--data-dir", tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("videocraft: ")


def test_routes_are_listed_without_touching_the_disk(tmp_path: Path) -> None:
    listed = run("routes", VIDEOCRAFT_DATA_DIR=str(tmp_path / "data"))
    assert listed.returncode == 0, listed.stderr
    lines = [line.split() for line in listed.stdout.splitlines()]
    assert ["POST", "/api/export"] in [line[:2] for line in lines]
    for line in lines:
        file, _, number = line[-1].rpartition(":")
        assert number.isdecimal(), line
        assert Path(file).is_file(), line
    assert not (tmp_path / "data").exists()


def test_the_doctor_finds_a_fresh_installation_well(tmp_path: Path) -> None:
    examined = run("doctor", "--json", "--data-dir", tmp_path / "data")
    report = json.loads(examined.stdout)
    assert examined.returncode == 0, report
    assert report["healthy"] is True
    assert not (tmp_path / "data").exists()


def test_the_doctor_ends_with_1_when_something_is_broken(tmp_path: Path) -> None:
    examined = run("doctor", "--data-dir", tmp_path, VIDEOCRAFT_FFMPEG=str(tmp_path / "none"))
    assert examined.returncode == 1
    assert "FAIL" in examined.stdout
