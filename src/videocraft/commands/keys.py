"""``videocraft keys``: make, list and revoke the keys that clients send."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from videocraft.commands import CommandFailed, datadir

if TYPE_CHECKING:
    from videocraft.core.auth.keys import KeyRing
    from videocraft.core.database import Database
    from videocraft.settings import Settings


def ring(settings: Settings, database: Database) -> KeyRing:
    """The keys kept in ``database`` and the one in the settings."""
    from videocraft.core.auth.keys import KeyRing

    return KeyRing(database, settings.api_key.get_secret_value() if settings.api_key else None)


@contextmanager
def _open_ring(settings: Settings) -> Iterator[KeyRing]:
    from videocraft.commands.database import open_database

    datadir.prepare(settings.data_dir)
    database = open_database(settings)
    try:
        yield ring(settings, database)
    finally:
        database.dispose()


def create(settings: Settings, name: str) -> None:
    """Make a key and print it alone on standard output; what to know about it goes to standard error."""
    from videocraft.errors import InvalidInput

    with _open_ring(settings) as keys:
        try:
            info, key = keys.create(name)
        except InvalidInput as error:
            raise CommandFailed(error.message, exit_code=2) from None
    sys.stdout.write(f"{key}\n")
    sys.stderr.write(f"Key {info.id} ({info.name}) is made. Keep it now: it can't be shown again.\n")


def list_all(settings: Settings) -> None:
    """Print every key, newest first, revoked ones too."""
    with _open_ring(settings) as keys:
        found = keys.list()
    if not found:
        sys.stderr.write("There are no keys yet; the first `videocraft serve` makes one.\n")
    for info in found:
        state = f"revoked {_day(info.revoked_at)}" if info.revoked_at is not None else "valid"
        sys.stdout.write(f"{info.id}\t{info.prefix}…\t{_day(info.created_at)}\t{state}\t{info.name}\n")


def revoke(settings: Settings, key_id: str) -> None:
    """Make a key void.

    Raises:
        CommandFailed: there is no such key, or it is void already.
    """
    with _open_ring(settings) as keys:
        if not keys.revoke(key_id):
            raise CommandFailed(
                f"There is no valid key with the id {key_id!r}; `videocraft keys list` shows them"
            )
    sys.stdout.write(f"Key {key_id} is revoked; servers refuse it within seconds.\n")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
