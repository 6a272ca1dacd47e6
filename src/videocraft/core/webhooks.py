"""Webhooks: telling a URL how a job has ended, however long that takes.

A webhook's row is written with its job and stays until it is delivered or given up, so neither a crash nor a
restart loses one. Every API process runs a sender; a row that one of them sends is moved ahead, so that no
other takes it, and comes back by itself if that process dies. A receiver may therefore get a message twice,
and knows it by its id.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from videocraft import __version__
from videocraft.core import json
from videocraft.core.database import Database, clock
from videocraft.core.database.models import Job, Webhook, WebhookAttempt
from videocraft.core.jobs import TERMINAL
from videocraft.core.storage import targets
from videocraft.core.storage.connection import FetchLimits, Patience, Stream, connect, system_resolver
from videocraft.core.storage.targets import Refusal, Target
from videocraft.media.process import Stopped

if TYPE_CHECKING:
    import socket
    import ssl

WAITING = "waiting"
DUE = "due"
DELIVERED = "delivered"
FAILED = "failed"

BACKOFF_SECONDS = (5.0, 30.0, 120.0, 600.0, 1800.0, 7200.0)
"""Between one try and the next; after the last one the webhook has failed."""
ATTEMPT_SECONDS = 15.0
KEEP_SECONDS = 30 * 86400.0
"""How long it can be looked up when and how a webhook was delivered, or given up."""
BATCH = 10
_CLAIM_SECONDS = 60.0

BuildBody = Callable[[Job], Mapping[str, Any]]
"""What is told of a job that has ended."""


def register(session: Session, job_id: str, url: str) -> str:
    """Have ``url`` told when a job ends, inside the transaction that submits it; the webhook's id."""
    at = clock.now(session)
    webhook = Webhook(
        id=f"wh_{uuid4().hex}",
        job_id=job_id,
        url=url,
        state=WAITING,
        attempts=0,
        next_at=at,
        created_at=at,
        updated_at=at,
    )
    session.add(webhook)
    return webhook.id


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``t=…,v1=…``: HMAC-SHA256, in hexadecimal, over the time, a dot and the body.

    The time is signed too, so a receiver can refuse what was recorded and sent again.
    """
    digest = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: str
    url: str
    body: bytes
    attempt: int
    event: str


class Sender:
    """Sends what is due.

    Args:
        secret: signs the messages.
        allowed: pairs of host and port that may have private addresses (``VIDEOCRAFT_FETCH_ALLOW``).
        build_body: from a job that has ended to its message.
        should_stop: asked while a receiver is waited for.
    """

    def __init__(
        self,
        database: Database,
        *,
        secret: str,
        allowed: frozenset[tuple[str, int]],
        build_body: BuildBody,
        should_stop: Callable[[], bool],
    ) -> None:
        self._database = database
        self._secret = secret
        self._allowed = allowed
        self._build_body = build_body
        self._should_stop = should_stop

    def run_once(self) -> int:
        """Make messages of the jobs that have ended, and send what is due; how many were tried.

        Costs nobody anything but two short reads when there is nothing to do.
        """
        self._make_due()
        tried = 0
        for webhook_id in self._due():
            if self._should_stop():
                break
            claimed = self._claim(webhook_id)
            if claimed is not None:
                self._attempt(claimed)
                tried += 1
        return tried

    def _make_due(self) -> None:
        ended = (
            select(Webhook.id, Job)
            .join(Job, Job.id == Webhook.job_id)
            .where(Webhook.state == WAITING, Job.state.in_(sorted(TERMINAL)))
            .limit(BATCH)
        )
        with self._database.read() as session:
            found = session.execute(ended).all()
        for webhook_id, job in found:
            body = json.dumps(self._build_body(job)).decode()
            with self._database.write() as session:
                at = clock.now(session)
                waiting = update(Webhook).where(Webhook.id == webhook_id, Webhook.state == WAITING)
                session.execute(waiting.values(state=DUE, body=body, next_at=at, updated_at=at))

    def _due(self) -> Sequence[str]:
        with self._database.read() as session:
            query = select(Webhook.id).where(Webhook.state == DUE, Webhook.next_at <= clock.now(session))
            return session.scalars(query.order_by(Webhook.next_at).limit(BATCH)).all()

    def _claim(self, webhook_id: str) -> _Claimed | None:
        """Move a row ahead, so that it is this sender's for a while; None when another one was quicker."""
        with self._database.write() as session:
            at = clock.now(session)
            due = update(Webhook).where(Webhook.id == webhook_id, Webhook.state == DUE, Webhook.next_at <= at)
            mine = due.values(
                next_at=at + _CLAIM_SECONDS, attempts=Webhook.attempts + 1, updated_at=at
            ).returning(Webhook.url, Webhook.body, Webhook.attempts)
            row = session.execute(mine, execution_options={"synchronize_session": False}).one_or_none()
        if row is None:
            return None
        event = str(json.loads(row.body.encode())["event"])
        return _Claimed(webhook_id, row.url, row.body.encode(), row.attempts, event)

    def _attempt(self, claimed: _Claimed) -> None:
        started = time.monotonic()
        status: int | None = None
        error: str | None = None
        try:
            status = self._post(claimed)
        except Refusal as refusal:
            error = str(refusal)
        except Stopped:
            error = "the server is shutting down"
        if error is None and not 200 <= (status or 0) < 300:
            error = f"the receiver answered {status}"
        self._note(claimed, status, error, time.monotonic() - started)

    def _note(self, claimed: _Claimed, status: int | None, error: str | None, seconds: float) -> None:
        with self._database.write() as session:
            at = clock.now(session)
            if error is None:
                end: dict[str, Any] = {"state": DELIVERED}
            elif claimed.attempt > len(BACKOFF_SECONDS):
                end = {"state": FAILED}
            else:
                end = {"next_at": at + BACKOFF_SECONDS[claimed.attempt - 1]}
            mine = update(Webhook).where(Webhook.id == claimed.id, Webhook.attempts == claimed.attempt)
            session.execute(mine.values(**end, updated_at=at))
            attempt = WebhookAttempt(
                webhook_id=claimed.id,
                number=claimed.attempt,
                at=at,
                status=status,
                error=error,
                seconds=seconds,
            )
            session.merge(attempt)

    def _post(self, claimed: _Claimed) -> int:
        """The status that the receiver answers. Redirects are not followed: they count as no success.

        Raises:
            Refusal: the URL may not be asked, or nobody answers.
            Stopped: the server is shutting down.
        """
        target = targets.parse(claimed.url, self._allowed)
        limits = FetchLimits(max_bytes=1, seconds=ATTEMPT_SECONDS, idle_seconds=ATTEMPT_SECONDS)
        patience = Patience(limits, self._should_stop)
        stream = connect(
            target,
            resolver=system_resolver,
            patience=patience,
            is_allowed=(target.host, target.port) in self._allowed,
            tls=_verifying,
        )
        try:
            return _exchange(stream, target, self._headers(claimed), claimed.body, patience)
        finally:
            stream.close()

    def _headers(self, claimed: _Claimed) -> dict[str, str]:
        at = int(time.time())
        return {
            "Content-Type": "application/json",
            "X-VideoCraft-Event": claimed.event,
            "X-VideoCraft-Delivery": claimed.id,
            "X-VideoCraft-Attempt": str(claimed.attempt),
            "X-VideoCraft-Timestamp": str(at),
            "X-VideoCraft-Signature": signature(self._secret, at, claimed.body),
        }


