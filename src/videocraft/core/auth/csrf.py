"""CSRF tokens: signed, valid for one hour, and kept nowhere.

A token is a random number with the time at which it was made, both under an HMAC. Whoever can read one from
this server may use it: pages of a foreign origin can't, which is all that is asked of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from videocraft.errors import Forbidden

HEADER = "x-csrf-token"
VALID_SECONDS = 3600
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Far beyond our own: what is longer has no valid end where it is cut.
_MAX_LENGTH = 512
_SALT = b"videocraft.csrf"


@dataclass(frozen=True, slots=True)
class CsrfToken:
    """A new token; ``expires_at`` is seconds since 1970-01-01 UTC."""

    value: str
    expires_at: float


class CsrfTokens:
    """Makes tokens and checks them.

    Args:
        secret: the same in every API process of an installation.
    """

    def __init__(self, secret: bytes) -> None:
        self._signer = TimestampSigner(secret, salt=_SALT)

    def issue(self) -> CsrfToken:
        """A fresh token."""
        value = self._signer.sign(secrets.token_urlsafe(16)).decode()
        made = self._signer.get_timestamp()
        return CsrfToken(value, float(made + VALID_SECONDS))

    def check(self, token: str | None) -> None:
        """Let a change pass that shows a valid token; the comparison takes the same time for every token.

        Raises:
            Forbidden: ``CSRF_TOKEN_REQUIRED``, ``CSRF_TOKEN_INVALID`` or ``CSRF_TOKEN_EXPIRED``.
        """
        if not token:
            raise Forbidden("CSRF token required for this request", code="CSRF_TOKEN_REQUIRED")
        try:
            self._signer.unsign(token[:_MAX_LENGTH], max_age=VALID_SECONDS)
        except SignatureExpired:
            raise Forbidden("CSRF token has expired", code="CSRF_TOKEN_EXPIRED") from None
        except BadSignature:
            raise Forbidden("CSRF token is not valid", code="CSRF_TOKEN_INVALID") from None
