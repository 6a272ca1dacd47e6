"""``Content-Disposition`` (RFC 6266) for names that anybody may have typed."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_NAME_BYTES = 200
_FALLBACK_STEM = "download"
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}")
# Joins an emoji's parts and picks its look; every other invisible formatting character goes, among them
# those that reverse the direction of text and so disguise an extension.
_KEPT_FORMATTING = "\u200d"
_ATTR_CHARS = "!#$&+-.^_`|~"


def content_disposition(filename: str, *, inline: bool = False) -> str:
    """The header for a download called ``filename`` (with its extension).

    ASCII names stand as they are; anything else gets an ASCII fallback and ``filename*``.
    """
    name = safe_filename(filename)
    fallback = _ascii(name)
    header = f'{"inline" if inline else "attachment"}; filename="{fallback}"'
    if fallback != name:
        header += f"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"
    return header


def safe_filename(filename: str) -> str:
    """The nearest name that any system can store: one line, no path, not hidden, 200 bytes at most."""
    text = unicodedata.normalize("NFC", "".join(map(_printable, filename)))
    text = " ".join(text.replace("/", "_").replace("\\", "_").split())
    match = _EXTENSION.fullmatch(text, text.rfind(".")) if "." in text else None
    extension = match.group() if match else ""
    stem = text.removesuffix(extension) if extension else text
    room = MAX_NAME_BYTES - len(extension)
    stem = stem.encode()[:room].decode(errors="ignore").strip(" .")
    return (stem or _FALLBACK_STEM) + extension


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if category in {"Cf", "Cs", "Co", "Cn"} and character not in _KEPT_FORMATTING:
        return ""
    return character


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    # Quotes end the value, a percent sign is decoded by some browsers.
    plain = plain.replace('"', "'").replace("%", "_").replace("\\", "_").replace("/", "_")
    return re.sub(r"[^\x20-\x7e]", "_", plain)