def _verifying() -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context()


def _exchange(
    stream: Stream, target: Target, headers: Mapping[str, str], body: bytes, patience: Patience
) -> int:
    lines = {
        "Host": target.authority,
        "User-Agent": f"VideoCraft/{__version__}",
        "Accept": "*/*",
        "Connection": "close",
        "Content-Length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    try:
        stream.send_all(f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        patience.start_waiting()
        # It reads from what makefile() gives, and asks for nothing else of a socket.
        response = HTTPResponse(cast("socket.socket", stream), method="POST")
        try:
            response.begin()
            return response.status
        finally:
            response.close()
    except HTTPException as error:
        raise Refusal("the receiver's answer is not HTTP") from error
    except OSError as error:
        raise Refusal("the connection to the receiver broke") from error


def deliveries(session: Session, job_id: str) -> list[tuple[Webhook, list[WebhookAttempt]]]:
    """The webhooks of a job with every try to deliver them."""
    webhooks = session.scalars(select(Webhook).where(Webhook.job_id == job_id).order_by(Webhook.id)).all()
    attempts = session.scalars(
        select(WebhookAttempt)
        .where(WebhookAttempt.webhook_id.in_([webhook.id for webhook in webhooks]))
        .order_by(WebhookAttempt.number)
    ).all()
    return [(webhook, [one for one in attempts if one.webhook_id == webhook.id]) for webhook in webhooks]


def expired(now: float) -> ColumnElement[bool]:
    """Webhooks that have ended so long ago that nobody asks for their log any more."""
    return Webhook.state.in_((DELIVERED, FAILED)) & (Webhook.updated_at < now - KEEP_SECONDS)


def forget(session: Session, which: ColumnElement[bool]) -> None:
    """Drop webhooks with every try to deliver them."""
    ids = select(Webhook.id).where(which)
    session.execute(delete(WebhookAttempt).where(WebhookAttempt.webhook_id.in_(ids)))
    session.execute(delete(Webhook).where(which))
