"""``videocraft gc``: removing what nobody needs, or saying what that would be."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from videocraft.commands import CommandFailed
from videocraft.commands.database import DatabaseKind, inspect_database, open_services
from videocraft.commands.options import start_logging

if TYPE_CHECKING:
    from videocraft.core.garbage import Garbage, Retention
    from videocraft.services import Services
    from videocraft.settings import Settings


def run(settings: Settings, keep: Retention, *, dry_run: bool, as_json: bool) -> None:
    """Find what is not needed, remove it unless ``dry_run``, and print a line for each sort.

    Raises:
        CommandFailed: there is no database, or something could not be removed and the rest was.
    """
    start_logging(settings)
    if inspect_database(settings).kind in {DatabaseKind.MISSING, DatabaseKind.EMPTY}:
        # Measured against nothing, every file would be one that nobody needs.
        raise CommandFailed(
            "There is no database there yet, so nothing can be said of the files; check --data-dir and "
            "VIDEOCRAFT_DATABASE_URL"
        )
    services = open_services(settings, first_key=False)
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    failures: list[str] = []
    try:
        for garbage in collect(services, keep):
            if not dry_run and not _removed(garbage, failures):
                continue
            counts[garbage.kind] += garbage.count
            sizes[garbage.kind] += garbage.size
    finally:
        services.close()
    report = [{"kind": kind, "count": counts[kind], "bytes": sizes[kind]} for kind in sorted(counts)]
    if as_json:
        json.dump({"dryRun": dry_run, "removed": report, "failures": failures}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        done = "would go" if dry_run else "removed"
        lines = [f"{row['count']:>8}  {_shown(sizes[str(row['kind'])]):>10}  {row['kind']}" for row in report]
        total = f"{sum(counts.values()):>8}  {_shown(sum(sizes.values())):>10}  {done}"
        sys.stdout.write("\n".join([*lines, total]) + "\n")
    if failures:
        raise CommandFailed(f"{len(failures)} could not be removed, the first is {failures[0]}")


def collect(services: Services, keep: Retention) -> Iterator[Garbage]:
    """Everything that nobody needs: what no room owns, then what each room finds."""
    from videocraft.apis import ROOMS
    from videocraft.core import garbage

    yield from garbage.find(services, keep)
    for room in ROOMS:
        cleaning = room.part("cleaning")
        if cleaning is not None:
            yield from cleaning.find(services, keep)


def _removed(garbage: Garbage, failures: list[str]) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    from videocraft.errors import VideoCraftError

    try:
        garbage.remove()
    except (OSError, SQLAlchemyError, VideoCraftError) as error:
        failures.append(f"{garbage.name} ({garbage.kind}): {error}")
        return False
    return True


def _shown(count: int) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count} {unit}"
        count = round(count / 1000)
    return f"{count} TB"
