"""Signed links: HMAC-SHA256 over method, key and expiry."""

from __future__ import annotations

import hashlib
import hmac
import re
import time

from videocraft.errors import Forbidden

_EXPIRES = re.compile(r"[0-9]{1,12}")


def sign(secret: bytes, method: str, key: str, expires: int) -> str:
    """The signature, in hexadecimal. ``expires`` is in whole seconds since 1970-01-01 UTC."""
    # None of the three can hold a line break (keys are printable), so the parts can't run into each other.
    message = f"{method.upper()}\n{expires}\n{key}"
    return hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()


def verify(
    secret: bytes, method: str, key: str, expires: str, signature: str, *, now: float | None = None
) -> None:
    """Check a signature from a URL's query, in constant time.

    Raises:
        Forbidden: not ours (``INVALID_SIGNATURE``), or ours and expired (``LINK_EXPIRED``).
    """
    if not _EXPIRES.fullmatch(expires):
        raise Forbidden("The signature of this link is not valid", code="INVALID_SIGNATURE")
    expected = sign(secret, method, key, int(expires))
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise Forbidden("The signature of this link is not valid", code="INVALID_SIGNATURE")
    if int(expires) <= (time.time() if now is None else now):
        raise Forbidden("This link has expired", code="LINK_EXPIRED")
