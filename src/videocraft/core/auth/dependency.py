"""``require_key``: the FastAPI dependency that lets a request in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from videocraft.core.auth.keys import KeyInfo, KeyRing
from videocraft.errors import Unauthorized
from videocraft.settings import Settings

_REALM = 'Bearer realm="videocraft"'


class _Services(Protocol):
    """What this module needs of ``app.state.services``."""

    @property
    def settings(self) -> Settings: ...
    @property
    def keys(self) -> KeyRing: ...


@dataclass(frozen=True)
class Caller:
    """Who sent a request; ``key_id`` is None where a family is open."""

    key_id: str | None
    name: str


ANONYMOUS = Caller(None, "anonymous")


@dataclass(frozen=True)
class RequireKey:
    """Depend on an instance of this to get the :class:`Caller`.

    Raises:
        Unauthorized: no key, a malformed header, or no valid key; the codes are the videos document's.
    """

    family: str

    runs_before_body: ClassVar[bool] = True
    """Whoever has no key gets no body read either (``apis.routing``)."""

    async def __call__(self, connection: HTTPConnection) -> Caller:
        services: _Services = connection.app.state.services
        if self.family in services.settings.open_families:
            return ANONYMOUS
        key = presented_key(connection.headers.get("authorization"), connection.headers.get("x-api-key"))
        info: KeyInfo | None = services.keys.recall(key)
        if info is None:
            info = await run_in_threadpool(services.keys.verify, key)
        if info is None:
            raise Unauthorized(
                "Invalid API key", headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
            )
        return Caller(info.id, info.name)


def require_key(family: str) -> RequireKey:
    """``Depends(require_key("videos"))``: a valid key, or a family that the settings leave open."""
    return RequireKey(family)


def presented_key(authorization: str | None, api_key: str | None) -> str:
    """The key in ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``.

    A proxy may use ``Authorization`` for itself, so another scheme there does not hide ``X-API-Key``.

    Raises:
        Unauthorized: neither header holds one.
    """
    scheme, _, key = (authorization or "").strip().partition(" ")
    key = key.strip()
    if scheme.lower() == "bearer" and key and " " not in key:
        return key
    if api_key and api_key.strip():
        return api_key.strip()
    if authorization is None:
        raise Unauthorized(
            "Authorization header required",
            code="MISSING_AUTH_HEADER",
            headers={"WWW-Authenticate": _REALM},
        )
    raise Unauthorized(
        "Authorization header must be: Bearer API_KEY",
        code="INVALID_AUTH_FORMAT",
        headers={"WWW-Authenticate": f'{_REALM}, error="invalid_request"'},
    )
