"""What pages of errors offer to do next, and titles in the language of the page."""

from __future__ import annotations

from html import unescape

import pytest
from flask import Flask

from grader.bank.loading import Bank
from grader.errors import Unavailable
from tests.web.conftest import TOKEN, Visitor

PROBLEM = "derivative-polynomial"


def test_what_may_pass_can_be_tried_again(app: Flask) -> None:
    @app.get("/away")
    def away() -> str:
        raise Unavailable("The judge starts.")

    page = app.test_client().get("/away?page=2").text
    assert '<a class="button" href="/away?page=2">Try again</a>' in page
    assert "Back to where you were" not in page


def test_a_page_that_is_not_there_is_not_tried_again(student: Visitor) -> None:
    page = student.get("/assignments/999").text
    assert "Try again" not in page
    assert "To the start page" in page


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost/courses/1?page=2", '<a class="button" href="/courses/1?page=2">Back to where you were</a>'),
        ("http://localhost.evil.example/courses/1", ""),
        ("http://elsewhere.example/courses/1", ""),
        ("", ""),
    ],
)
def test_a_form_that_is_refused_leads_back_to_its_page(student: Visitor, came_from: str, back: str) -> None:
    token = TOKEN.search(student.page("/help/notation"))
    assert token is not None
    sent = {"csrf_token": unescape(token[1])}
    refused = student.client.post("/attempts/999/answer", data=sent, headers={"Referer": came_from})
    assert refused.status_code == 404
    assert ("Back to where you were" in refused.text) is bool(back)
    assert back in refused.text


def test_titles_in_lists_are_in_the_language_of_the_page(teacher: Visitor, bank: Bank) -> None:
    problem = bank.problems[PROBLEM]
    pages = {
        language: teacher.client.get("/bank?search=polynomial", headers={"Accept-Language": language}).text
        for language in ("en", "de")
    }
    assert problem.title in pages["en"]
    assert problem.titles["de"] in pages["de"]
    assert problem.title not in pages["de"]
