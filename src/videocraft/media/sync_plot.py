"""A picture of one camera's sync for the operator: the peak, the windows along the recording, the verdict."""

from __future__ import annotations

import textwrap
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from videocraft.media.sync.report import LOOKS_GOOD, REVIEW_SUGGESTED, PairResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES = (8.0, 6.0)
_DPI = 100
_WIDTH_OF_TEXT = 96
_SHOWN_REASONS = 3
_ZOOM_MS = 3.0
_COLOURS = 64

_GREEN, _AMBER, _RED, _GREY, _BLUE = "#1b7f3b", "#a86400", "#b3261e", "#8a8f98", "#1f5fa8"


def plot(pair: PairResult, path: Path) -> None:
    """Write the plot of a pair as PNG, 800 x 600.

    Above: the correlation by offset, whole and around the peak. Below: the offset of each window, those on
    the line and those beside it, with the line. Colours are never alone: the verdict is written, and marks
    differ in shape.
    """
    # matplotlib takes half a second to import and is needed here only; its state-based interface (pyplot)
    # keeps figures alive and isn't safe in threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    colour = {LOOKS_GOOD: _GREEN, REVIEW_SUGGESTED: _AMBER}.get(pair.classification, _RED)
    figure.suptitle(_title(pair), color=colour, fontsize=13, fontweight="bold")
    figure.supxlabel(_reasons(pair), fontsize=9, x=0.02, ha="left")
    grid = figure.add_gridspec(2, 2, width_ratios=(2, 1))
    whole, near, along = (figure.add_subplot(part) for part in (grid[0, 0], grid[0, 1], grid[1, :]))
    _draw_peaks(whole, pair)
    whole.set_title("Correlation by offset", fontsize=10)
    whole.set_ylabel("height over noise", fontsize=9)
    _draw_peaks(near, pair)
    near.set_title("Around the peak", fontsize=10)
    near.set_xlim(pair.offset_mid_ms - _ZOOM_MS, pair.offset_mid_ms + _ZOOM_MS)
    # Offsets of minutes have many digits: more of them would run into each other.
    near.locator_params(axis="x", nbins=3)
    _draw_windows(along, pair)
    for axes in (whole, near, along):
        axes.tick_params(labelsize=8)
        axes.grid(visible=True, color="#e3e5e8", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.ticklabel_format(axis="x", useOffset=False)
    drawn = BytesIO()
    figure.savefig(drawn, format="png")
    picture = Image.open(drawn).convert("RGB")
    # A handful of flat colours: a palette makes the file a third as large.
    picture.quantize(_COLOURS).save(path, format="png", optimize=True)


def _title(pair: PairResult) -> str:
    return (
        f"Camera {pair.label}: {pair.classification} (confidence {pair.confidence:.1f})\n"
        f"offset {pair.offset_ms:+.3f} ms, drift {_signed(pair.drift_ppm)} ppm, "
        f"overlap {pair.overlap_ms / 1000:.1f} s"
    )


def _signed(value: float) -> str:
    """With its sign and one decimal; what rounds to zero is no negative zero."""
    return f"{round(value, 1) + 0.0:+.1f}"


def _reasons(pair: PairResult) -> str:
    lines = [textwrap.shorten(reason, _WIDTH_OF_TEXT, placeholder=" …") for reason in pair.reasons]
    hidden = len(lines) - _SHOWN_REASONS
    return "\n".join([*lines[:_SHOWN_REASONS], *([f"and {hidden} more"] if hidden > 0 else [])])


def _draw_peaks(axes: Axes, pair: PairResult) -> None:
    lags, heights = pair.peaks
    axes.set_xlabel("offset in mid-recording (ms)", fontsize=9)
    if not lags:
        _say_nothing(axes, "nothing to correlate")
        return
    axes.plot(lags, heights, color=_BLUE, linewidth=0.9)
    axes.axvline(pair.offset_mid_ms, color=_GREY, linewidth=0.8, linestyle="--")


def _draw_windows(axes: Axes, pair: PairResult) -> None:
    axes.set_title("Offset of each window along the recording, and the line through them", fontsize=10)
    axes.set_xlabel(f"camera {pair.label} (s)", fontsize=9)
    axes.set_ylabel("offset (ms)", fontsize=9)
    if not pair.windows:
        _say_nothing(axes, "no window measured")
        return
    agree = [(time, offset) for time, offset, weight in pair.windows if weight > 0]
    differ = [(time, offset) for time, offset, weight in pair.windows if weight <= 0]
    times = [time for time, _, _ in pair.windows]
    ends = (min(times), max(times))
    line = [pair.offset_ms + pair.drift_ppm * 1e-3 * time for time in ends]
    axes.plot(ends, line, color=_GREY, linewidth=1, label=f"line, {_signed(pair.drift_ppm)} ppm")
    for points, marker, colour, word in ((agree, "o", _BLUE, "agree"), (differ, "x", _RED, "do not")):
        if points:
            at, offsets = zip(*points, strict=True)
            label = f"{len(points)} {word}"
            axes.scatter(at, offsets, s=22, marker=marker, color=colour, label=label)
    for jump in pair.jumps:
        axes.axvline(
            jump.time_s, color=_RED, linewidth=1, linestyle=":", label=f"jump {jump.size_ms:+.1f} ms"
        )
    # Agreeing windows lie within hundredths of a millisecond: without a margin, rounding would look like
    # scatter.
    low, high = min(line), max(line)
    axes.set_ylim(low - 0.5, high + 0.5)
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.legend(fontsize=8, loc="best")


def _say_nothing(axes: Axes, words: str) -> None:
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, color=_GREY)
