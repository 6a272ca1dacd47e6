"""Reading a JSON object key by key: everything that is wrong is collected, under its path, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from videocraft.errors import InvalidInput
from videocraft.media.captions.style import language_tag

MOST_PROBLEMS = 100
"""So many are told; whoever has more has one mistake in a loop."""
MOST_WARNINGS = 100


@dataclass
class Findings:
    """What was found in one request."""

    problems: dict[str, str] = field(default_factory=dict)
    """What must be mended, by path."""
    warnings: list[str] = field(default_factory=list)
    """What was odd, in sentences."""

    def problem(self, path: str, message: str) -> None:
        """Note what is wrong at ``path``; the first message of a path counts."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.setdefault(path or "body", message)

    def warn(self, message: str) -> None:
        """Note what is odd."""
        if len(self.warnings) < MOST_WARNINGS and message not in self.warnings:
            self.warnings.append(message)

    def check(self) -> None:
        """Raise what was found to be wrong.

        Raises:
            InvalidInput: ``VALIDATION_ERROR`` with the problems by path.
        """
        if self.problems:
            raise InvalidInput("Validation failed", details=self.problems)


class Reader:
    """One object of a request.

    A key may be written with hyphens or underscores (``fade-in``, ``fade_in``); one whose value is null
    counts as not given.
    """

    def __init__(self, value: Any, path: str, findings: Findings) -> None:
        self.path = path
        self.findings = findings
        self._seen: set[str] = set()
        self._values: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self.is_object = isinstance(value, Mapping)
        if not self.is_object:
            findings.problem(path, f"{_name_of(path)} must be an object")
            return
        for name, given in value.items():
            key = name.replace("_", "-")
            if self._values.get(key) is not None and given is not None:
                place = f"{path}.{name}" if path else name
                findings.warn(f"The key {_shown(place)} is given in two spellings; the last one counts")
            if key not in self._values or given is not None:
                self._values[key] = given
                self._names[key] = name

    def path_of(self, key: str) -> str:
        """The path of a key, as it was written where it was given."""
        name = self._names.get(key, key)
        return f"{self.path}.{name}" if self.path else name

    def raw(self, key: str) -> Any:
        """The value as it came; None when it was not given."""
        self._seen.add(key)
        return self._values.get(key)

    def wrong(self, key: str, message: str) -> None:
        """Note that a key is wrong."""
        self.findings.problem(self.path_of(key), message)

    def _must(self, key: str, what: str) -> None:
        self.wrong(key, f"{self._names.get(key, key)} must {what}")

    def text(self, key: str, longest: int, *, is_blank_allowed: bool = False) -> str | None:
        """A string of 1 to ``longest`` characters."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self._must(key, "be a string")
        elif not value.strip() and not is_blank_allowed:
            self._must(key, "not be empty")
        elif len(value) > longest:
            self._must(key, f"have at most {longest} characters")
        else:
            return value
        return None

    def language(self, key: str) -> str | None:
        """A language tag; None where it is to be found out: not given, or ``auto``."""
        value = self.raw(key)
        try:
            return None if value is None else language_tag(value)
        except InvalidInput as error:
            self.wrong(key, error.message)
            return None

    def number(self, key: str, least: float, most: float, *, above: bool = False) -> float | None:
        """A finite number between ``least`` (beyond it, if ``above``) and ``most``."""
        value = self.raw(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number:
            self._must(key, "be a number")
            return None
        # Compared as it is: an integer of 400 digits does not become a float.
        if (
            (isinstance(value, float) and not math.isfinite(value))
            or not least <= value <= most
            or (above and value == least)
        ):
            self._must(key, _range(least, most, above=above))
        else:
            return float(value)
        return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number between two others; 1920.0 is as whole as 1920."""
        value = self.raw(key)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self._must(key, "be a whole number")
        elif not least <= value <= most:
            self._must(key, _range(least, most, above=False))
        else:
            return value
        return None

    def flag(self, key: str) -> bool | None:
        """true or false; ``loop`` of some clients is -1 or 1, which is not read as one."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        self._must(key, "be true or false")
        return None

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        """One of some words."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, str) or value not in choices:
            self._must(key, f"be one of {', '.join(choices)}")
            return None
        return value

    def parsed(self, key: str, parse: Callable[[str], object]) -> str | None:
        """A string that a parser takes; what the parser says against it is the message."""
        value = self.raw(key)
        if value is None:
            return None
        try:
            parse(value if isinstance(value, str) else "")
        except InvalidInput as error:
            self.wrong(key, error.message)
            return None
        return str(value)

    def objects(self, key: str, most: int, name: str) -> Iterator[Reader]:
        """The objects of a list of at most ``most``."""
        value = self.raw(key)
        if value is None:
            return
        if not isinstance(value, list):
            self._must(key, "be a list")
        elif len(value) > most:
            self.wrong(key, f"At most {most} {name} are allowed, these are {len(value)}")
        else:
            for number, item in enumerate(value):
                yield Reader(item, f"{self.path_of(key)}[{number}]", self.findings)

    def end(self) -> None:
        """Name the keys that nobody has asked for."""
        for key in self._values:
            if key not in self._seen:
                self.findings.warn(f"Unknown key {_shown(self.path_of(key))} is ignored")


def _name_of(path: str) -> str:
    return path.rpartition(".")[2] if path else "The body"


def _shown(path: str) -> str:
    text = path if len(path) <= 120 else f"{path[:117]}..."
    return f"'{text}'" if text.isprintable() else ascii(text)


def _range(least: float, most: float, *, above: bool) -> str:
    if above:
        return f"be greater than {least:g} and at most {most:g}"
    return f"be between {least:g} and {most:g}"
