"""Which cases of many run in `make test`, and which only in `make test-all`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def thorough(cases: Iterable[Any], quick: Collection[Any]) -> list[Any]:
    """Every case for ``parametrize``; those that are not in ``quick`` are marked slow.

    Raises:
        ValueError: a quick one is no case.
    """
    every = list(cases)
    if unknown := [case for case in quick if case not in every]:
        raise ValueError(f"These are no cases: {unknown}.")
    return [case if case in quick else _slow(case) for case in every]


def _slow(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
