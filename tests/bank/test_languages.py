"""Texts in several languages: which one is shown, what is missing, and what the bank itself says."""

from __future__ import annotations

from typing import Any

import pytest

from grader.bank.givens import assumptions, notes
from grader.bank.linting import lint_problem
from grader.bank.loading import load_problem
from grader.bank.variant import variant_to_json
from grader.bank.variants import make_variant
from grader.errors import BankErrors
from grader.grading import grade
from tests.bank.samples import SOUND

PROMPT = """prompt:
  en: |
    Let $f(x) = {{ f }}$. Look to the {{ side }}.
  de: |
    Sei $f(x) = {{ f }}$, {% if side = left %}links{% else %}rechts{% endif %}. {{ shape }}
"""
GERMAN = (
    ("title: The slope of a parabola", "title: {en: The slope of a parabola, de: Die Steigung einer Parabel}"),
    (
        "prompt: |\n  Let $f(x) = {{ f }}$. Look to the {{ side }}.\n  Find $f'(x)$.\n",
        PROMPT,
    ),
    (
        '{wrong: "Use the power rule on each term."}',
        '{wrong: {en: "Use the power rule.", de: "Nimm die Potenzregel."}}',
    ),
    ('ask: "The graph is"', 'ask: {en: "The graph is", de: "Der Graph ist"}'),
    ('convex: "convex"', "convex: {en: convex, de: konvex}"),
    ('- "Take one term at a time."', '- {en: "Take one term at a time.", de: "Ein Glied nach dem andern."}'),
)


def source(*left_out: int) -> str:
    text = SOUND
    for place, (old, new) in enumerate(GERMAN):
        assert old in text
        text = text if place in left_out else text.replace(old, new)
    return text


def test_texts_come_in_the_wished_language() -> None:
    problem = load_problem(source(), "x")
    assert problem.languages == ("en", "de")
    english, german = (make_variant(problem, 7, language=language) for language in ("en", "de"))
    assert english.prompt.startswith("Let $f(x)")
    assert german.title == "Die Steigung einer Parabel"
    assert german.prompt == "Sei $f(x) = 6 x^{2} + 3 x$, rechts. konvex\n"
    assert german.parts[2].ask == "Der Graph ist"
    assert german.parts[2].options == (("convex", "konvex"), ("concave", "concave"), ("neither", "neither"))
    assert german.hints == ("Ein Glied nach dem andern.", "Then put the number in.")
    assert german.parts[0].feedback == {"wrong": "Nimm die Potenzregel."}
    assert german.parts[0].english == {"wrong": "Use the power rule."}
    assert variant_to_json(german)["language"] == "de"
    assert [part.key for part in german.parts] == [part.key for part in english.parts]


def test_a_problem_that_is_not_translated_is_wholly_english() -> None:
    problem = load_problem(SOUND, "x")
    assert make_variant(problem, 7, language="de") == make_variant(problem, 7)


def test_lint_names_what_is_not_translated() -> None:
    problem = load_problem(source(3), "derivatives/slope-of-a-parabola.yaml")
    missing = [finding for finding in lint_problem(problem, grade) if finding.kind == "translation"]
    assert {finding.severity for finding in missing} == {"warning"}
    assert {finding.message for finding in missing} == {"There is no German here, so the English text is shown."}
    rows = [problem.document.lines[finding.line - 1][finding.column - 1 :] for finding in missing]
    assert rows == [
        "|",
        '"Then put the number in."',
        '"Put the number in."}',
        '"The graph is"',
        '"concave", neither: "neither"}',
        '"neither"}',
        '"Look at the sign of the second derivative."}',
    ]


