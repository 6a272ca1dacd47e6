"""How much a measured offset is to be trusted, and why, in words.

Three things decide together, because none of them separates alone (calibrated in ``docs/sync.md``):

- *strength*: the windows' correlation summed along the line, in standard deviations of what lies beside it;
- *agreement*: how many windows have their own peak on the line;
- *distinctness*: how much higher the peak is than the next one, be it of another candidate (sound that
  repeats) or near by (tones)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from videocraft.media.sync.match import Match, jump_between
from videocraft.media.sync.report import GOOD_CONFIDENCE, Jump, PairResult, classify
from videocraft.media.sync.sound import Sound

STRENGTH_FOR_GOOD = 12.0
SHARE_FOR_GOOD = 0.3
AGREEING_FOR_GOOD = 5
RIVAL_FOR_GOOD, RIVAL_AT_WORST = 0.7, 0.95
"""Height of the second peak, as a share of the first, that is just good enough, and at which all trust is
gone."""

_HIGHEST = 40.0
_JUMP_CAP = 9.0
_SILENCE = 10 ** (-70 / 20)
_QUIET_PEAKS = 400


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against the best match."""

    strength: float
    """Over noise."""
    agreement: float
    """0 to 1."""
    rival: float
    """Height of the second peak, as a share of the first."""

    @property
    def confidence(self) -> float:
        """At least 0; 10 and more looks good. No strength makes up for a rival, so the lower one counts."""
        strength = min(_HIGHEST, GOOD_CONFIDENCE * self.strength / STRENGTH_FOR_GOOD)
        return min(strength * self.agreement, self.ceiling)

    @property
    def ceiling(self) -> float:
        """The most confidence that the rival leaves."""
        room = (RIVAL_AT_WORST - self.rival) / (RIVAL_AT_WORST - RIVAL_FOR_GOOD)
        return GOOD_CONFIDENCE * max(0.0, room)


def weigh(match: Match, others: Sequence[Match]) -> Evidence:
    """The evidence for a match, beside the other candidates of the pair."""
    rival = max([match.rival, *(other.strength / max(match.strength, 1e-9) for other in others)])
    agreement = min(1.0, match.share / SHARE_FOR_GOOD) * min(1.0, match.agreeing / AGREEING_FOR_GOOD)
    return Evidence(match.strength, agreement, rival)


def verdict(
    label: str, master: Sound, camera: Sound, match: Match | None, others: Sequence[Match]
) -> PairResult:
    """The result for one camera; ``others`` are the other candidates, those of the same place left out."""
    silent = [
        f"The sound of {name} is silent."
        for name, sound in ((f"camera {label}", camera), ("the master camera", master))
        if sound.loudness < _SILENCE
    ]
    if match is None:
        reasons = silent or ["The recordings have no second of sound in common."]
        return nothing(label, reasons)
    beside = [(other, jump_between(match, other)) for other in others]
    others = [other for other, jump in beside if jump is None]
    match = replace(match, jumps=_merged(match.jumps, [jump for _, jump in beside if jump is not None]))
    evidence = weigh(match, others)
    confidence = evidence.confidence
    if silent:
        confidence = 0.0
    if match.jumps:
        confidence = min(confidence, _JUMP_CAP)
    confidence = round(confidence, 2)
    reasons = [*silent]
    if confidence < GOOD_CONFIDENCE and not silent:
        reasons += _doubts(match, evidence, others)
    reasons += _notes(label, match, camera, master)
    line = match.line
    start = line.at(0.0)
    return PairResult(
        label=label,
        offset_ms=round(start * 1000, 4),
        drift_ppm=round(line.drift * 1e6, 3),
        offset_mid_ms=round(match.middle_offset_s * 1000, 4),
        overlap_ms=round(match.overlap_s * 1000, 1),
        confidence=confidence,
        classification=classify(confidence),
        reasons=tuple(reasons),
        inverted=match.inverted,
        jumps=match.jumps,
        windows=tuple(
            (round(time, 3), round(offset * 1000, 4), round(abs(height), 2) if agrees else 0.0)
            for (time, offset, height), agrees in zip(match.found.tolist(), match.on_line, strict=True)
        ),
        peaks=_drawn(match),
    )


