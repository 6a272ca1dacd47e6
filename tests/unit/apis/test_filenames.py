"""Names of downloads: whatever a project is called, the header stays one header and the name a name."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.apis.filenames import MAX_NAME_BYTES, content_disposition, safe_filename

HEADER = re.compile(
    r'(attachment|inline); filename="([ !#-\[\]-~]+)"(?:; filename\*=UTF-8\'\'([A-Za-z0-9!#$&+.^_`|~%-]+))?'
)


def test_as_documented() -> None:
    expected = 'attachment; filename="My Podcast Episode 12.mp4"'
    assert content_disposition("My Podcast Episode 12.mp4") == expected
    assert content_disposition("a.mp4", inline=True) == 'inline; filename="a.mp4"'


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("a\r\nSet-Cookie: x=1.mp4", "a Set-Cookie: x=1.mp4"),
        ('say "hi".mp4', 'say "hi".mp4'),
        ("../../etc/passwd.mp4", "_.._etc_passwd.mp4"),
        ("C:\\x.mp4", "C:_x.mp4"),
        ("🎬 film.mp4", "🎬 film.mp4"),
        ("👩\u200d🚀.mp4", "👩\u200d🚀.mp4"),
        ("", "download"),
        (".mp4", "download.mp4"),
        ("  .mp4", "download.mp4"),
        ("...", "download"),
        ("\0.mp4", "download.mp4"),
        ("photo\u202egnp.mp4", "photognp.mp4"),
        ("e\u0301.mp4", "é.mp4"),
        ("x" * 5000 + ".mp4", "x" * 196 + ".mp4"),
        ("é" * 5000 + ".mp4", "é" * 98 + ".mp4"),
        ("a\ud800b.mp4", "ab.mp4"),
        ("v1.2 final", "v1.2 final"),
        ("a   b\t\tc.mp4", "a b c.mp4"),
        ("name .mp4", "name.mp4"),
    ],
)
def test_safe(given_name: str, name: str) -> None:
    assert safe_filename(given_name) == name


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("Übung é.mp4", "Ubung e.mp4"),
        ("🎬.mp4", "_.mp4"),
        ('a"b.mp4', "a'b.mp4"),
        ("100%41.mp4", "100_41.mp4"),
    ],
)
def test_fallback_and_full_name(name: str, fallback: str) -> None:
    match = HEADER.fullmatch(content_disposition(name))
    assert match is not None
    assert match[2] == fallback
    assert unquote(match[3]) == name


@given(st.text(max_size=300), st.sampled_from(["", ".mp4", ".webm"]))
def test_any_name(text: str, extension: str) -> None:
    header = content_disposition(text + extension)
    match = HEADER.fullmatch(header)
    assert match is not None, header
    for name in (match[2], unquote(match[3]) if match[3] else match[2]):
        assert 0 < len(name.encode()) <= MAX_NAME_BYTES * 2
        assert "/" not in name
        assert "\\" not in name
        assert not name.startswith(".")
        assert name.endswith(extension)
    safe = safe_filename(text + extension)
    assert len(safe.encode()) <= MAX_NAME_BYTES
    assert safe.isprintable() or "\u200d" in safe


@given(st.text(max_size=300))
def test_a_safe_name_is_kept(text: str) -> None:
    safe = safe_filename(text)
    assert safe_filename(safe) == safe
