"""Reports as JSON, and words for confidence."""

from __future__ import annotations

import json

import pytest

from videocraft.media.sync import Jump, PairResult, SyncReport, classify

PAIR = PairResult(
    label="B",
    offset_ms=5000.25,
    drift_ppm=-37.5,
    offset_mid_ms=4999.0,
    overlap_ms=60_000.0,
    confidence=9.0,
    classification="review-suggested",
    reasons=("The offset jumps.",),
    inverted=True,
    jumps=(Jump(30.0, 250.0),),
    windows=((1.0, 5000.2, 12.0), (20.0, 5200.0, 0.0)),
    peaks=((4999.0, 5000.0), (1.0, 40.0)),
)


def test_a_report_survives_json() -> None:
    report = SyncReport("A", {"B": PAIR})
    assert SyncReport.from_json(json.loads(json.dumps(report.to_json(), allow_nan=False))) == report


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        (0, "needs-manual-nudge"),
        (4.99, "needs-manual-nudge"),
        (5, "review-suggested"),
        (9.99, "review-suggested"),
        (10, "looks-good"),
        (40, "looks-good"),
    ],
)
def test_words_for_confidence(confidence: float, word: str) -> None:
    assert classify(confidence) == word


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf")])
def test_a_confidence_is_a_number_from_zero_up(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite number"):
        classify(wrong)
