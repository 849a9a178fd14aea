from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from grader.web.auth import safe_target
from grader.web.formats import exact_marks, marks, moment, span, words


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(3, 2), "1.5"), (Fraction(2, 3), "0.67"), (2, "2"), (0, "0"), (Fraction(1, 8), "0.125")],
)
def test_marks(value: Fraction, text: str) -> None:
    assert marks(value) == text


def test_a_moment_is_given_in_utc_and_for_the_script() -> None:
    shown = moment(datetime(2026, 3, 2, 1, 5, tzinfo=timezone(timedelta(hours=2))))
    assert shown == '<time datetime="2026-03-01T23:05:00+00:00" data-utc>Sun 1 Mar 2026, 23:05 UTC</time>'
    assert "UTC" in moment(datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(9, 5), "1.8"),
        (Fraction(2, 3), "2/3"),
        (Fraction(7, 3), "2 1/3"),
        (Fraction(-7, 3), "−2 1/3"),
        (Fraction(0), "0"),
    ],
)
def test_marks_that_add_up(value: Fraction, text: str) -> None:
    assert exact_marks(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"seconds": 20}, "in 1 minute"),
        ({"minutes": -90}, "90 minutes ago"),
        ({"hours": 5}, "in 5 hours"),
        ({"hours": 47}, "in 47 hours"),
        ({"days": -2}, "2 days ago"),
    ],
)
def test_how_long_from_now(value: dict[str, float], text: str) -> None:
    assert span(timedelta(**value)) == text


def test_words() -> None:
    assert words("gradient-descent") == "Gradient descent"


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/assignments/2", "/assignments/2"),
        ("/bank?topic=x", "/bank?topic=x"),
        ("https://example.org/", "/"),
        ("//example.org", "/"),
        ("/\\example.org", "/"),
        ("javascript:alert(1)", "/"),
        ("relative", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_a_log_in_leads_nowhere_else(target: str | None, safe: str) -> None:
    assert safe_target(target) == safe
