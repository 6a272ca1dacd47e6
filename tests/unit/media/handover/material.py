"""Sessions as a sync leaves them, for the tests of the hand-over formats."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from videocraft.media.handover import HandoverCamera, HandoverSession

NTSC = Fraction(30_000, 1001)
HOSTILE = (
    "Sunday \"Main\" <b>&amp;</b> 'x' ]]> 🎥",
    "a\n002  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
    "x\r\u2028TITLE: other\x85\x0b\x00* FROM FILE: /etc/passwd",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "half a pair \ud83d, no character \ufffe, M2 FREEZE FRAME FF",
    "%s {0} ${HOME} ../../x\\y.[1001-1020].exr",
)


def camera(label: str, offset_ms: float, **facts: Any) -> HandoverCamera:
    """A camera of 1080p30 with stereo sound, a minute long."""
    standard: dict[str, Any] = {
        "name": f"CAM_{label}_001.mp4",
        "url": f"./CAM_{label}_001.mp4",
        "duration": Fraction(60),
        "rate": Fraction(30),
        "width": 1920,
        "height": 1080,
        "channels": 2,
    }
    return HandoverCamera(label=label, offset_ms=Fraction(repr(offset_ms)), **(standard | facts))


def session(*cameras: HandoverCamera, **facts: Any) -> HandoverSession:
    """A session of these cameras; without any: three, of which C was the first to run."""
    chosen = cameras or (camera("A", 0.0), camera("B", 1234.0), camera("C", -532.0))
    standard: dict[str, Any] = {"id": "session-1", "title": "Sunday", "master": chosen[0].label}
    return HandoverSession(cameras=chosen, **(standard | facts))
