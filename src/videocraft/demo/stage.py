"""What every act of the demo works with: a running server, a client, a place for files, a screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


class DemoFailed(Exception):
    """Something did not do what the demo shows; the message says what."""


class Meter:
    """The progress of one thing, as a bar on a terminal and as a few lines elsewhere."""

    LINES = 4
    """How many lines a whole run gives where there is no terminal."""

    def __init__(self, console: Console, label: str, bar: Progress) -> None:
        self._console = console
        self._label = label
        self._bar = bar
        self._task = bar.add_task(label, total=1.0)
        self._said = 0

    def show(self, fraction: float, note: str = "") -> None:
        """Show that ``fraction`` (0-1) is done."""
        label = f"{self._label}: {note}" if note else self._label
        self._bar.update(self._task, completed=fraction, description=label)
        step = int(fraction * self.LINES)
        if not self._console.is_terminal and step > self._said:
            self._said = step
            self._console.print(f"  {label} {fraction:.0%}", highlight=False)


@dataclass(frozen=True)
class Stage:
    """Where an act plays."""

    console: Console
    client: httpx.Client
    """Speaks to the demo's own server."""
    address: str
    media_root: Path
    """The server's media root: cameras are put here, as a user would."""
    output: Path
    """Folder for what the acts download."""
    ffmpeg: str
    key: str = field(default="", repr=False)
    """Of the demo's own server."""
    facts: list[tuple[str, str]] = field(default_factory=list)
    """What the closing table shows, in order."""

    @property
    def authorization(self) -> dict[str, str]:
        """Headers for the families that ask for a key."""
        return {"Authorization": f"Bearer {self.key}"}

    def ask(self, method: str, path: str, **named: Any) -> httpx.Response:
        """Send a request with the key.

        Raises:
            DemoFailed: the answer is an error.
        """
        answer = self.client.request(method, path, headers=self.authorization, **named)
        expect_ok(answer)
        return answer

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """What a route answers to a JSON body; raises as ``ask`` does."""
        found: dict[str, Any] = self.ask(method, path, json=body).json()
        return found

    def fetch(self, url: str, name: str) -> Path:
        """Download into a file of the output folder.

        Raises:
            DemoFailed: it was refused, or cut short.
        """
        path = self.output / name
        with self.client.stream("GET", url, headers=self.authorization, timeout=None) as answer:
            if answer.is_error:
                answer.read()
            expect_ok(answer)
            with path.open("wb") as file:
                for piece in answer.iter_bytes():
                    file.write(piece)
        size, announced = path.stat().st_size, int(answer.headers["Content-Length"])
        if size != announced:
            raise DemoFailed(f"{name} has {size} bytes, {announced} were announced")
        return path

    def tell(self, name: str, value: str) -> None:
        """Add a line to the closing table."""
        self.facts.append((name, value))

    @contextmanager
    def meter(self, label: str) -> Iterator[Meter]:
        """A `Meter` that is on screen while the block runs."""
        columns = (TextColumn("  {task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        # Without a terminal rich would print the bar once, at the end: `Meter` prints lines instead.
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as bar:
            yield Meter(self.console, label, bar)


def expect_ok(answer: httpx.Response) -> None:
    """Raise DemoFailed for an answer that is an error."""
    if answer.is_error:
        raise DemoFailed(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text}"
        )
