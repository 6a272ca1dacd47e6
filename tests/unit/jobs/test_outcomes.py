"""How runs end: what users read, and what operators do."""

from __future__ import annotations

import errno
import json
from collections import UserDict
from pathlib import Path
from typing import Any

import pytest

from videocraft.core.jobs.outcomes import completed, failed
from videocraft.errors import MediaError


def test_a_result_is_json_of_its_own() -> None:
    given: dict[str, Any] = {"files": ["a"], "name": "\udcff"}
    outcome = completed(given)
    given["files"].append("b")
    assert outcome.result == {"files": ["a"], "name": "?"}
    assert completed(UserDict(a=1)).result == {"a": 1}


@pytest.mark.parametrize("result", [None, [1], {"a": float("nan")}, {"a": Path("b")}])
def test_a_result_that_is_no_json_object_is_an_error_of_the_handler(result: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        completed(result)  # type: ignore[arg-type]  # what a wrong handler returns


def test_an_error_for_the_user_keeps_code_sentence_and_facts() -> None:
    facts = {"command": ["ffmpeg", Path("a\udcff")], "exit_code": 1, "nan": float("nan"), (1, 2): "no key"}
    outcome = failed(MediaError("It is truncated.\0", details=facts))  # type: ignore[arg-type]
    assert (outcome.code, outcome.message) == ("MEDIA_ERROR", "It is truncated.")
    assert outcome.details == {"command": ["ffmpeg", "a?"], "exit_code": 1, "nan": "NaN"}


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_any_other_error_shows_the_user_nothing_of_it() -> None:
    outcome = failed(raised(KeyError("secret")))
    assert (outcome.code, outcome.message) == ("INTERNAL_ERROR", "An internal error stopped this job.")
    assert outcome.details["exception"] == "KeyError"
    assert "secret" in outcome.details["traceback"]
    json.dumps(outcome.details)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_as_such(number: int) -> None:
    outcome = failed(raised(OSError(number, "full", "/srv/secret/path")))
    assert (outcome.code, outcome.message) == (
        "STORAGE_FULL",
        "There is no room left on the server's disk.",
    )
