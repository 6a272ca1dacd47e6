"""Which demuxer a file gets, from its first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.limits import IMAGE_CONTAINERS, VIDEO_CONTAINERS
from videocraft.media.sniff import sniff


def sniff_bytes(data: bytes) -> str | None:
    return sniff(lambda offset, length: data[offset : offset + length])


PACKET = b"\x47" + bytes(187)


@pytest.mark.parametrize(
    ("data", "demuxer"),
    [
        (b"\0\0\0\x20ftypisom", "mov"),
        (b"\0\0\0\x08wide\0\0\0\x08mdat", "mov"),
        (b"\x1a\x45\xdf\xa3\x01", "matroska"),
        (PACKET * 3, "mpegts"),
        ((b"\0\0\0\0" + PACKET) * 3, "mpegts"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp_pipe"),
        (b"FLV\x01\x05", "flv"),
        (b"OggS\0\2", "ogg"),
        (b"fLaC\0", "flac"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"\xff\xfb\x90\x64", "mp3"),
        (b"ID3\x04\0\0\0\0\0\x02XX\xff\xfb\x90\x64", "mp3"),
        (b"ID3\x04\0\0\0\0\0\x02XX\xff\xf1\x50\x80", "aac"),
        (b"ID3\x04\0\0\0\0\0\x02XXfLaC", "flac"),
        (b"ID3\x04\0\0\0\0\0\x7fXX", "mp3"),
        (bytes.fromhex("060e2b34020501010d0102010102"), "mxf"),
        (b"\x89PNG\r\n\x1a\n", "png_pipe"),
        (b"\xff\xd8\xff\xe0", "jpeg_pipe"),
        (b"\0\0\0\x20ftypavif", None),
        (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/x.ts\n", None),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", None),
        (b"<?xml version='1.0'?><playlist/>", None),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", None),
        (b"[playlist]\nFile1=http://127.0.0.1/", None),
        (b"%PDF-1.7", None),
        (b"", None),
        (b"\x47", None),
        (b"RIFF", None),
    ],
)
def test_the_content_decides(data: bytes, demuxer: str | None) -> None:
    assert sniff_bytes(data) == demuxer


@given(st.binary(max_size=600) | st.text(max_size=200).map(str.encode))
def test_only_allowed_demuxers_come_out(data: bytes) -> None:
    assert sniff_bytes(data) in {None, *VIDEO_CONTAINERS, *IMAGE_CONTAINERS}
