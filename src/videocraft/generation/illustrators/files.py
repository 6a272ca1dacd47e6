"""Pictures that strangers send: looked at before they are used, fitted to the asked size, written whole."""

from __future__ import annotations

import base64
import binascii
import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from videocraft.generation.base import ImageRequest, Picture, ProviderError

LARGEST_SIDE = 8192
LARGEST_AREA = 40_000_000
"""Pixels; a larger picture is refused before any of it is decoded."""

_FORMATS = ("PNG", "JPEG", "WEBP")


def accept_picture(
    source: bytes | Path, request: ImageRequest, into: Path, *, who: str, cost: float
) -> Picture:
    """Check a received picture, crop and scale it to the asked size, and write it to ``into`` as PNG.

    It is cropped around its centre by what the aspects differ, so nothing is stretched and nothing padded.

    Raises:
        ProviderError: no bytes, no picture, half a picture, or one too large to be worth decoding.
    """
    if (len(source) if isinstance(source, bytes) else source.stat().st_size) == 0:
        raise ProviderError(f"{who} sent an empty picture.", retryable=True)
    try:
        with Image.open(
            io.BytesIO(source) if isinstance(source, bytes) else source, formats=_FORMATS
        ) as image:
            width, height = image.size
            if max(width, height) > LARGEST_SIDE or width * height > LARGEST_AREA:
                raise ProviderError(f"{who} sent a picture of {width}x{height} pixels, which is too large.")
            image.load()
            fitted = ImageOps.fit(
                _opaque(ImageOps.exif_transpose(image)),
                (request.width, request.height),
                Image.Resampling.LANCZOS,
            )
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ProviderError(f"{who} sent a picture that is too large.") from error
    except UnidentifiedImageError as error:
        raise ProviderError(
            f"{who} sent a file that is not a PNG, JPEG or WebP picture.", retryable=True
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise ProviderError(f"{who} sent a picture that is damaged or incomplete.", retryable=True) from error
    write_png(fitted, into)
    return Picture(into, request.width, request.height, cost)


def decode_base64(text: object, *, who: str) -> bytes:
    """The bytes of a picture that came as base64 within JSON.

    Raises:
        ProviderError: it is none.
    """
    try:
        return base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProviderError(f"{who} sent a picture whose base64 can't be read.", retryable=True) from error


def write_png(image: Image.Image, into: Path) -> None:
    """Write under a temporary name, then rename: ``into`` is never half a file."""
    partial = into.with_name(f".{into.name}.part")
    try:
        # Level 1: storyboard pictures are read once or twice, and the higher levels take ten times as long.
        image.save(partial, format="PNG", compress_level=1)
        partial.replace(into)
    finally:
        partial.unlink(missing_ok=True)


def _opaque(image: Image.Image) -> Image.Image:
    """As RGB, what is transparent on black."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (0, 0, 0, 255))
    return Image.alpha_composite(ground, layer).convert("RGB")
