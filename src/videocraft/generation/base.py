"""What a storyboard is made with: a writer that turns a brief into scenes, an illustrator that pictures them,
and a narrator that speaks them.

All are chosen by a setting. Nothing here knows settings, jobs or HTTP frameworks: whoever loads a provider
hands over a ``ProviderConfig``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol

from videocraft.errors import VideoCraftError

ShouldStop = Callable[[], bool]
"""Asked often while a provider works; once true, the provider ends with ``GenerationStopped``."""


class Shot(StrEnum):
    """How much of the scene a picture shows, from far to near."""

    EXTREME_WIDE = "extreme wide shot"
    WIDE = "wide shot"
    FULL = "full shot"
    MEDIUM = "medium shot"
    CLOSE_UP = "close-up"
    EXTREME_CLOSE_UP = "extreme close-up"


class CameraMove(StrEnum):
    """How the camera moves over a picture while it is shown."""

    STATIC = "static"
    PUSH_IN = "push in"
    PULL_OUT = "pull out"
    PAN_LEFT = "pan left"
    PAN_RIGHT = "pan right"
    TILT_UP = "tilt up"
    TILT_DOWN = "tilt down"


@dataclass(frozen=True)
class Brief:
    """What a storyboard is asked for.

    ``duration`` is the whole film's length in seconds; the scenes' durations must add up to it. ``scenes`` is
    their wanted number, ``aspect_ratio`` one of 16:9, 9:16, 1:1 and 4:3. The same brief with the same
    ``seed`` gets the same scenes from a writer that can promise it.
    """

    prompt: str
    duration: float
    style: str
    aspect_ratio: str
    scenes: int
    seed: int = 0


@dataclass(frozen=True)
class SceneDraft:
    """One scene as a writer gives it; ``duration`` in seconds, ``characters`` the names of who is in it."""

    description: str
    duration: float
    image_prompt: str
    shot: Shot = Shot.WIDE
    camera_move: CameraMove = CameraMove.STATIC
    characters: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageRequest:
    """One picture to make.

    Attributes:
        prompt: what it shows, in anybody's words; nothing in it is trusted.
        style: the look, in words ("cinematic", "film noir").
        width: of the finished picture, in pixels.
        height: likewise.
        seed: the same request with the same seed gives the same picture, where the provider can promise it.
        scene_number: the scene's place in the storyboard, from 1.
        characters: names of those who are in the scene; a name keeps its look through all scenes.
        shot: how near; None lets the prompt's words decide.
        context: the whole storyboard's prompt; it says where and when where ``prompt`` does not.
    """

    prompt: str
    style: str
    width: int
    height: int
    seed: int = 0
    scene_number: int = 1
    characters: tuple[str, ...] = ()
    shot: Shot | None = None
    context: str = ""


@dataclass(frozen=True)
class Picture:
    """A finished picture: a whole PNG file of exactly the asked size. ``cost`` in US dollars."""

    path: Path
    width: int
    height: int
    cost: float


@dataclass(frozen=True)
class ProviderConfig:
    """Which provider, where it is and what it costs.

    Attributes:
        provider: ``builtin``, ``openai`` or ``replicate``; of narrators ``espeak``, ``piper`` or ``openai``.
        base_url: the API's address, without a slash at the end.
        api_key: sent as a bearer token; empty for servers that want none.
        model: the model's name as the provider writes it.
        price: US dollars for one picture (illustrators), one storyboard (writers) or a thousand characters
            (narrators).
        voice: whose voice a narrator has: a name, or a folder of Piper's.
        timeout_seconds: for one whole picture or storyboard, all retries included.
        attempts: how often one request is sent before its failure is final.
        concurrency: how many requests of this process may be under way at once.
        max_bytes: most bytes of one answer.
        backoff_seconds: about the wait before the second attempt; it doubles with each one after.
    """

    provider: str = "builtin"
    base_url: str = ""
    api_key: str = ""
    model: str = ""
    price: float = 0.0
    voice: str = ""
    timeout_seconds: float = 180.0
    attempts: int = 3
    concurrency: int = 2
    max_bytes: int = 32 * 2**20
    backoff_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as it is written, with its punctuation; ``start`` and ``end`` in seconds of the speech."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Speech:
    """A text that was spoken.

    Attributes:
        path: a whole WAV file: mono, 16 bits, without silence before and behind, equally loud from every
            narrator.
        seconds: its length; 0 where nothing in the text can be spoken (a row of emoji), and then there is no
            file.
        words: every word that was spoken, in order, within ``seconds``.
        cost: in US dollars.
    """

    path: Path
    seconds: float
    words: tuple[SpokenWord, ...]
    cost: float


class ProviderError(VideoCraftError):
    """A provider did not give what it was asked for.

    ``retryable`` says whether the same request may succeed later (overload, time-out, broken connection) or
    never will (a refused prompt, a wrong key).
    """

    status: ClassVar[int] = 502
    default_code: ClassVar[str] = "PROVIDER_ERROR"

    def __init__(self, message: str, *, retryable: bool = False, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retryable = retryable


class GenerationStopped(Exception):
    """Ended because ``should_stop`` said so; nothing was left behind."""


class Writer(Protocol):
    """Turns a brief into scenes."""

    name: str
    price: float
    """US dollars for one storyboard."""

    def write(self, brief: Brief, *, should_stop: ShouldStop) -> list[SceneDraft]:
        """The scenes, in order; their durations add up to ``brief.duration`` exactly.

        Raises:
            ProviderError: none could be had; ``retryable`` says whether to try again.
            GenerationStopped: ``should_stop`` said so.
        """
        ...


class Illustrator(Protocol):
    """Makes one picture for one scene. Safe to call from several threads at once."""

    name: str
    price: float
    """US dollars for one picture."""

    def illustrate(self, request: ImageRequest, into: Path, *, should_stop: ShouldStop) -> Picture:
        """Make the picture and write it to the file ``into``, whole or not at all.

        Raises:
            ProviderError: there is no picture; ``retryable`` says whether to try again.
            GenerationStopped: ``should_stop`` said so.
        """
        ...


class Narrator(Protocol):
    """Speaks a text. Safe to call from several threads at once."""

    name: str
    voice: str
    """What it sounds like: speech that was kept is used again as long as name and voice are the same."""
    price: float
    """US dollars for a thousand characters."""

    def speak(self, text: str, into: Path, *, should_stop: ShouldStop) -> Speech:
        """Speak ``text`` and write it to the file ``into``, whole or not at all.

        Raises:
            ProviderError: there is no speech; ``retryable`` says whether to try again.
            GenerationStopped: ``should_stop`` said so.
        """
        ...
