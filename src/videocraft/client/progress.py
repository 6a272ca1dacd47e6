"""A progress bar for whoever waits at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from videocraft.client.types import JobStatus


@contextmanager
def reporting(
    *, bar: bool, callback: Callable[[JobStatus], None] | None
) -> Iterator[Callable[[JobStatus], None]]:
    """What to call with each status: draws a bar on stderr if asked to, then calls ``callback``."""
    if not bar:
        yield callback or (lambda _status: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    # stderr: what a program prints on stdout belongs to the program.
    with Progress(*columns, console=Console(stderr=True)) as display:
        task = display.add_task("pending", total=100)

        def report(status: JobStatus) -> None:
            step = status.get("current_step") or status["status"]
            display.update(task, completed=status.get("progress", 0), description=step)
            if callback:
                callback(status)

        yield report
