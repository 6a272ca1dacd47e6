"""Bells over named pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.dispatch.embedded import EmbeddedDispatcher

LISTEN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from videocraft.core.jobs.dispatch.base import Topic
from videocraft.core.jobs.dispatch.embedded import EmbeddedDispatcher
with EmbeddedDispatcher(Path(sys.argv[1])).listen(Topic.WORK):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ("a-folder-whose-path-is-too-long-for-a-socket" * 4) / "run"


def test_a_ring_wakes_everybody_who_listens_to_its_topic(folder: Path) -> None:
    dispatcher = EmbeddedDispatcher(folder)
    with (
        dispatcher.listen(Topic.WORK) as first,
        dispatcher.listen(Topic.WORK) as second,
        dispatcher.listen(Topic.CANCEL) as other,
    ):
        EmbeddedDispatcher(folder).ring(Topic.WORK)
        assert first.wait(30)
        assert second.wait(30)
        assert not other.wait(0)


def test_rings_before_a_wait_are_heard_once(folder: Path) -> None:
    dispatcher = EmbeddedDispatcher(folder)
    with dispatcher.listen(Topic.WORK) as bell:
        assert not bell.wait(0)
        for _ in range(3):
            dispatcher.ring(Topic.WORK)
        assert bell.wait(0)
        assert not bell.wait(0)


def test_a_bell_rings_again_after_its_writers_have_left(folder: Path) -> None:
    dispatcher = EmbeddedDispatcher(folder)
    with dispatcher.listen(Topic.WORK) as bell:
        dispatcher.ring(Topic.WORK)
        assert bell.wait(30)
        assert not bell.wait(0.01), "a pipe that was hung up would end every wait at once"
        bell.wake()
        assert bell.wait(30)


def test_a_ring_ends_a_wait_that_has_begun(folder: Path) -> None:
    dispatcher = EmbeddedDispatcher(folder)
    heard: list[bool] = []
    with dispatcher.listen(Topic.WORK) as bell:
        waiter = threading.Thread(target=lambda: heard.append(bell.wait(60)))
        waiter.start()
        dispatcher.ring(Topic.WORK)
        waiter.join(30)
    assert heard == [True]


def test_a_listener_that_never_waits_blocks_nobody(folder: Path) -> None:
    dispatcher = EmbeddedDispatcher(folder)
    with dispatcher.listen(Topic.WORK) as bell:
        for _ in range(70_000):  # more than a pipe holds
            bell.wake()
        dispatcher.ring(Topic.WORK)
        assert bell.wait(0)
        assert not bell.wait(0)


def test_pipes_go_with_their_listeners(folder: Path) -> None:
    dispatcher = EmbeddedDispatcher(folder)
    with dispatcher.listen(Topic.WORK):
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []
    dispatcher.ring(Topic.WORK)


def test_the_pipe_of_a_dead_process_is_removed_by_the_next_ring(folder: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", LISTEN_AND_DIE, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(folder.iterdir())) == 1
    with EmbeddedDispatcher(folder).listen(Topic.WORK) as bell:
        EmbeddedDispatcher(folder).ring(Topic.WORK)
        assert bell.wait(30)
        assert [path.name.split("-")[1] for path in folder.iterdir()] == [str(os.getpid())]


def test_ringing_where_nobody_ever_listened_is_nothing(folder: Path) -> None:
    EmbeddedDispatcher(folder).ring(Topic.EVENTS)
    assert not folder.exists()
