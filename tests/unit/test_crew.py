"""The first piece of work that fails stops the others, and is what is told."""

from __future__ import annotations

import threading

import pytest

from videocraft.media.crew import Crew
from videocraft.media.process import Stopped


def test_all_pieces_are_done_when_it_is_left() -> None:
    with Crew(2, "test", lambda: False) as crew:
        futures = [crew.submit(pow, number, 2) for number in range(20)]
    assert [future.result() for future in futures] == [number**2 for number in range(20)]


def test_a_failure_stops_the_others_and_is_raised() -> None:
    begun = threading.Event()
    told: list[str] = []

    def long_work() -> None:
        begun.set()
        while not crew.stopped():
            pass
        told.append("stopped")
        crew.check()

    def failing() -> None:
        begun.wait()
        raise ValueError("broken")

    crew = Crew(2, "test", lambda: False)
    crew.submit(long_work)
    crew.submit(failing)
    crew.submit(told.append, "never begun")
    with pytest.raises(ValueError, match="broken"), crew:
        pass
    assert told == ["stopped"]


def test_what_is_to_stop_never_begins() -> None:
    done: list[int] = []
    with pytest.raises(Stopped), Crew(1, "test", lambda: True) as crew:
        crew.submit(done.append, 1)
    assert done == []


def test_an_error_in_the_block_stops_the_pieces() -> None:
    def until_stopped() -> None:
        while not crew.stopped():
            pass

    crew = Crew(1, "test", lambda: False)
    crew.submit(until_stopped)
    with pytest.raises(KeyError), crew:
        raise KeyError("block")
