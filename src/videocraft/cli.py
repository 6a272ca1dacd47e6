"""The command ``videocraft``: what is typed, and nothing else; each command's work is in ``commands``.

Only typer is imported here. Settings, database and web framework come with the command that needs them, so
``videocraft --help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from videocraft import __version__
from videocraft.commands import CommandFailed
from videocraft.commands.options import load_settings

app = typer.Typer(
    name="videocraft",
    help="A self-hosted video backend: recordings and edits come in over HTTP, finished files come out.",
    epilog="Every setting can also be given as an environment variable VIDEOCRAFT_…; a flag wins over it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
keys_app = typer.Typer(help="Make, list and revoke the keys that clients send.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")


class LogLevel(StrEnum):
    """How much is logged."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder for all that is kept: database, keys, media. Default: data, in the current folder.",
        show_default=False,
    ),
]
Level = Annotated[
    LogLevel | None, typer.Option(help="Least important lines to log. Default: info.", show_default=False)
]


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"videocraft {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen on. Default: 127.0.0.1, for this machine only; 0.0.0.0: every address.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on; 0 takes a free one. Default: 8000.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Worker processes, each does one job at a time. Default: 1.", show_default=False),
    ] = None,
    log_level: Level = None,
    follow_parent: Annotated[
        bool, typer.Option("--follow-parent", hidden=True, help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Start the server with its worker processes; Ctrl-C stops them all.

    Jobs that are cut short by a stop go on where they were at the next start.
    """
    from videocraft.commands import lifeline
    from videocraft.commands.serve import run

    if follow_parent:
        lifeline.follow_parent()
    settings = load_settings(host=host, port=port, data_dir=data_dir, workers=workers, log_level=log_level)
    run(settings)


@app.command()
def worker(
    data_dir: DataDir = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Worker processes to run.")] = 1,
    kinds: Annotated[
        str | None,
        typer.Option(
            help="Jobs to take, with commas: sessions.ingest,exports (all of exports). Default: every kind.",
            show_default=False,
        ),
    ] = None,
    log_level: Level = None,
    embedded: Annotated[
        bool,
        typer.Option(hidden=True, help="Be one worker process of a parent that holds its standard input."),
    ] = False,
) -> None:
    """Run worker processes, on any machine that reaches database, storage and queue.

    A server has workers of its own (serve --workers), unless its queue is Redis; this adds to them, or runs
    them apart from it.
    """
    from videocraft.commands import worker as command

    settings = load_settings(data_dir=data_dir, log_level=log_level)
    if embedded:
        command.run_one(settings, kinds or "")
    else:
        command.run_pool(settings, concurrency, kinds or "")


@app.command()
def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Keep the demo's files in this folder. Default: a temporary one.", show_default=False
        ),
    ] = None,
) -> None:
    """Show it working, over HTTP: a multicam cut, a session, captions, a clip, a story. Some minutes."""
    from videocraft.demo import run

    run(keep)


@app.command()
def gc(
    *,
    data_dir: DataDir = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go; do this first.")
    ] = False,
    cache_days: Annotated[
        float, typer.Option(min=0, help="Days to keep a cached file after its last use.")
    ] = 7.0,
    cache_bytes: Annotated[
        int | None,
        typer.Option(min=0, help="Most bytes of each cache. Default: no limit.", show_default=False),
    ] = None,
    keep_days: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Days to keep finished exports and films, their files and their jobs. Default: for ever.",
            show_default=False,
        ),
    ] = None,
    upload_days: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Days to keep files sent to /api/v1/uploads that no job waits for. Default: for ever.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Remove what nobody needs: expired uploads, unused caches, what was left behind, and old results.

    Safe beside a running server, on one machine at a time; each machine has caches of its own.
    """
    from videocraft.commands.gc import run
    from videocraft.core.garbage import Retention

    keep = Retention(cache_days, cache_bytes, keep_days, upload_days)
    run(load_settings(data_dir=data_dir), keep, dry_run=dry_run, as_json=as_json)


@app.command()
def doctor(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Check FFmpeg, disk, database, queue, storage, speech model, limits; say how to mend what is wrong.

    Ends with exit code 1 when something that VideoCraft needs does not work.
    """
    from videocraft.doctor import run

    if not run(load_settings(data_dir=data_dir), as_json=as_json):
        raise typer.Exit(1)


@app.command()
def routes() -> None:
    """List every route of the HTTP APIs as METHOD, PATH and where its code is."""
    from videocraft.commands.routes import run

    run(load_settings())


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="What the key is for, to recognise it in the list.")],
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it. It is kept hashed, so this is the only time it can be read."""
    from videocraft.commands import keys

    keys.create(load_settings(data_dir=data_dir), name)


@keys_app.command("list")
def keys_list(data_dir: DataDir = None) -> None:
    """List the keys: id, first characters, name, when made, when revoked."""
    from videocraft.commands import keys

    keys.list_all(load_settings(data_dir=data_dir))


@keys_app.command("revoke")
def keys_revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.")],
    data_dir: DataDir = None,
) -> None:
    """Make a key invalid, at once and for good."""
    from videocraft.commands import keys

    keys.revoke(load_settings(data_dir=data_dir), key_id)


def main() -> None:
    """Run the command; what can't be done ends with one sentence and an exit code."""
    _end_with_sentence(app)


def _end_with_sentence(command: Callable[[], object]) -> None:
    try:
        command()
    except CommandFailed as error:
        sys.stderr.write(f"videocraft: {error.message}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader (`| head`) has seen enough.
        sys.stderr.close()
        sys.exit(1)