def _merged(jumps: Sequence[Jump], more: Sequence[Jump]) -> tuple[Jump, ...]:
    """Jumps in order of time; the same one may have been found in both ways."""
    merged = list(jumps)
    merged += [one for one in more if all(abs(one.size_ms - known.size_ms) > 1 for known in jumps)]
    return tuple(sorted(merged, key=lambda jump: jump.time_s))


def nothing(label: str, reasons: Sequence[str]) -> PairResult:
    """The result where there is nothing to measure."""
    return PairResult(
        label=label,
        offset_ms=0.0,
        drift_ppm=0.0,
        offset_mid_ms=0.0,
        overlap_ms=0.0,
        confidence=0.0,
        classification=classify(0.0),
        reasons=tuple(reasons),
        inverted=False,
        jumps=(),
        windows=(),
        peaks=((), ()),
    )


def _doubts(match: Match, evidence: Evidence, others: Sequence[Match]) -> list[str]:
    """Why it doesn't look good."""
    result = []
    if evidence.strength < STRENGTH_FOR_GOOD:
        result.append(
            "No common sound stands out: the recordings may not overlap, come from different rooms, "
            "or be too noisy."
            if evidence.confidence < 5
            else "The common sound stands out only a little from the noise."
        )
    if evidence.agreement < 1:
        total = len(match.found)
        result.append(f"Only {match.agreeing} of {total} places in the recording agree on this offset.")
    if evidence.ceiling < GOOD_CONFIDENCE and evidence.strength >= STRENGTH_FOR_GOOD / 2:
        rivals = [other for other in others if other.strength > RIVAL_FOR_GOOD * match.strength]
        if rivals:
            seconds = rivals[0].middle_offset_s
            result.append(f"The sound repeats itself: {_signed(seconds)} s fits nearly as well.")
        else:
            result.append("Steady tones or strong echoes fit at several offsets close to each other.")
    if match.overlap_s < 5:
        result.append(f"The recordings overlap by {match.overlap_s:.1f} s only.")
    return result


def _notes(label: str, match: Match, camera: Sound, master: Sound) -> list[str]:
    """What else somebody ought to know."""
    result = [
        f"The offset jumps by {jump.size_ms:+.1f} ms at {clock(jump.time_s)} of camera {label}: sound is missing there."
        for jump in match.jumps
    ]
    if match.inverted and match.agreeing:
        result.append(f"The polarity of camera {label} is inverted.")
    shift = match.line.drift * match.overlap_s * 1000
    if abs(shift) >= 1:
        minutes = match.overlap_s / 60
        result.append(
            f"The clocks drift by {match.line.drift * 1e6:.0f} ppm: {abs(shift):.0f} ms over {minutes:.0f} minutes."
        )
    for name, sound in ((f"camera {label}", camera), ("the master camera", master)):
        if sound.clipped > 0.001:
            result.append(f"The sound of {name} is clipped.")
    return result


def clock(seconds: float) -> str:
    """``h:mm:ss`` of a time in a recording."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _signed(seconds: float) -> str:
    return f"{seconds:+.3f}"


def _drawn(match: Match) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The profile with its highest places kept, in at most ``_QUIET_PEAKS`` + 80 points."""
    middle = len(match.profile) // 2
    fine = set(range(max(middle - 40, 0), min(middle + 41, len(match.profile))))
    step = max(1, len(match.profile) // _QUIET_PEAKS)
    for first in range(0, len(match.profile), step):
        part = abs(match.profile[first : first + step])
        fine.add(first + int(part.argmax()))
    chosen = sorted(fine)
    base = match.middle_offset_s
    lags = tuple(round((base + match.lags_s[index]) * 1000, 3) for index in chosen)
    return lags, tuple(round(float(match.profile[index]), 2) for index in chosen)
