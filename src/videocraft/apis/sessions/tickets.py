"""Tickets: one use, one minute, for browsers, which can't send a key with a WebSocket."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import delete

from videocraft.apis.sessions.schemas import timestamp
from videocraft.apis.sessions.service import require_session
from videocraft.core.database import clock
from videocraft.core.database.models import EventTicket
from videocraft.services import Services

TICKET_SECONDS = 60


def issue(services: Services, session_id: str) -> dict[str, Any]:
    """A new ticket for a session's events.

    Raises:
        NotFound: there is no such session.
    """
    ticket = secrets.token_urlsafe(32)
    with services.database.write() as session:
        require_session(session, session_id)
        at = clock.now(session)
        session.execute(delete(EventTicket).where(EventTicket.expires_at <= at))
        expires = at + TICKET_SECONDS
        session.add(EventTicket(sha256=_digest(ticket), session_id=session_id, expires_at=expires))
    return {"ticket": ticket, "expiresAt": timestamp(expires)}


def use_up(services: Services, session_id: str, ticket: str) -> bool:
    """Whether the ticket opens this session's events now; never again afterwards."""
    with services.database.write() as session:
        statement = delete(EventTicket).where(
            EventTicket.sha256 == _digest(ticket),
            EventTicket.session_id == session_id,
            EventTicket.expires_at > clock.now(session),
        )
        return session.execute(statement.returning(EventTicket.sha256)).first() is not None


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
