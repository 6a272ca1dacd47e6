"""What a handler tells, until it is written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videocraft.core.jobs.reports import LOG_LINES, Report, Reporter


def make(progress: float = 0.0, message: str = "") -> tuple[Reporter, list[str]]:
    news: list[str] = []
    return Reporter(progress, message, [], on_news=lambda: news.append("news")), news


def take(reporter: Reporter) -> Report:
    report = reporter.take()
    assert report is not None
    return report


def test_nothing_told_nothing_taken() -> None:
    reporter, news = make()
    assert reporter.take() is None
    assert news == []


def test_everything_told_is_taken_at_once_and_only_once() -> None:
    reporter, news = make()
    reporter.progress(0.25, "Cutting")
    reporter.warn("Odd.")
    reporter.log("a line")
    assert news == ["news"]
    report = take(reporter)
    assert (report.progress, report.message, report.warnings) == (0.25, "Cutting", ["Odd."])
    assert [line["message"] for line in report.log] == ["a line"]
    assert reporter.take() is None
    reporter.progress(0.5)
    assert news == ["news", "news"]
    assert (take(reporter).message, reporter.has_news) == ("Cutting", False)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True)), st.floats(0, 1))
def test_progress_stays_between_0_and_1_and_never_goes_back(fractions: list[float], start: float) -> None:
    reporter, _ = make(start)
    before = start
    for fraction in fractions:
        reporter.progress(fraction)
        now = take(reporter).progress
        assert before <= now <= 1
        assert now == (before if math.isnan(fraction) else max(before, min(1.0, fraction)))
        before = now


def test_the_log_keeps_its_last_lines_and_warnings_are_kept_once() -> None:
    reporter, _ = make()
    for number in range(LOG_LINES + 5):
        reporter.log(str(number))
        reporter.warn("The same one.")
    report = take(reporter)
    assert [line["message"] for line in report.log] == [str(number) for number in range(5, LOG_LINES + 5)]
    assert report.warnings == ["The same one."]


def test_a_log_of_an_earlier_run_goes_on() -> None:
    reporter = Reporter(0, "", [{"timestamp": 1.0, "message": "before"}], on_news=lambda: None)
    reporter.log("now")
    assert [line["message"] for line in take(reporter).log] == ["before", "now"]


@pytest.mark.parametrize(
    ("tell", "is_event"),
    [
        (lambda reporter: reporter.progress(0.505), False),
        (lambda reporter: reporter.progress(0.51), True),
        (lambda reporter: reporter.progress(0.5, "Another message"), True),
        (lambda reporter: reporter.warn("Odd."), True),
        (lambda reporter: reporter.log("line"), False),
    ],
)
def test_followers_hear_of_what_can_be_seen(tell: object, is_event: bool) -> None:
    reporter, _ = make(0.5, "Message")
    tell(reporter)  # type: ignore[operator]  # a lambda of the list above
    assert take(reporter).is_event is is_event


def test_what_could_not_be_written_is_news_again() -> None:
    reporter, _ = make()
    reporter.progress(0.5)
    first = take(reporter)
    reporter.put_back()
    assert reporter.has_news
    assert take(reporter) == first
    assert first.is_event


def test_text_that_no_database_keeps_is_cleaned() -> None:
    reporter, _ = make()
    reporter.progress(0.5, "a\0b\udcff")
    assert take(reporter).message == "ab?"
