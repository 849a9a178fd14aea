"""What is refused is said in the language of the page, with the values in it; pages say in which language they are."""

from __future__ import annotations

from html import unescape
from io import BytesIO

import pytest
from flask_babel import force_locale

from grader.web.collecting import CONTEXT
from grader.web.errors import said
from grader.web.refusals import mistakes, refused
from tests.web.conftest import TOKEN, Visitor

GERMAN = {"Accept-Language": "de"}
SOURCE = """
NOBODY = "There is nobody."
KIND = "kind"
def put(text, name):
    '''A docstring. It is for nobody's eyes.'''
    title = line(text, "client_id")
    if text:
        raise Conflict(f"The name {name} is taken.")
    message = "Take this." if title else f"Take {name}."
    raise NotFound(message)
def why():
    return "No sentence at all" or "nothing"
"""


def test_sentences_with_values_and_constants_are_collected() -> None:
    found = [text for *_, text, _ in refused(BytesIO(SOURCE.encode()), {}, (), {})]
    assert found[0] == "There is nobody."
    assert (CONTEXT, "client id") in found
    assert {(CONTEXT, "The name %(1)s is taken."), "Take this.", (CONTEXT, "Take %(1)s.")} <= set(found[1:])
    assert len(found) == 5


def test_mistakes_are_collected_by_the_names_that_pages_show() -> None:
    source = b'ONE = Mistake("step-too-few", "one step too few", "One step is missing.")\n'
    assert [text for *_, text, _ in mistakes(BytesIO(source), {}, (), {})] == ["Step too few"]


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("This part has at most 3 points.", "Dieser Teil hat höchstens 3 Punkte."),
        ("The client id is missing.", "Client-ID: Hier fehlt etwas."),
        ("There is no such assignment.", "Ein solches Aufgabenblatt gibt es nicht."),
        (
            "Line 3: This is no e-mail address. Nothing was imported.",
            "Zeile 3: Das ist keine E-Mail-Adresse. Nichts wurde übernommen.",
        ),
        ("Your teachers accept this answer.", "Deine Lehrpersonen erkennen diese Antwort an."),
        ("Something else that nobody has translated.", "Something else that nobody has translated."),
    ],
)
def test_a_refusal_is_said_in_german(teacher: Visitor, english: str, german: str) -> None:
    with teacher.client.application.test_request_context("/"), force_locale("de"):
        assert said(english) == german


def test_a_page_says_in_which_language_it_is(teacher: Visitor) -> None:
    assert '<html lang="en">' in teacher.client.get("/").text
    assert '<html lang="de">' in teacher.client.get("/", headers=GERMAN).text
    lost = teacher.client.get("/assignments/999", headers=GERMAN)
    assert lost.status_code == 404
    assert '<html lang="de">' in lost.text
    assert "Ein solches Aufgabenblatt gibt es nicht." in lost.text
    assert "There" not in lost.text


def test_formulas_are_said_aloud_in_the_language_of_the_page(teacher: Visitor) -> None:
    assert 'aria-label="Wurzel aus x Quadrat plus 1, Ende der Wurzel"' in page_of(teacher, "de")
    assert 'aria-label="the square root of x squared plus 1, end of root"' in page_of(teacher, "en")


def page_of(teacher: Visitor, language: str) -> str:
    return teacher.client.get("/help/notation", headers={"Accept-Language": language}).text


def test_keys_are_named_in_the_language_of_the_page(student: Visitor) -> None:
    address = student.attempt("derivative-polynomial", 1)
    for language, name in (("en", "square root"), ("de", "Quadratwurzel")):
        page = student.client.get(address, headers={"Accept-Language": language}).text
        assert f'title="{name}"><span aria-hidden="true">√</span>' in page


def test_a_decimal_comma_is_explained_while_it_is_typed(student: Visitor) -> None:
    address = student.attempt("derivative-polynomial", 1)
    for language, words in (
        ("en", "A decimal number has a point here"),
        ("de", "Eine Dezimalzahl hat hier einen Punkt"),
    ):
        headers = {"Accept-Language": language}
        told = {
            text: student.client.post(
                f"{address}/preview",
                data={"csrf_token": token_of(student), "answer.derivative": text},
                headers=headers,
            ).text
            for text in ("3,5x", "3.5x")
        }
        assert words in told["3,5x"]
        assert words not in told["3.5x"]


def token_of(visitor: Visitor) -> str:
    found = TOKEN.search(visitor.page("/help/notation"))
    assert found is not None
    return unescape(found[1])
