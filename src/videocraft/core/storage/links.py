"""Signed links that lead to this server: to files, and to the parts of uploads."""

from __future__ import annotations

import math
import time
from urllib.parse import quote

from videocraft.core.storage import signing
from videocraft.core.storage.keys import check_key

SIGNED_PATH = "/files/"
"""Where the server answers signed links (``apis.files``)."""

PART_PATH = "/v2/storage/uploads/"
"""Where the server takes parts of uploads (``apis.sessions``)."""

# Not "PUT": a link to a part must not be one to a key of the same name.
_PART_METHOD = "PUT part"


class Links:
    """Makes and checks links.

    Args:
        secret: signs them; the same on every machine that answers them.
        public_url: what they start with, without a slash at the end.
    """

    def __init__(self, secret: bytes, public_url: str) -> None:
        self._secret = secret
        self._public_url = public_url.rstrip("/")

    def signed_url(self, method: str, key: str, expires_seconds: float) -> str:
        """See ``Storage``."""
        expires = math.ceil(time.time() + expires_seconds)
        signature = signing.sign(self._secret, method, check_key(key), expires)
        return f"{self._public_url}{SIGNED_PATH}{quote(key)}?expires={expires}&signature={signature}"

    def verify(self, method: str, key: str, expires: str, signature: str) -> None:
        """See ``Storage``."""
        signing.verify(self._secret, method, check_key(key), expires, signature)

    def part_url(self, upload_id: str, number: int, expires_seconds: float) -> str:
        """See ``Storage``."""
        expires = math.ceil(time.time() + expires_seconds)
        signature = signing.sign(self._secret, _PART_METHOD, f"{upload_id}/{number}", expires)
        where = f"{self._public_url}{PART_PATH}{quote(upload_id)}/{number}"
        return f"{where}?expires={expires}&signature={signature}"

    def verify_part(self, upload_id: str, number: int, expires: str, signature: str) -> None:
        """See ``Storage``."""
        signing.verify(self._secret, _PART_METHOD, f"{upload_id}/{number}", expires, signature)
