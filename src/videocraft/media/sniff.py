"""Which demuxer a file is for, from its first bytes: FFmpeg's own guess may be a playlist or a pattern."""

from __future__ import annotations

from collections.abc import Callable

HEAD_BYTES = 4096

_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx"})
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"avif"})
_MXF_KEY = bytes.fromhex("060e2b34020501010d010201")
_TS_PACKET = 188
_PLAYLISTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"<asx", b"<mpd", b"<playlist")


def sniff(read: Callable[[int, int], bytes]) -> str | None:
    """The name of the demuxer that the content asks for; ``None`` when it is none of ours.

    Args:
        read: bytes at an offset, as many as there are up to a length.
    """
    head = read(0, HEAD_BYTES)
    if head[4:8] in _BOXES:
        return None if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS else "mov"
    for magic, demuxer in (
        (b"\x1a\x45\xdf\xa3", "matroska"),
        (b"FLV\x01", "flv"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (_MXF_KEY, "mxf"),
        (b"\x89PNG\r\n\x1a\n", "png_pipe"),
        (b"\xff\xd8\xff", "jpeg_pipe"),
    ):
        if head.startswith(magic):
            return demuxer
    if head[:4] in {b"RIFF", b"RF64", b"BW64"}:
        return {b"AVI ": "avi", b"WAVE": "wav", b"WEBP": "webp_pipe"}.get(head[8:12])
    if _is_transport_stream(head):
        return "mpegts"
    return _sniff_sound(head, read)


def is_playlist(read: Callable[[int, int], bytes]) -> bool:
    """Whether the content names other files; for a better sentence only, since none is ever followed."""
    return read(0, HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PLAYLISTS)


def _is_transport_stream(head: bytes) -> bool:
    """Three packets in a row; ``.m2ts`` puts four bytes of time before each."""
    return any(
        all(head[start + n * size : start + n * size + 1] == b"\x47" for n in range(3))
        for start, size in ((0, _TS_PACKET), (4, _TS_PACKET + 4))
    )


def _sniff_sound(head: bytes, read: Callable[[int, int], bytes]) -> str | None:
    """Bare MP3, AAC (ADTS) or FLAC, behind an ID3 tag or not."""
    if head.startswith(b"ID3") and len(head) >= 10:
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        head = read(10 + size, 16).lstrip(b"\0")
        if head.startswith(b"fLaC"):
            return "flac"
        if not head.startswith(b"\xff"):
            return "mp3"  # padding that belies the tag's size; the demuxer looks for the first frame itself
    if len(head) < 2 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    return "mp3" if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 else None
