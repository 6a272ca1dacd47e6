"""Transcripts of files, as jobs ask for them."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.integration.speech.conftest import MODEL, READING
from tests.integration.speech.test_whisper import FILMS, compare, plain, require_honest
from tests.support.databases import FakeClock, copy_of, make_template
from tests.support.media import run_ffmpeg, tone
from tests.support.memory import MemorySampler, memory
from tests.support.speech_samples import Spoken, say
from videocraft.core.database import Database
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.outcomes import JobStopped
from videocraft.core.transcripts import align, transcribe
from videocraft.errors import MediaError
from videocraft.speech.base import Transcriber

TEXT = (
    "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to "
    "do for them. He was not an ill-disposed young man. Unless to be rather cold-hearted and rather selfish, "
    "is to be ill-disposed. Had he married a more amiable woman, he might have been made still more "
    "respectable than he was. He might even have been made amiable himself."
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


class World:
    """The part of a job's context that transcripts use; stages are counted."""

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self.made = 0
        self.warnings: list[str] = []
        self._database = database

    def job(self, *, should_stop: Callable[[], bool] = lambda: False) -> JobContext:
        def check() -> None:
            if should_stop():
                raise JobStopped

        def stage(name: str, key: Mapping[str, Any], make: Callable[[Path], None]) -> Path:
            path = self.root / f"{abs(hash(json.dumps([name, key], sort_keys=True)))}.json"
            if not path.exists():
                make(path)
                self.made += 1
            return path

        context = SimpleNamespace(
            workdir=self.root,
            settings=SimpleNamespace(whisper_model=MODEL, workers=1),
            database=self._database,
            should_stop=should_stop,
            check=check,
            stage=stage,
            warn=self.warnings.append,
        )
        return cast("JobContext", context)


@pytest.fixture
def world(tmp_path: Path, template: Path, transcriber: Transcriber) -> Iterator[World]:
    database = copy_of(template, tmp_path, FakeClock())
    yield World(tmp_path, database)
    database.dispose()


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    return say(FILMS).padded(0.8, 0.5)


def test_a_recording_of_a_person_is_understood_and_kept(world: World, tmp_path: Path) -> None:
    shares: list[float] = []
    found = transcribe(world.job(), READING, on_progress=shares.append)
    require_honest(found)
    wrong = sum(a != b for a, b in itertools.zip_longest(found.text.split(), TEXT.split()))
    assert wrong <= 3, found.text
    assert found.duration == pytest.approx(24.73, abs=0.05)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # The same sound in another file, and once more: nothing is recognised again.
    copy = tmp_path / "copy.ogg"
    run_ffmpeg("-i", str(READING), "-c", "copy", str(copy))
    assert transcribe(world.job(), copy) == transcribe(world.job(), READING) == found
    assert world.made == 1
    assert not list(tmp_path.glob("*.pcm"))


def test_times_are_those_of_the_picture(world: World, spoken: Spoken, tmp_path: Path) -> None:
    # The sound begins a second after the picture.
    wav, film = spoken.write(tmp_path / "speech.wav"), tmp_path / "film.mp4"
    picture = ["-f", "lavfi", "-i", "color=size=64x64:rate=10:duration=7"]
    run_ffmpeg(*picture, "-itsoffset", "1", "-i", str(wav), "-c:v", "libx264", "-c:a", "aac", str(film))
    late = spoken.padded(before=1.0)
    found = transcribe(world.job(), film, "en")
    result = compare(found, late)
    assert result.missed <= 2
    assert sorted(map(abs, result.starts))[len(result.starts) // 2] <= 0.08
    assert (world.warnings, found.language) == ([], "en")


def test_files_without_speech_have_no_words(world: World, tmp_path: Path) -> None:
    beep, mute = tmp_path / "beep.wav", tmp_path / "mute.mp4"
    run_ffmpeg(*tone(1), str(beep))
    run_ffmpeg("-f", "lavfi", "-i", "color=size=64x64:rate=10:duration=1", str(mute))
    assert transcribe(world.job(), beep).segments == ()
    assert transcribe(world.job(), mute).segments == ()


def test_what_is_no_media_says_so(world: World, tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(b"no sound")
    with pytest.raises(MediaError):
        transcribe(world.job(), path)


def test_another_language_is_told_about(world: World, tmp_path: Path) -> None:
    beep = tmp_path / "beep.wav"
    run_ffmpeg(*tone(1), str(beep))
    assert transcribe(world.job(), beep, "de-AT").language == "en"
    assert world.warnings == ["The speech model understands 'en' only, so it does not listen for 'de'."]


def test_a_job_that_is_to_end_ends_and_leaves_nothing(world: World, spoken: Spoken, tmp_path: Path) -> None:
    wav = spoken.write(tmp_path / "speech.wav")
    asked = iter(range(100))
    with pytest.raises(JobStopped):
        transcribe(world.job(should_stop=lambda: next(asked) > 2), wav)
    assert not list(tmp_path.glob("*.pcm"))
    assert world.made == 0


def test_given_text_gets_the_times_of_the_speech(world: World, spoken: Spoken, tmp_path: Path) -> None:
    wav = spoken.write(tmp_path / "speech.wav")
    # Other spelling, other words, one left out: what is given is what is shown.
    text = "PLEASE remember to subscribe, to the channel!\n\nNew movies come out on every Friday evening?"
    found = align(world.job(), wav, text)
    assert [segment.text for segment in found.segments] == [line for line in text.splitlines() if line]
    truth = {plain(word.text): word for word in spoken.words}
    errors = [abs(w.start - truth[plain(w.text)].start) for w in found.words if plain(w.text) in truth]
    assert len(errors) >= 12
    assert sorted(errors)[len(errors) // 2] <= 0.08
    assert all(one.end <= other.start + 1e-9 for one, other in itertools.pairwise(found.words))


@pytest.mark.slow
def test_three_hours_take_no_more_memory_than_a_minute(world: World, spoken: Spoken, tmp_path: Path) -> None:
    wav, long = spoken.write(tmp_path / "speech.wav"), tmp_path / "long.flac"
    silence = ["-f", "lavfi", "-i", f"anullsrc=r={spoken.rate}:cl=mono:d=10790"]
    run_ffmpeg(*silence, "-i", str(wav), "-filter_complex", "concat=n=2:v=0:a=1", str(long))
    transcribe(world.job(), wav)
    before = memory(os.getpid()).anonymous
    with MemorySampler(os.getpid()) as sampler:
        found = transcribe(world.job(), long)
    result = compare(found, spoken.padded(before=10790))
    assert result.missed <= 2
    assert sorted(map(abs, result.starts))[len(result.starts) // 2] <= 0.08
    assert sampler.peak.anonymous - before < 150 * 2**20
