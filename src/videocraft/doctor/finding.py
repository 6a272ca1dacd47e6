"""What one check of `doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; only FAIL keeps VideoCraft from working."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    name: str
    level: Level
    says: str
    mend: str = ""
    """What to do about it, as an imperative sentence; empty when all is well."""


def ok(name: str, says: str) -> Finding:
    """All is well."""
    return Finding(name, Level.OK, says)


def warn(name: str, says: str, mend: str) -> Finding:
    """It works, worse than it could."""
    return Finding(name, Level.WARN, says, mend)


def fail(name: str, says: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(name, Level.FAIL, says, mend)
