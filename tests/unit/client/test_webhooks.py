"""Only what the server has signed, and only while it is fresh."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videocraft.client import InvalidSignature, verify_webhook

SECRET = "whsec"
BODY = b'{"event": "job.completed"}'
NOW = 1_700_000_000


def _signed(body: bytes = BODY, at: int = NOW, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return {"x-videocraft-signature": f"t={at},v1={digest}"}


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_a_fresh_message_is_read(late: int) -> None:
    assert verify_webhook(BODY, _signed(), SECRET, now=NOW + late) == {"event": "job.completed"}


@pytest.mark.parametrize("late", [-301, 301])
def test_a_recorded_message_is_refused(late: int) -> None:
    with pytest.raises(InvalidSignature, match="300 seconds"):
        verify_webhook(BODY, _signed(), SECRET, now=NOW + late)


def test_a_changed_message_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="does not belong"):
        verify_webhook(BODY + b" ", _signed(), SECRET, now=NOW)


def test_a_changed_time_is_refused() -> None:
    headers = {name: value.replace(f"t={NOW}", f"t={NOW + 1}") for name, value in _signed().items()}
    with pytest.raises(InvalidSignature, match="does not belong"):
        verify_webhook(BODY, headers, SECRET, now=NOW)


def test_another_secret_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="does not belong"):
        verify_webhook(BODY, _signed(secret="guess"), SECRET, now=NOW)


@settings(max_examples=40)
@given(st.text(max_size=120))
def test_no_text_passes_for_a_signature(text: str) -> None:
    with pytest.raises(InvalidSignature):
        verify_webhook(BODY, {"X-VideoCraft-Signature": text}, SECRET, now=NOW)


def test_without_the_header_nothing_is_believed() -> None:
    with pytest.raises(InvalidSignature, match="no valid"):
        verify_webhook(BODY, {}, SECRET, now=NOW)


def test_what_is_signed_but_no_object_is_refused() -> None:
    with pytest.raises(InvalidSignature, match="object"):
        verify_webhook(b"[]", _signed(b"[]"), SECRET, now=NOW)
