"""Rational time: exact seconds, frame grids and frame rates. Nothing here rounds by accident."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

NTSC_RATES = frozenset({24, 30, 48, 60, 96, 120, 240})
"""Whole rates that also exist slowed down by 1000/1001 (23.976, 29.97, 59.94, ...)."""

# Neighbouring rates (30 and 29.97) are 1e-3 apart, so less than half of that is unambiguous; the error of a
# rate measured on a millisecond clock, or written with two decimals (23.98), is about 1.6e-4.
_SNAP_TOLERANCE = Fraction(4, 10_000)

_MAX_DIGITS = 64
_MAX_EXPONENT = 400
_HALF = Fraction(1, 2)


def to_fraction(value: float | str | Decimal | Fraction) -> Fraction:
    """The exact rational that ``value`` was written as: 0.1 becomes 1/10, not the nearest binary number.

    Raises:
        ValueError: not a finite number, or one of absurd length (``"1e999999999"``).
    """
    if isinstance(value, (Fraction, int)):
        return Fraction(value)
    text = repr(value) if isinstance(value, float) else str(value)
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} characters is too long")
    _, _, exponent = text.lower().partition("e")
    # Fraction("1e999999999") would try to build the power of ten.
    if len(exponent.strip().lstrip("+-").lstrip("0")) > 3 or abs(int(exponent or 0)) > _MAX_EXPONENT:
        raise ValueError(f"{text} has too large an exponent")
    return Fraction(text)


def round_half_up(x: Fraction) -> int:
    """The nearest whole number; halves go up (also below zero), so a shift by whole numbers commutes."""
    return math.floor(x + _HALF)


def frame_boundaries(durations: Sequence[Fraction], rate: Fraction) -> list[int]:
    """Where the pieces of an edit begin and end on the output's frame grid.

    The *cumulated* time is rounded, not each duration, so the error never exceeds half a frame, however many
    pieces there are.

    Args:
        durations: seconds of each piece, in order; none negative.
        rate: frames per second of the output.

    Returns:
        ``len(durations) + 1`` frame numbers, ascending from 0: piece ``i`` is ``[result[i], result[i + 1])``.
    """
    if rate <= 0:
        raise ValueError("a frame rate must be positive")
    boundaries = [0]
    end = Fraction(0)
    for duration in durations:
        if duration < 0:
            raise ValueError("a duration must not be negative")
        end += duration
        boundaries.append(round_half_up(end * rate))
    return boundaries


def snap_rate(rate: Fraction) -> Fraction:
    """The standard frame rate that ``rate`` was meant to be (29.97 -> 30000/1001), else ``rate`` itself."""
    if rate <= 0:
        raise ValueError("a frame rate must be positive")
    whole = round_half_up(rate)
    candidates = [Fraction(whole)] if whole else []
    candidates += [Fraction(ntsc * 1000, 1001) for ntsc in NTSC_RATES if abs(ntsc - rate) < 1]
    nearest = min(candidates, key=lambda candidate: abs(candidate - rate), default=rate)
    return nearest if abs(nearest - rate) <= _SNAP_TOLERANCE * rate else rate


def median(values: Iterable[int]) -> int:
    """The lower median of whole numbers (one that occurs, never a mean of two).

    Raises:
        ValueError: there are none.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[(len(ordered) - 1) // 2]


def microseconds(seconds: Fraction) -> str:
    """``seconds`` for an FFmpeg option, rounded *down* to its resolution of a microsecond.

    Down, because a seek to a frame's time must not land behind it.
    """
    micros = math.floor(seconds * 1_000_000)
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), 1_000_000)
    return f"{sign}{whole}.{rest:06d}"
