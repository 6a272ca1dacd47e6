"""From replies to data and errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.client.script import answer, refusal
from videocraft.client import errors
from videocraft.client.answers import data_of, error_of, seconds_until
from videocraft.client.wire import Reply


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "VALIDATION_ERROR", errors.BadRequest),
        (400, "INVALID_JSON", errors.BadRequest),
        (401, "MISSING_AUTH_HEADER", errors.AuthenticationError),
        (401, "INVALID_API_KEY", errors.AuthenticationError),
        (403, "CSRF_TOKEN_EXPIRED", errors.CSRFError),
        (403, "FORBIDDEN", errors.PermissionDenied),
        (404, "VIDEO_NOT_FOUND", errors.NotFound),
        (409, "JOB_NOT_CANCELLABLE", errors.Conflict),
        (413, "REQUEST_TOO_LARGE", errors.BadRequest),
        (429, "RATE_LIMIT_EXCEEDED", errors.RateLimited),
        (500, "INTERNAL_ERROR", errors.ServerError),
        (503, "UNAVAILABLE", errors.ServerError),
    ],
)
def test_each_family_of_codes_has_its_class(
    status: int, code: str, kind: type[errors.VideoCraftAPIError]
) -> None:
    error = error_of(refusal(status, code, "Why"))
    assert type(error) is kind
    assert (error.status, error.code, error.message, error.request_id) == (status, code, "Why", "req_1")


def test_a_rate_limit_comes_with_its_numbers() -> None:
    error = error_of(refusal(429, retry_after=60, limit=100, remaining=0, reset_at="2024-01-01T12:01:00Z"))
    assert isinstance(error, errors.RateLimited)
    assert (error.retry_after, error.limit, error.remaining) == (60, 100, 0)
    assert error.reset_at == "2024-01-01T12:01:00Z"


def test_a_date_to_come_back_is_counted_from_the_servers_own_clock() -> None:
    then = datetime(2001, 1, 1, tzinfo=UTC)
    headers = {
        "date": format_datetime(then, usegmt=True),
        "retry-after": format_datetime(then + timedelta(seconds=7), usegmt=True),
    }
    error = error_of(refusal(503, headers=headers))
    assert isinstance(error, errors.ServerError)
    assert error.retry_after == 7


@pytest.mark.parametrize("given", ["nan", "inf", "soon", "", "-5", "Mon, 01 Jan 2024 12:00:00"])
def test_nonsense_about_when_to_come_back_does_no_harm(given: str) -> None:
    error = error_of(refusal(503, headers={"retry-after": given}))
    assert isinstance(error, errors.ServerError)
    assert error.retry_after in {None, 0.0}


@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_the_answer_of_a_proxy_is_an_error_with_its_status(body: bytes) -> None:
    error = error_of(Reply(502, {"x-request-id": "req_9"}, body))
    assert isinstance(error, errors.ServerError)
    assert str(error) == "The server answered 502 Bad Gateway (HTTP_502, request req_9)"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"status": "healthy"}'])
def test_an_answer_without_data_is_not_ours(body: bytes) -> None:
    with pytest.raises(errors.UnexpectedAnswer, match="base_url"):
        data_of(Reply(200, {}, body))


def test_data_is_given_as_it_came() -> None:
    assert data_of(answer({"a": [1, None]})) == {"a": [1, None]}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ["error", "code", "details", "request_id", "retry_after", "limit", "reset_at"]


@settings(max_examples=40)
@given(st.integers(300, 999), st.dictionaries(st.sampled_from(_FIELDS), _JSON))
def test_any_answer_becomes_an_error_that_can_be_shown(status: int, body: dict[str, object]) -> None:
    error = error_of(Reply(status, {}, json.dumps(body).encode()))
    assert str(error)
    assert isinstance(error.code, str)


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [("2024-01-01T13:00:00Z", 3600), ("2024-01-01T14:00:00+01:00", 3600), ("2024-01-01T13:00:00", None)],
)
def test_times_are_measured_against_the_answers_date(moment: str, seconds: float | None) -> None:
    assert seconds_until(moment, {"date": "Mon, 01 Jan 2024 12:00:00 GMT"}) == seconds
