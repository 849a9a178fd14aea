"""Pages and problems in the language that a browser asks for; what is not translated says in which it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.grading import grade
from grader.web.marks import mark_of
from tests.web.conftest import Visitor

PAGE = "/bank/derivative-polynomial?seed=1"
SOURCE = Path(__file__).parents[2] / "problems" / "derivatives" / "derivative-polynomial.yaml"


@pytest.mark.parametrize(
    ("query", "header", "german"),
    [
        ("", "de", True),
        ("", "de-AT,de;q=0.9,en;q=0.8", True),
        ("", "en,de;q=0.5", False),
        ("", "fr", False),
        ("", "", False),
        ("&language=de", "en", True),
        ("&language=en", "de", False),
        ("&language=xx", "de", True),
    ],
)
def test_a_problem_comes_in_the_wished_language(teacher: Visitor, query: str, header: str, *, german: bool) -> None:
    page = teacher.client.get(PAGE + query, headers={"Accept-Language": header}).text
    assert ("Ein Polynom wird Glied für Glied abgeleitet" in page) is german
    assert ("a polynomial is differentiated term by term" in page) is not german
    assert ('<div lang="de">' in page) is german


def test_what_is_not_translated_is_english(teacher: Visitor) -> None:
    page = teacher.client.get("/bank/descent-two-weights?seed=1", headers={"Accept-Language": "de"}).text
    assert '<html lang="de">' in page
    assert '<div lang="en">' in page


def test_feedback_of_a_stored_result_is_shown_in_the_language_of_the_page() -> None:
    problem = load_problem(SOURCE.read_text(encoding="utf-8"), str(SOURCE))
    english, german = (make_variant(problem, 1, language=language) for language in ("en", "de"))
    result = grade(english, {"derivative": "x^2 + 17"}).to_json()
    shown = {}
    for variant in (english, german):
        mark = mark_of(variant.parts[0], "x^2 + 17", result)
        assert mark is not None
        shown[variant.language] = " ".join(mark.feedback)
    assert "Treat the three terms one at a time" in shown["en"]
    assert "Nimm die drei Glieder einzeln" in shown["de"]
    assert "Treat" not in shown["de"]
