"""The synced cameras as FCPXML: a multicam clip, and a project with the cameras above each other.

Final Cut Pro and DaVinci Resolve read both. The multicam clip is what one cuts with; the project is for
programs that know no multicam clips (OpenTimelineIO's adapter among them).

Version 1.8, which holds all that is needed: later ones move a file's place out of ``asset``, where
older programs look for it, and every program reads the versions before its own. Names of elements follow
Apple's FCPXML reference. Times are exact fractions of a second; those on the timeline are whole frames.
"""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree import ElementTree as ET

from videocraft.media.handover.layout import (
    HandoverSession,
    Layout,
    Placed,
    is_drop_frame,
    lay_out,
    one_line,
)
from videocraft.media.time import round_half_up

VERSION = "1.8"

# What XML 1.0 can't hold, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONFORM_RATES = {
    Fraction(24_000, 1001): "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30_000, 1001): "29.97",
    Fraction(30): "30",
    Fraction(48_000, 1001): "47.95",
    Fraction(48): "48",
    Fraction(50): "50",
    Fraction(60_000, 1001): "59.94",
    Fraction(60): "60",
}


def to_fcpxml(session: HandoverSession) -> bytes:
    """The document, UTF-8.

    Raises:
        InvalidInput: a camera is shorter than a frame.
    """
    layout = lay_out(session)
    root = ET.Element("fcpxml", version=VERSION)
    resources = ET.SubElement(root, "resources")
    formats = _Formats(resources)
    sequence_format = formats.of(layout.master if layout.master.camera.rate else layout.clips[0], layout.rate)
    assets = {clip.camera.label: _asset(resources, formats, clip) for clip in layout.clips}
    multicam = _multicam(resources, layout, sequence_format, assets)
    title = writable(session.title)
    event = ET.SubElement(root, "event", name=title)
    whole = seconds(layout.frames / layout.rate)
    angle = ET.SubElement(event, "mc-clip", name=title, ref=multicam, offset="0s", duration=whole)
    ET.SubElement(angle, "mc-source", angleID=session.master, srcEnable="all")
    project = ET.SubElement(event, "project", name=f"{title} (synced)")
    facts = {"format": sequence_format, "duration": whole} | _clock(layout.rate)
    sequence = ET.SubElement(project, "sequence", facts)
    _stack(ET.SubElement(sequence, "spine"), layout, assets)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n'.encode()


def writable(text: str) -> str:
    """Text on one line, without the characters that XML can't hold; each is replaced by U+FFFD."""
    return _UNWRITABLE.sub("\ufffd", one_line(text))


def seconds(time: Fraction) -> str:
    """A time as FCPXML writes it: ``5s``, ``1001/30000s``."""
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


class _Formats:
    """The ``format`` resources: one for each size and frame rate."""

    def __init__(self, resources: ET.Element) -> None:
        self._resources = resources
        self._known: dict[tuple[Fraction, int, int], str] = {}

    def of(self, clip: Placed, rate: Fraction) -> str:
        """Id of the format of a camera's picture at ``rate``."""
        key = (rate, clip.camera.width, clip.camera.height)
        if key not in self._known:
            self._known[key] = f"f{len(self._known) + 1}"
            frame = 1 / rate
            facts = {"id": self._known[key], "frameDuration": f"{frame.numerator}/{frame.denominator}s"}
            if clip.camera.width and clip.camera.height:
                facts |= {"width": str(clip.camera.width), "height": str(clip.camera.height)}
            ET.SubElement(self._resources, "format", facts)
        return self._known[key]


