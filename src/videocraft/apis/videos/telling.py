"""Webhooks of this family: what they say, their secret, their log, and the thread that sends them."""

from __future__ import annotations

import hmac
import threading
from typing import Any

import structlog

from videocraft.apis.videos.service import require_job
from videocraft.apis.videos.status import (
    COMPLETED,
    FAILED,
    STATUS_OF_STATE,
    percent,
    result_body,
    timestamp,
)
from videocraft.core import webhooks
from videocraft.core.database.models import Job, Webhook, WebhookAttempt
from videocraft.core.private_files import load_or_make_secret
from videocraft.core.storage.targets import allow_list, shown
from videocraft.core.webhooks import Sender
from videocraft.services import Services

LOOK_SECONDS = 1.0
_SECRET_FILE = "webhook-secret"  # noqa: S105 - a file's name
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def secret_of(services: Services) -> str:
    """What signs webhooks: its setting, else what follows from the servers' common secret, else a file's."""
    settings = services.settings
    if settings.webhook_secret is not None:
        return settings.webhook_secret.get_secret_value()
    if settings.secret is not None:
        # Any server may send it, and the receiver knows but one.
        return f"whsec_{hmac.new(services.secret, b'webhooks', 'sha256').hexdigest()}"
    return f"whsec_{load_or_make_secret(settings.data_dir / _SECRET_FILE).hex()}"


def message_of(job: Job) -> dict[str, Any]:
    """What a receiver is told: the event, and the job as the status route shows it."""
    status = STATUS_OF_STATE[job.state]
    data: dict[str, Any] = {
        "job_id": job.id,
        "status": status,
        "progress": percent(job.progress, status),
        "created_at": timestamp(job.created_at),
        "completed_at": timestamp(job.updated_at if job.completed_at is None else job.completed_at),
    }
    if status == COMPLETED:
        data["result"] = result_body(job.result or {})
    elif status == FAILED:
        data |= {"error": job.error_message, "code": job.error_code}
    return {"event": f"job.{status}", "data": data}


def log_of(services: Services, job_id: str) -> dict[str, Any]:
    """The delivery log of a job.

    Raises:
        NotFound: ``JOB_NOT_FOUND``.
    """
    with services.database.read() as session:
        require_job(session, job_id)
        found = webhooks.deliveries(session, job_id)
    return {"webhooks": [_webhook(webhook, attempts) for webhook, attempts in found]}


def _webhook(webhook: Webhook, attempts: list[WebhookAttempt]) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": shown(webhook.url),
        "status": webhook.state,
        "next_attempt_at": timestamp(webhook.next_at) if webhook.state == webhooks.DUE else None,
        "attempts": [
            {
                "number": attempt.number,
                "timestamp": timestamp(attempt.at),
                "response_status": attempt.status,
                "error": attempt.error,
                "duration": round(attempt.seconds, 3),
            }
            for attempt in attempts
        ],
    }


class Teller:
    """The thread of one API process that sends webhooks."""

    def __init__(self, services: Services) -> None:
        self._closing = threading.Event()
        self._sender = Sender(
            services.database,
            secret=secret_of(services),
            allowed=allow_list(services.settings.fetch_allow),
            build_body=message_of,
            should_stop=self._closing.is_set,
        )
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what was not delivered is sent by the next process."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._sender.run_once()
            except Exception:  # noqa: BLE001 - the thread's border: a database that can't be reached now may be later
                _log.exception("sending webhooks failed")
            self._closing.wait(LOOK_SECONDS)
