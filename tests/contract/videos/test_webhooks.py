"""Webhooks: signed, sent again with growing pauses, logged, and never to an address that is not public."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from tests.contract.videos.world import EXAMPLE, World, open_world
from tests.support.receivers import Receiver, receiving
from videocraft.apis.videos import telling
from videocraft.core.database.models import Webhook, WebhookAttempt
from videocraft.core.storage.targets import allow_list
from videocraft.core.webhooks import BACKOFF_SECONDS, Sender, signature

RUN = telling.Teller._run


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Takes webhooks."""
    with receiving() as started:
        yield started


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[World]:
    """A server that may reach the receiver, and whose own thread sleeps: the tests send."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling.Teller, "_run", lambda _self: None)
        data_dir = tmp_path_factory.mktemp("webhooks") / "data"
        with open_world(data_dir, fetch_allow=receiver.host, webhook_secret="open sesame") as opened:
            yield opened


@pytest.fixture(autouse=True)
def _fresh(receiver: Receiver) -> None:
    receiver.received.clear()
    receiver.statuses.clear()


def sender(world: World, allowed: str) -> Sender:
    """What the thread of an API process runs."""
    return Sender(
        world.services.database,
        secret=telling.secret_of(world.services),
        allowed=allow_list(allowed),
        build_body=telling.message_of,
        should_stop=lambda: False,
    )


def make_due(world: World) -> None:
    """Let the pauses pass."""
    with world.services.database.write() as session:
        session.execute(update(Webhook).values(next_at=0.0))


def attempts_of(world: World, job_id: str) -> list[dict[str, object]]:
    """The log of the job's only webhook."""
    (webhook,) = world.get(f"/jobs/{job_id}/webhooks").json()["data"]["webhooks"]
    return list(webhook["attempts"])


def test_the_end_of_a_job_is_told(world: World, receiver: Receiver) -> None:
    job_id = world.job({**EXAMPLE, "webhook_url": receiver.url})
    send = sender(world, receiver.host)
    assert send.run_once() == 0  # the job has not ended
    video_id = world.finish(job_id)
    assert send.run_once() == 1
    assert send.run_once() == 0
    ((path, headers, body),) = receiver.received
    assert path == "/hook?x=1"
    message = json.loads(body)
    assert message["event"] == headers["x-videocraft-event"] == "job.completed"
    assert message["data"]["job_id"] == job_id
    assert message["data"]["result"]["video_id"] == video_id
    assert headers["content-type"] == "application/json"
    at = int(headers["x-videocraft-timestamp"])
    assert abs(at - time.time()) < 60
    digest = hmac.new(b"open sesame", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["x-videocraft-signature"] == f"t={at},v1={digest}"
    (webhook,) = world.get(f"/jobs/{job_id}/webhooks").json()["data"]["webhooks"]
    assert (webhook["status"], webhook["id"]) == ("delivered", headers["x-videocraft-delivery"])
    assert webhook["url"] == receiver.url.partition("?")[0]
    assert [attempt["response_status"] for attempt in webhook["attempts"]] == [200]
    assert world.get("/webhooks/secret").json()["data"] == {"secret": "open sesame"}


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_other_ends_are_told_too(world: World, receiver: Receiver, end: str) -> None:
    job_id = world.job({**EXAMPLE, "webhook_url": receiver.url})
    if end == "failed":
        world.fail(job_id, "DOWNLOAD_FAILED", "It could not be fetched.")
    else:
        world.send("POST", f"/jobs/{job_id}/cancel")
    assert sender(world, receiver.host).run_once() == 1
    message = json.loads(receiver.received[0][2])
    assert message["event"] == f"job.{end}"
    assert message["data"].get("code") == ("DOWNLOAD_FAILED" if end == "failed" else None)


def test_what_fails_is_tried_again_later(world: World, receiver: Receiver) -> None:
    receiver.statuses[:] = [500, 302]
    job_id = world.job({**EXAMPLE, "webhook_url": receiver.url})
    world.finish(job_id)
    send = sender(world, receiver.host)
    before = time.time()
    assert send.run_once() == 1
    with world.services.database.read() as session:
        webhook = session.scalars(select(Webhook).where(Webhook.job_id == job_id)).one()
    assert BACKOFF_SECONDS[0] <= webhook.next_at - before < BACKOFF_SECONDS[0] + 30
    assert send.run_once() == 0  # not yet
    for _ in range(2):
        make_due(world)
        assert send.run_once() == 1
    log = attempts_of(world, job_id)
    assert [attempt["response_status"] for attempt in log] == [500, 302, 200]
    assert log[0]["error"] == "the receiver answered 500"
    assert len({body for _, _, body in receiver.received}) == 1
    assert len({headers["x-videocraft-delivery"] for _, headers, _ in receiver.received}) == 1
    assert [headers["x-videocraft-attempt"] for _, headers, _ in receiver.received] == ["1", "2", "3"]
    assert not any(path == "/elsewhere" for path, _, _ in receiver.received)


def test_at_last_it_is_given_up(world: World, receiver: Receiver) -> None:
    job_id = world.job({**EXAMPLE, "webhook_url": receiver.url})
    world.finish(job_id)
    receiver.statuses[:] = [503] * 20
    send = sender(world, receiver.host)
    for _ in range(len(BACKOFF_SECONDS) + 1):
        assert send.run_once() == 1
        make_due(world)
    assert send.run_once() == 0
    (webhook,) = world.get(f"/jobs/{job_id}/webhooks").json()["data"]["webhooks"]
    assert webhook["status"] == "failed"
    assert len(webhook["attempts"]) == len(BACKOFF_SECONDS) + 1


def test_two_senders_send_once(world: World, receiver: Receiver) -> None:
    world.finish(world.job({**EXAMPLE, "webhook_url": receiver.url}))
    first, second = sender(world, receiver.host), sender(world, receiver.host)
    found = second._claim

    def claim_late(webhook_id: str) -> object:
        assert first.run_once() == 1
        return found(webhook_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second, "_claim", claim_late)
        assert second.run_once() == 0
    assert len(receiver.received) == 1


def test_private_addresses_are_not_asked(world: World, receiver: Receiver) -> None:
    job_id = world.job({**EXAMPLE, "webhook_url": receiver.url})
    world.finish(job_id)
    # The operator has taken the permission back since.
    assert sender(world, "").run_once() == 1
    assert receiver.received == []
    (attempt,) = attempts_of(world, job_id)
    assert attempt["response_status"] is None
    assert "port" in str(attempt["error"])
    with world.services.database.write() as session:
        session.query(WebhookAttempt).delete()
        session.query(Webhook).delete()


def test_the_time_is_signed() -> None:
    assert signature("s", 1, b"body") != signature("s", 2, b"body")
    assert signature("s", 1, b"body") == ("t=1,v1=" + hmac.new(b"s", b"1.body", hashlib.sha256).hexdigest())


def test_the_server_sends_by_itself(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(telling.Teller, "_run", RUN)
    data_dir = tmp_path_factory.mktemp("webhooks") / "data"
    with open_world(data_dir, fetch_allow=receiver.host) as opened:
        opened.finish(opened.job({**EXAMPLE, "webhook_url": receiver.url}))
        deadline = time.monotonic() + 20
        while not receiver.received and time.monotonic() < deadline:
            time.sleep(0.01)
        secret = opened.get("/webhooks/secret").json()["data"]["secret"]
        assert secret.startswith("whsec_")
        _, headers, body = receiver.received[0]
        at = int(headers["x-videocraft-timestamp"])
        assert headers["x-videocraft-signature"] == signature(secret, at, body)