def _asset(resources: ET.Element, formats: _Formats, clip: Placed) -> str:
    camera = clip.camera
    facts = {
        "id": f"asset{camera.label}",
        "name": writable(camera.name),
        "src": writable(camera.url),
        "start": seconds(clip.source_start / clip.source_rate),
        "duration": seconds(clip.source_frames / clip.source_rate),
    }
    if camera.rate is not None:
        facts |= {"hasVideo": "1", "format": formats.of(clip, clip.source_rate)}
    if camera.channels:
        facts |= {
            "hasAudio": "1",
            "audioSources": "1",
            "audioChannels": str(camera.channels),
            "audioRate": str(camera.sample_rate),
        }
    ET.SubElement(resources, "asset", facts)
    return facts["id"]


def _multicam(resources: ET.Element, layout: Layout, format_id: str, assets: dict[str, str]) -> str:
    media = ET.SubElement(resources, "media", id="multicam", name=writable(layout.session.title))
    multicam = ET.SubElement(media, "multicam", {"format": format_id} | _clock(layout.rate))
    for clip in layout.clips:
        label = clip.camera.label
        angle = ET.SubElement(multicam, "mc-angle", name=label, angleID=label)
        if clip.start:
            _gap(angle, layout, clip.start)
        angle.append(_asset_clip(clip, layout, assets[label]))
    return "multicam"


def _stack(spine: ET.Element, layout: Layout, assets: dict[str, str]) -> None:
    """All cameras as clips connected to one gap, the first on top."""
    base = _gap(spine, layout, layout.frames)
    for lane, clip in enumerate(reversed(layout.clips), start=1):
        element = _asset_clip(clip, layout, assets[clip.camera.label])
        element.set("lane", str(lane))
        base.append(element)


def _gap(parent: ET.Element, layout: Layout, frames: int) -> ET.Element:
    length = seconds(frames / layout.rate)
    return ET.SubElement(parent, "gap", name="Gap", offset="0s", start="0s", duration=length)


def _asset_clip(clip: Placed, layout: Layout, asset: str) -> ET.Element:
    element = ET.Element(
        "asset-clip",
        name=writable(clip.camera.name),
        ref=asset,
        offset=seconds(clip.start / layout.rate),
        start=seconds(clip.source_start / clip.source_rate),
        duration=seconds(clip.frames / layout.rate),
    )
    ET.SubElement(element, "note").text = _remark(clip, layout)
    if clip.camera.rate is not None and clip.source_rate != layout.rate:
        # Frames are left out or repeated; the recording keeps its speed.
        conform = ET.SubElement(element, "conform-rate", scaleEnabled="0")
        if clip.source_rate in _CONFORM_RATES:
            conform.set("srcFrameRate", _CONFORM_RATES[clip.source_rate])
    # Whose time a map counts in is not the same in all programs once a file begins at a timecode other
    # than 0, and the wrong one would be seconds off: those files say their drift in the remark only.
    if clip.speed != 1 and not clip.source_start:
        _time_map(element, clip, layout)
    return element


def _time_map(element: ET.Element, clip: Placed, layout: Layout) -> None:
    length = clip.frames / layout.rate
    # Fractions have 32-bit denominators at most here.
    reached = Fraction(round_half_up(length * clip.speed * 1_000_000), 1_000_000)
    points = ET.SubElement(element, "timeMap", preservesPitch="1")
    ET.SubElement(points, "timept", time="0s", value="0s", interp="linear")
    ET.SubElement(points, "timept", time=seconds(length), value=seconds(reached), interp="linear")


def _remark(clip: Placed, layout: Layout) -> str:
    camera, master = clip.camera, layout.session.master
    if camera.label == master:
        return f"Camera {master}, the master of the sync"
    words = [
        f"Camera {camera.label}: {float(camera.offset_ms):+z.3f} ms from camera {master}",
        f"drift {camera.drift_ppm:+z.1f} ppm",
    ]
    if camera.confidence is not None:
        words.append(f"confidence {camera.confidence:.1f}")
    return ", ".join(words)


def _clock(rate: Fraction) -> dict[str, str]:
    return {"tcStart": "0s", "tcFormat": "DF" if is_drop_frame(rate) else "NDF"}
