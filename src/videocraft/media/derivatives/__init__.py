"""What a recording is turned into when it arrives, by one FFmpeg process that decodes it once.

- *proxy*: H.264 in MP4, a whole fraction of the picture of at most 720 lines (960x540 of 1920x1080), upright,
  square pixels, SDR, constant frame rate, an IDR picture every half second; AAC. For players and for looking.
- *mezzanine*: ProRes 422 (HQ from ten bits on) of the source's size and rate in MOV, upright, constant frame
  rate, with the track's own channels as 24-bit PCM. For editors. Its colour is the source's, also HDR.
- *audio-wav*: 16-bit PCM, 48 kHz, stereo (RF64 beyond 4 GB). For measuring.
- *poster*: a JPEG; *waveform*: peaks of the wav (``waveform.py``).

Second 0 of each is second 0 of the recording (``edit.origin_of``): a track that begins later has silence, or
its first picture, before it; what lies before second 0 is left out. The sound of proxy and mezzanine lasts as
long as the picture; the wav has all of the sound there is. Interlaced pictures are woven into whole ones.
"""

from videocraft.media.derivatives.arguments import arguments
from videocraft.media.derivatives.checks import Truncated
from videocraft.media.derivatives.make import make
from videocraft.media.derivatives.plan import (
    PROXY_LINES,
    SAMPLE_RATE,
    DerivativePlan,
    Derivatives,
    PicturePlan,
    Size,
    SoundPlan,
    plan,
)

__all__ = [
    "PROXY_LINES",
    "SAMPLE_RATE",
    "DerivativePlan",
    "Derivatives",
    "PicturePlan",
    "Size",
    "SoundPlan",
    "Truncated",
    "arguments",
    "make",
    "plan",
]
