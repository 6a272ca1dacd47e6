"""Keys, CSRF tokens, redirects and repeats, without a network."""

from __future__ import annotations

import pytest

from tests.unit.client.script import BASE, Stage, answer, broken, header, refusal, token
from videocraft.client.errors import (
    BadRequest,
    ConnectionFailed,
    CSRFError,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
)
from videocraft.client.exchange import Call
from videocraft.client.wire import Reply

READ = Call("GET", "/videos")
ORDER = Call("POST", "/generate-video", body={"scenes": []}, idempotency_key="once")
PLAN = Call("POST", "/generate-video", {"dry_run": "true"}, body={"scenes": []}, is_harmless=True)
CANCEL = Call("POST", "/jobs/1/cancel")
DELETE = Call("DELETE", "/videos/1", done_if_repeated=frozenset({404}))


def _perform(stage: Stage, call: Call = READ, **arguments: float) -> Reply:
    return stage.run(stage.exchange.perform(call, **arguments))  # type: ignore[arg-type]  # floats only


def _redirect(location: str, status: int = 302) -> Reply:
    return Reply(status, {"location": location})


def test_a_read_carries_the_key_and_no_token() -> None:
    stage = Stage(answer([]))
    _perform(stage)
    headers = stage.requests[0].headers
    assert headers["Authorization"] == "Bearer key"
    assert headers["User-Agent"].startswith("videocraft-python/")
    assert "X-CSRF-Token" not in headers


def test_one_token_serves_many_changes_until_shortly_before_it_expires() -> None:
    stage = Stage(token("first"), answer({}))
    _perform(stage, ORDER)
    stage.now += 3569
    stage.answers = [answer({})]
    _perform(stage, ORDER)
    stage.now += 2
    stage.answers = [token("second"), answer({})]
    _perform(stage, ORDER)
    changes = [one for one in stage.requests if one.method == "POST"]
    assert header(changes, "X-CSRF-Token") == ["first", "first", "second"]


def test_a_token_whose_end_is_not_told_is_renewed_all_the_same() -> None:
    stage = Stage(token("first", expires_at="soon"), answer({}))
    _perform(stage, ORDER)
    stage.now += 601
    stage.answers = [token("second"), answer({})]
    _perform(stage, ORDER)


@pytest.mark.parametrize("code", ["CSRF_TOKEN_EXPIRED", "CSRF_TOKEN_INVALID", "CSRF_TOKEN_REQUIRED"])
def test_a_refused_token_is_renewed_once_without_waiting(code: str) -> None:
    stage = Stage(token("old"), refusal(403, code), token("new"), answer({}))
    _perform(stage, CANCEL)
    assert header(stage.requests, "X-CSRF-Token") == [None, "old", None, "new"]
    assert not stage.waits


def test_a_second_refusal_is_an_error() -> None:
    stage = Stage(token(), refusal(403, "CSRF_TOKEN_INVALID"), token(), refusal(403, "CSRF_TOKEN_INVALID"))
    with pytest.raises(CSRFError):
        _perform(stage, CANCEL)
    assert not stage.answers


def test_without_csrf_no_token_is_asked_for() -> None:
    stage = Stage(answer({}), enable_csrf=False)
    _perform(stage, ORDER)
    assert stage.sent == ["POST /generate-video"]


@pytest.mark.parametrize(
    "reply", [answer({"csrf_token": "a\r\nX: b"}), answer({}), answer([]), Reply(200, {})]
)
def test_what_is_no_token_is_never_sent(reply: Reply) -> None:
    stage = Stage(reply)
    with pytest.raises(UnexpectedAnswer):
        _perform(stage, CANCEL)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("call", [READ, DELETE, ORDER, PLAN])
def test_what_may_be_done_twice_is_repeated_ever_more_slowly(status: int, call: Call) -> None:
    stage = Stage(refusal(status), broken(), refusal(status), answer({}), enable_csrf=False)
    _perform(stage, call)
    assert stage.waits == [0.5, 1.0, 2.0]


def test_the_key_of_an_order_stays_the_same_over_its_repeats() -> None:
    stage = Stage(broken(), broken(), answer({}), enable_csrf=False)
    _perform(stage, ORDER)
    assert header(stage.requests, "Idempotency-Key") == ["once"] * 3


@pytest.mark.parametrize("trouble", [refusal(503), broken()])
def test_a_change_that_may_have_happened_is_not_repeated(trouble: Reply | ConnectionFailed) -> None:
    stage = Stage(trouble, enable_csrf=False)
    with pytest.raises((ServerError, ConnectionFailed)):
        _perform(stage, CANCEL)
    assert not stage.waits


@pytest.mark.parametrize("trouble", [refusal(429), broken(sent=False)])
def test_a_change_that_can_not_have_happened_is_repeated(trouble: Reply | ConnectionFailed) -> None:
    stage = Stage(trouble, answer({}), enable_csrf=False)
    _perform(stage, CANCEL)
    assert stage.sent == ["POST /jobs/1/cancel"] * 2