@pytest.mark.parametrize(
    ("written", "says", "repair"),
    [
        ("{en: Slope, dee: Steigung}", "'dee' is no language that is known here.", "Known are en, de."),
        ("{de: Steigung}", "The English text is missing, which is shown where another is.", "Add `en: …`."),
        ("{en: Slope, de: [a]}", "A text is expected for 'de', not a list.", "Put it in quotes."),
        ("{en: Slope, de: ''}", "A text is expected for 'de', not an empty text.", "Put it in quotes."),
    ],
)
def test_a_fault_in_a_translation_is_named(written: str, says: str, repair: str) -> None:
    with pytest.raises(BankErrors) as caught:
        load_problem(SOUND.replace("title: The slope of a parabola", f"title: {written}"), "x")
    (error,) = caught.value.errors
    assert (error.line, error.message, error.repair) == (2, says, repair)


def test_a_fault_within_a_translated_text_is_named_at_its_place() -> None:
    text = source().replace("links{% else %}", "links {{ slpe }}{% else %}")
    with pytest.raises(BankErrors) as caught:
        load_problem(text, "x")
    (error,) = caught.value.errors
    row = text.split("\n")[error.line - 1]
    assert row[error.column - 1 :].startswith("slpe")


@pytest.mark.parametrize(
    ("given", "english", "german"),
    [
        ({}, (), ()),
        ({"in": "(-oo, oo)"}, (), ()),
        ({"in": "(0, oo)"}, ("$x > 0$",), ("$x > 0$",)),
        ({"in": "]-1, 2*pi]"}, (r"$-1 < x \le 2 \pi$",), None),
        ({"in": ["0", "1/2"]}, (r"$0 \le x \le \frac{1}{2}$",), None),
        ({"in": "(0, 1] U (2, oo)"}, (r"$x \in (0, 1] \cup (2, \infty)$",), None),
        ({"positive": True}, ("$x > 0$",), None),
        ({"nonzero": True, "integer": True}, ("$x$ is a whole number", r"$x \ne 0$"), None),
        (
            {"integer": True, "positive": True},
            ("$x$ is a positive whole number",),
            ("$x$ ist eine positive ganze Zahl",),
        ),
        ({"shape": ["n"]}, ("$x$ is a column of $n$ entries",), ("$x$ ist eine Spalte mit $n$ Einträgen",)),
        ({"shape": [2, 3]}, (r"$x$ is a $2 \times 3$ matrix",), (r"$x$ ist eine $2 \times 3$-Matrix",)),
        (
            {"shape": ["n", "n"], "symmetric": True, "positive_definite": True},
            (r"$x$ is an $n \times n$ matrix", "$x$ is symmetric", "$x$ is positive definite"),
            (r"$x$ ist eine $n \times n$-Matrix", "$x$ ist symmetrisch", "$x$ ist positiv definit"),
        ),
        ({"shape": ["m", "n", "p"]}, (r"$x$ is an array of shape $m \times n \times p$",), None),
    ],
)
def test_what_is_known_of_a_variable_is_said(
    given: dict[str, Any], english: tuple[str, ...], german: tuple[str, ...] | None
) -> None:
    assert assumptions({"x": given}, "en") == english
    assert german is None or assumptions({"x": given}, "de") == german


@pytest.mark.parametrize(
    ("kind", "settings", "task", "english"),
    [
        ("vector", {}, None, ()),
        ("vector", {"layout": "any"}, None, ()),
        ("vector", {"layout": "row"}, {"gradient": "x"}, ("Write the gradient as a row.",)),
        ("vector", {"layout": "column"}, None, ("Write the vector as a column.",)),
        ("number", {"tolerance": {"significant_figures": 3}}, None, ("Give 3 significant figures.",)),
        ("number", {"tolerance": {"decimal_places": 2}}, None, ("Give 2 decimal places.",)),
        ("number", {"tolerance": {"absolute": "0.1"}}, None, ()),
        (
            "indexed-expression",
            {"indices": {"i": "m", "j": 3}},
            None,
            (r"The free indices are $i = 1, \dots, m$, $j = 1, \dots, 3$.",),
        ),
    ],
)
def test_how_an_answer_is_to_be_written_is_said(
    kind: str, settings: dict[str, Any], task: dict[str, Any] | None, english: tuple[str, ...]
) -> None:
    assert notes(kind, settings, task, "en") == english
    assert len(notes(kind, settings, task, "de")) == len(english)
