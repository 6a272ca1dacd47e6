"""When the pictures of a video stream are shown: from the index of an MP4/MOV, else from packets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from av.video.stream import VideoStream

from videocraft.errors import MediaError
from videocraft.media import cadence, limits
from videocraft.media.isobmff import Movie, Track
from videocraft.media.packets import Packets
from videocraft.media.time import round_half_up


@dataclass(frozen=True, slots=True)
class Timing:
    """Ticks of the stream's time base, on the container's clock."""

    start: int
    end: int
    frames: int | None
    """``None``: not counted."""
    cadence: cadence.Cadence | None
    """``None``: a single picture."""


def timing_from_index(video: VideoStream, track: Track, movie: Movie) -> Timing | None:
    """From the sample tables: exact for hours of video without reading any of it.

    Returns:
        ``None`` where the tables are not the whole truth: a fragmented file, or an edit list that leaves
        something out.
    """
    if movie.is_fragmented or video.start_time is None or video.time_base is None or not track.times:
        return None
    if video.time_base != Fraction(1, track.timescale or 1) or has_odd_edits(track, movie):
        return None
    length = track.times[-1] - track.times[0] + track.last_duration
    return Timing(
        start=video.start_time,
        end=video.start_time + length,
        frames=len(track.times),
        cadence=cadence.measure([track.times], video.time_base),
    )


def has_odd_edits(track: Track, movie: Movie) -> bool:
    """Whether the edit list does more than everyone's: show all of the media, after a delay or at once."""
    edits = list(track.edits)
    if edits and edits[0].media_time == -1:
        del edits[0]
    if not edits:
        return False
    if len(edits) > 1 or not edits[0].is_normal_rate or not movie.timescale or not track.timescale:
        return True
    begin = edits[0].media_time
    if movie.is_fragmented or not track.times:
        # The tables do not tell the first time; what stands in fragments is cut by nobody's edit list.
        return begin < 0
    if begin < 0 or begin > track.times[0]:
        return True
    if not edits[0].duration:
        return False
    shown = Fraction(edits[0].duration, movie.timescale)
    whole = Fraction(track.times[-1] + track.last_duration - begin, track.timescale)
    # The duration is rounded to the movie's coarser clock: less than half a frame is nothing.
    return whole - shown > Fraction(max(track.last_duration, 2), 2 * track.timescale)


def timing_from_packets(video: VideoStream, packets: Packets | None) -> Timing:
    """From packets, all or sampled; a single picture has none.

    Raises:
        MediaError: no packet has a time.
    """
    if packets is None:
        start = video.start_time or 0
        return Timing(start=start, end=start + 1, frames=1, cadence=None)
    track = packets.tracks[video.index]
    if track.first is None or track.last_time is None or video.time_base is None:
        raise MediaError("The video has no pictures with a time.")
    measured = cadence.measure(packets.windows, video.time_base)
    last = track.last_duration
    if not last and measured is not None:
        last = max(1, round_half_up(1 / (measured.rate * video.time_base)))
    # Between keyframes so far apart nothing was sampled, and nothing can be.
    if measured is not None and packets.index_gap > limits.MAX_GAP_SECONDS:
        measured = replace(measured, longest_gap=packets.index_gap, is_constant=False)
    return Timing(
        start=track.first,
        end=track.last_time + last,
        frames=len(packets.windows[0]) if packets.is_complete else None,
        cadence=measured,
    )