def test_a_deletion_whose_answer_was_lost_is_no_error_when_repeated() -> None:
    stage = Stage(broken(), refusal(404, "VIDEO_NOT_FOUND"), enable_csrf=False)
    _perform(stage, DELETE)


@pytest.mark.parametrize("first", [None, broken(sent=False), refusal(429)])
def test_a_deletion_of_what_never_was_is_an_error(first: Reply | ConnectionFailed | None) -> None:
    answers = [first] if first else []
    stage = Stage(*answers, refusal(404, "VIDEO_NOT_FOUND"), enable_csrf=False)
    with pytest.raises(Exception, match="VIDEO_NOT_FOUND"):
        _perform(stage, DELETE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 501, 507])
def test_what_will_not_change_is_not_repeated(status: int) -> None:
    stage = Stage(refusal(status))
    with pytest.raises(Exception, match="Message"):
        _perform(stage)


def test_retries_have_an_end() -> None:
    stage = Stage(*[refusal(500)] * 3, max_retries=2)
    with pytest.raises(ServerError):
        _perform(stage)
    assert len(stage.requests) == 3


def test_the_server_says_how_long_to_wait() -> None:
    stage = Stage(refusal(429, headers={"retry-after": "60"}), answer([]))
    _perform(stage)
    assert 60 <= stage.waits[0] <= 63


def test_a_server_that_asks_for_too_much_patience_gets_an_error() -> None:
    stage = Stage(refusal(429, "RATE_LIMIT_EXCEEDED", headers={"retry-after": "3600"}))
    with pytest.raises(RateLimited) as caught:
        _perform(stage)
    assert caught.value.retry_after == 3600


def test_nothing_is_repeated_after_the_deadline() -> None:
    stage = Stage(refusal(503), refusal(503))
    with pytest.raises(ServerError):
        _perform(stage, deadline=stage.now + 1.2)
    assert stage.waits == [0.5]
    assert stage.timeouts == pytest.approx([1.2, 1.0])


def test_a_redirect_to_another_server_takes_no_secret_along() -> None:
    stage = Stage(_redirect("https://bucket.test/film?signature=1"), Reply(200, {}))
    _perform(stage)
    assert stage.requests[1].url == "https://bucket.test/film?signature=1"
    assert "Authorization" not in stage.requests[1].headers


@pytest.mark.parametrize(
    "location",
    ["http://server.test:81/x", "https://server.test/x", "//other.test/x", "http://server.test.evil/x"],
)
def test_another_port_or_scheme_is_another_server(location: str) -> None:
    stage = Stage(_redirect(location), Reply(200, {}))
    _perform(stage)
    assert "Authorization" not in stage.requests[1].headers


def test_once_away_the_key_does_not_come_back() -> None:
    stage = Stage(_redirect("http://other.test/x"), _redirect(f"{BASE}/y"), Reply(200, {}))
    _perform(stage)
    assert "Authorization" not in stage.requests[2].headers


@pytest.mark.parametrize("location", ["/elsewhere", "http://SERVER.test:80/elsewhere"])
def test_a_redirect_within_the_server_keeps_the_key(location: str) -> None:
    stage = Stage(_redirect(location, 307), Reply(200, {}))
    _perform(stage)
    assert stage.requests[1].headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_change_is_never_redirected(status: int) -> None:
    stage = Stage(_redirect("http://other.test/x", status), enable_csrf=False)
    with pytest.raises(UnexpectedAnswer, match="base_url"):
        _perform(stage, ORDER)


@pytest.mark.parametrize("location", ["ftp://server.test/x", "file:///etc/passwd", "http://[", ""])
def test_a_redirect_to_what_is_no_web_address_is_an_error(location: str) -> None:
    stage = Stage(*[_redirect(location)] * 6)
    with pytest.raises(UnexpectedAnswer):
        _perform(stage)


def test_https_is_never_left() -> None:
    stage = Stage(_redirect("https://server.test/x"), _redirect("http://server.test/x"))
    with pytest.raises(UnexpectedAnswer, match="less safe"):
        _perform(stage)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_can_not_say_is_refused_here(value: object) -> None:
    stage = Stage(enable_csrf=False)
    with pytest.raises((ValueError, TypeError)):
        _perform(stage, Call("POST", "/generate-video", body={"x": value}))


def test_a_project_with_any_text_arrives_as_it_is() -> None:
    stage = Stage(answer({}), enable_csrf=False)
    _perform(stage, Call("POST", "/generate-video", body={"text": 'ä\u202e\ud83d\ude00\\"'}))
    assert stage.requests[0].body is not None
    assert stage.requests[0].body.isascii()


def test_a_wrong_request_says_where_it_is_wrong() -> None:
    details = {"scenes": "At least one scene is required"}
    stage = Stage(refusal(400, "VALIDATION_ERROR", "Validation failed", details=details))
    with pytest.raises(BadRequest) as caught:
        _perform(stage)
    assert caught.value.details == details
    assert str(caught.value) == (
        "Validation failed; scenes: At least one scene is required (VALIDATION_ERROR, request req_1)"
    )
