"""What reading and judging say, in German: every template is found again, and nothing is told half in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from babel.messages.mofile import read_mo
from flask import Flask
from flask_babel import Babel, force_locale
from ruamel.yaml import YAML

from grader.answers import BY_NAME
from grader.answers.base import Context, judge_response, read_response
from grader.answers.choice import options_tree
from grader.answers.explaining import sentences
from grader.answers.settings import validate_settings
from grader.checking.domain import Domain
from grader.errors import AnswerError
from grader.grading import EntryResult, PartResult
from grader.reading.latex import read as read_latex
from grader.reading.names import Vocabulary
from grader.reading.text import read
from grader.web import answer_words
from grader.web.answer_words import in_page_words
from grader.web.collecting import CONTEXT, said
from grader.web.verdict_words import in_page_language

CASES = Path(__file__).parents[1] / "cases"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ENGLISH = re.compile(
    r"(?<![\w`])(the|is|are|this|your|you|of|here|cannot|answer|write|there|with|needs)(?![\w`])", re.IGNORECASE
)
JUDGED = [name for name in BY_NAME if name != "written"]
TRANSLATIONS = Path(answer_words.__file__).with_name("translations")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    app = Flask("words")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app)
    with app.test_request_context(), force_locale("de"):
        yield


def texts() -> dict[str, str]:
    with (TRANSLATIONS / "de" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_mo(file) if one.context in (CONTEXT, CONTEXT.encode())}


def collected(source: str, **options: str) -> list[str]:
    return [template for _, _, (_, template), _ in said(BytesIO(source.encode()), (), (), options)]


def test_sentences_are_collected_as_templates() -> None:
    source = """
        '''A docstring. It is for nobody's eyes.'''
        def read(token):
            '''Another docstring.'''
            raise AnswerError(f"The {token.value} is {len(token)} long.", "Write it shorter." if token else "")
        def key_fault(key):
            return "The author is told this."
        def check(value):
            raise ValueError("The author is told this, too.")
    """
    plain = "\n".join(line[8:] for line in source.splitlines()[1:])
    assert collected(plain) == ["The %(1)s is %(2)s long.", "Write it shorter."]


def test_phrases_and_words_are_collected_where_they_are_asked_for() -> None:
    source = "KIND = 'a set'\nWORDS = lambda form: 'expanded'\nCOUNT = count_words(number, 'entry', 'entries')\n"
    assert collected(source) == ["%(number)s entry", "%(number)s entries"]
    assert collected(source, phrases="yes") == ["a set", "%(number)s entry", "%(number)s entries"]
    assert "expanded" in collected(source, phrases="yes", words="yes")
    within = "WHY = 'no value'\nOTHER = 'not this'\ndef why():\n    return NoValue('division by zero') or 'nor this'\n"
    assert collected(within, phrases="yes", within="NoValue WHY") == ["no value", "division by zero"]


def test_every_template_is_found_again() -> None:
    lost = []
    for english, local in texts().items():
        names = PLACEHOLDER.findall(english)
        values = {name: f"{number}{number}" for number, name in enumerate(names, start=1)}
        wanted = PLACEHOLDER.sub(lambda name: values[name[1]], local)  # noqa: B023 - used at once
        if in_page_words(PLACEHOLDER.sub(lambda name: values[name[1]], english)) != wanted:  # noqa: B023
            lost.append(english)
    assert len(texts()) > 500
    assert lost == []


@pytest.mark.parametrize(
    ("english", "local"),
    [
        (
            "You gave a vector of 3 entries; the answer is a 2 by 2 matrix.",
            "Deine Antwort ist ein Vektor mit 3 Einträgen, die Lösung dagegen eine 2×2-Matrix.",
        ),
        (
            "Entry 2: The value is right, but the answer is to be expanded: 2a is still a product.",
            "Eintrag 2: Der Wert ist richtig, aber die Antwort soll ausmultipliziert sein: 2a ist noch ein Produkt.",
        ),
        (
            "A is 2×3 and B is square: they cannot be added. Write a multiple of I.",
            "A ist 2×3 und B ist quadratisch: Beide lassen sich nicht addieren. Schreibe ein Vielfaches von I.",
        ),
        (
            "Did you mean x? The names here are x, y.",
            "Meinst du x? Die Namen hier sind x, y.",
        ),
        (
            "Your answer has no real value: division by zero.",
            "Deine Antwort hat keinen reellen Wert: Division durch null.",
        ),
    ],
)
def test_sentences_within_sentences(english: str, local: str) -> None:
    assert in_page_words(english) == local


def test_what_a_student_typed_stays() -> None:
    assert in_page_words("The name exact is not used in this problem.") == (
        "Der Name exact kommt in dieser Aufgabe nicht vor."
    )
    assert in_page_words("%(1)s cannot stand here.") == "%(1)s kann hier nicht stehen."
    assert in_page_words("You gave a set of two points.") == "Deine Antwort ist: eine Menge mit two points."


@pytest.mark.parametrize(
    "text", ["", ".", "Think of the chain rule.", "Write it. " * 3_000, "Nothing. Of this. " * 200]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert in_page_words(text) == text


def test_sentences_inside_of_sentences_without_end_take_no_time() -> None:
    for text in ("Write " * 300 + "." * 300, "Write x. " * 500, "Entry 1: " * 500, "a row of " * 500):
        began = process_time()
        in_page_words(text)
        assert process_time() - began < 5  # not a measure: what has no bound takes minutes


def test_an_english_page_and_one_without_language_say_what_was_said() -> None:
    with force_locale("en"):
        assert in_page_words("Delete it.") == "Delete it."


def untold(words: str, local: str) -> str:
    """The sentence, if any English is left of it; else nothing."""
    return f"{words} -> {local}" if words and (words == local or ENGLISH.search(local)) else ""


@pytest.mark.parametrize("table", ["errors", "latex"])
def test_every_text_that_cannot_be_read_is_refused_in_german(table: str) -> None:
    rows: Any = YAML(typ="safe").load((CASES / "reading" / f"{table}.yaml").read_text(encoding="utf-8"))
    rows = rows if table == "errors" else [row for group in rows["errors"].values() for row in group]
    reader = read if table == "errors" else read_latex
    vocabulary = Vocabulary(frozenset({"x", "y", "a", "b"}))
    faults = []
    for typed, *_ in rows:
        try:
            told = [notice.text for notice in reader(typed.replace("¡", ""), vocabulary).notices]
        except AnswerError as error:
            told = [error.message, error.repair]
        faults += [fault for words in told if (fault := untold(words, in_page_words(words)))]
    assert faults == []


def results(name: str) -> Iterator[PartResult]:
    """The results of the cases of a type, as they are stored."""
    kind = BY_NAME[name]
    for row in YAML(typ="safe").load((CASES / "answers" / f"{name}.yaml").read_text(encoding="utf-8")):
        if row["outcome"] == "equal":
            continue
        settings = validate_settings(kind, row.get("settings", {}))
        context = Context.of(Domain.of(row.get("variables")))
        if name == "choice":
            key = options_tree(tuple(each.strip() for each in row["answer"].split(",")))
        else:
            key = read_response(kind, row["answer"], settings, context).tree
        told: tuple[str, ...]
        try:
            response = read_response(kind, row["response"], settings, context)
        except AnswerError as error:
            yield PartResult("a", Fraction(0), Fraction(1), "invalid", feedback=(error.message, error.repair))
            continue
        checked = judge_response(kind, response, key, settings, context)
        told = sentences(response, key, checked, context, settings.disclose)
        verdict = checked.verdict
        entries = tuple(
            EntryResult(each.index, each.verdict.outcome, each.verdict.evidence) for each in checked.entries
        )
        yield PartResult("a", Fraction(0), Fraction(1), verdict.outcome, verdict.evidence, told, entries=entries)


@pytest.mark.parametrize("name", JUDGED)
def test_every_answer_that_is_not_right_is_told_so_in_german(name: str) -> None:
    faults = []
    for result in results(name):
        known = in_page_language(result)
        faults += [fault for words in result.feedback if (fault := untold(words, known.get(words, words)))]
    assert faults == []
