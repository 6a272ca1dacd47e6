"""Templates: ``{{name}}`` in any text of a project, filled in from ``variables``.

A text that is nothing but one variable becomes its value with its type, so that numbers can be variables too.
What is filled in is not looked at again: a value can't bring variables of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from videocraft.apis.videos.reading import Findings

MOST_VARIABLES = 1000
MOST_CHARACTERS = 2 * 2**20
"""Of all texts of a project once they are filled in."""

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.-]{0,63})\s*\}\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_Scalar = str | int | float | bool


def expand(project: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The project with its variables filled in, without the key ``variables``.

    A scene may have ``variables`` of its own, which stand before the project's.
    """
    variables = _variables(project.get("variables"), "variables", findings)
    filling = _Filling(findings)
    filled = {
        key: filling.fill(value, key, variables)
        for key, value in project.items()
        if key not in {"variables", "scenes"}
    }
    if "scenes" in project:
        filled["scenes"] = _scenes(project["scenes"], variables, filling)
    return filled


def _scenes(scenes: Any, variables: Mapping[str, _Scalar], filling: _Filling) -> Any:
    if not isinstance(scenes, list):
        return scenes
    filled = []
    for number, scene in enumerate(scenes):
        path = f"scenes[{number}]"
        if isinstance(scene, Mapping) and "variables" in scene:
            own = dict(variables) | _variables(scene["variables"], f"{path}.variables", filling.findings)
            rest = {key: value for key, value in scene.items() if key != "variables"}
            filled.append(filling.fill(rest, path, own))
        else:
            filled.append(filling.fill(scene, path, variables))
    return filled


def _variables(given: Any, path: str, findings: Findings) -> dict[str, _Scalar]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        findings.problem(path, "variables must be an object")
        return {}
    if len(given) > MOST_VARIABLES:
        findings.problem(path, f"At most {MOST_VARIABLES} variables are allowed, these are {len(given)}")
        return {}
    variables: dict[str, _Scalar] = {}
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            findings.problem(path, "A variable's name has 1 to 64 letters, digits and any of _ . -")
        elif not isinstance(value, _Scalar):
            findings.problem(f"{path}.{name}", "A variable must be a string, a number, true or false")
        else:
            variables[name] = value
    return variables


class _Filling:
    """Fills in, and counts what comes of it: a short text can name a long variable very often."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._left = MOST_CHARACTERS

    def fill(self, value: Any, path: str, variables: Mapping[str, _Scalar]) -> Any:
        if isinstance(value, str):
            return self._text(value, path, variables) if "{{" in value else value
        if isinstance(value, Mapping):
            return {key: self.fill(inner, f"{path}.{key}", variables) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, f"{path}[{n}]", variables) for n, inner in enumerate(value)]
        return value

    def _text(self, text: str, path: str, variables: Mapping[str, _Scalar]) -> Any:
        whole = _VARIABLE.fullmatch(text)
        if whole and whole[1] in variables:
            return variables[whole[1]]
        parts = []
        end = 0
        for match in _VARIABLE.finditer(text):
            if match[1] not in variables:
                self.findings.problem(path, f"The variable '{match[1]}' is not defined")
                continue
            value = _as_text(variables[match[1]])
            self._left -= len(value)
            if self._left < 0:
                limit = MOST_CHARACTERS // 2**20
                self.findings.problem("variables", f"The filled-in texts have more than {limit} MiB together")
                return text
            parts += [text[end : match.start()], value]
            end = match.end()
        return "".join([*parts, text[end:]])


def _as_text(value: _Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
