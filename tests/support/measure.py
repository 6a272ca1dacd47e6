"""All measures of finished files in one place, for tests and benchmarks to import."""

from tests.support.edits import Piece, half_up, pieces, wrong_frames
from tests.support.files import (
    PacketFacts,
    SecondDecoder,
    StreamTags,
    decode_messages,
    frame_hashes,
    openh264_decode,
    packets,
    stream_tags,
    stream_types,
    top_boxes,
)
from tests.support.hearing import Heard, decoded_sound, locate_sound, sound_against_picture, worst_sound_ms
from tests.support.memory import MemorySampler, Peak, command_line, descendants, memory
from tests.support.pictures import Shown, fitted, frame_codes, frame_times, frames, psnr, uneven_times

__all__ = [
    "Heard",
    "MemorySampler",
    "PacketFacts",
    "Peak",
    "Piece",
    "SecondDecoder",
    "Shown",
    "StreamTags",
    "command_line",
    "decode_messages",
    "decoded_sound",
    "descendants",
    "fitted",
    "frame_codes",
    "frame_hashes",
    "frame_times",
    "frames",
    "half_up",
    "locate_sound",
    "memory",
    "openh264_decode",
    "packets",
    "pieces",
    "psnr",
    "sound_against_picture",
    "stream_tags",
    "stream_types",
    "top_boxes",
    "uneven_times",
    "worst_sound_ms",
    "wrong_frames",
]
