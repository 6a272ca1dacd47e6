"""``videocraft demo``: everything that VideoCraft can do, shown for real through a server of its own.

An act is a function of a `Stage`; later ones are added to ``ACTS``.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from videocraft.commands import CommandFailed, datadir

if TYPE_CHECKING:
    from rich.console import Console

    from videocraft.demo.stage import Stage

OUTPUT_FOLDER = Path("demo-data")
"""Where films go, in the current folder, when no folder is named."""
REQUEST_SECONDS = 30.0


def acts() -> tuple[tuple[str, Callable[[Stage], None]], ...]:
    """Title and function of every act, in the order in which they play."""
    from videocraft.demo import captioned, clips, multicam, session, story

    return (
        ("One film from three cameras", multicam.play),
        ("A session: upload, ingest, sync, approve, cut", session.play),
        ("A reading with captions", captioned.play),
        ("A recording taken in, and a clip of its best part", clips.play),
        ("A prompt, its storyboard, its film", story.play),
    )


def run(keep: Path | None) -> None:
    """Play every act.

    Args:
        keep: the data directory for the demo's server, left in place; without it a temporary one is used
            and only the films stay, in ``demo-data``.

    Raises:
        CommandFailed: something did not work as shown.
    """
    from rich.console import Console

    from videocraft.demo.stage import DemoFailed
    from videocraft.errors import VideoCraftError

    # An end by SIGTERM takes the server and the temporary folder with it, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console()
    started = time.perf_counter()
    output = (keep or OUTPUT_FOLDER).absolute()
    datadir.prepare(output)
    with ExitStack() as stack:
        data_dir = (
            output
            if keep
            else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="videocraft-demo-")))
        )
        try:
            facts = _play(console, data_dir, output)
        except DemoFailed as error:
            raise CommandFailed(f"The demo failed: {error}") from None
        except VideoCraftError as error:
            raise CommandFailed(
                f"The demo failed: {error.message} {error.details.get('stderr', '')}".rstrip()
            ) from None
    facts.append(("all together", f"{time.perf_counter() - started:.1f} s"))
    _close(console, facts)


def _play(console: Console, data_dir: Path, output: Path) -> list[tuple[str, str]]:
    import httpx

    from videocraft.demo.server import running_server
    from videocraft.demo.stage import Stage
    from videocraft.media import ffmpeg
    from videocraft.services import KEY_FILE
    from videocraft.settings import Settings

    with (
        running_server(data_dir) as address,
        httpx.Client(base_url=address, timeout=REQUEST_SECONDS) as client,
    ):
        console.print(f"A server of the demo's own listens on {address}", highlight=False)
        stage = Stage(
            console=console,
            client=client,
            address=address,
            media_root=data_dir / "media",
            output=output,
            ffmpeg=ffmpeg.binary(Settings().ffmpeg),
            key=(data_dir / KEY_FILE).read_text().strip(),
        )
        for title, act in acts():
            console.rule(title, align="left")
            act(stage)
        return stage.facts


def _close(console: Console, facts: list[tuple[str, str]]) -> None:
    from rich.markup import escape

    console.rule("Done", align="left")
    for name, value in facts:
        # Not in a table: a path must not be broken over lines.
        console.print(f"[bold]{name:<13}[/bold] {escape(value)}", highlight=False, soft_wrap=True)
    console.print(
        "\nTry next: open the film and watch the counter run on through each cut;"
        "\nstart a server with `make serve` and read http://127.0.0.1:8000/docs;"
        "\nput recordings of your own into data/media and post an edit, as README.md shows."
    )
