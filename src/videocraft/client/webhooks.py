"""For whoever receives webhooks: is this message really from my server?"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

SIGNATURE_HEADER = "X-VideoCraft-Signature"
TOLERANCE_SECONDS = 300.0

_SIGNATURE = re.compile(r"t=([0-9]{1,15}),v1=([0-9a-f]{64})", re.ASCII)


class InvalidSignature(ValueError):
    """The message is not from the server, was changed on its way, or is an old one sent again."""


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> dict[str, Any]:
    """Check a webhook's signature and read it.

    Args:
        body: the bytes as they came, not parsed and written again.
        headers: of the request, in whatever case.
        secret: what the server signs with.
        tolerance: how many seconds old the message may be, so that nobody can send a recorded one again.
        now: seconds since 1970, for tests.

    Returns:
        The message. The same one may come twice: its ``X-VideoCraft-Delivery`` stays the same.

    Raises:
        InvalidSignature: don't believe it; answer 400.
    """
    given = next((value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER.lower()), None)
    match = _SIGNATURE.fullmatch(given) if given is not None else None
    if match is None:
        raise InvalidSignature(f"There is no valid {SIGNATURE_HEADER} header")
    timestamp, signature = match.groups()
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed, signature):
        raise InvalidSignature("The signature does not belong to this message")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        raise InvalidSignature(f"The message is not from within the last {tolerance:g} seconds")
    message = json.loads(body)
    if not isinstance(message, dict):
        raise InvalidSignature("The message is not an object")
    return message
