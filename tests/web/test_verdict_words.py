"""What the judge says in German: made once more from the result, word for word what the judge says in English."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from grader.answers.base import Entry
from grader.answers.entries import join
from grader.answers.wording import explain
from grader.checking.verdict import Counterexample, Evidence, Outcome, OutOfBudget, Proof, Undefined, Verdict
from grader.grading import EntryResult, PartResult
from grader.mistakes.catalogue import MISTAKES
from grader.web import verdict_words
from grader.web.verdict_words import evidence_words, in_page_language

HALF, QUARTER = "1/2", "1/4"
POINTS = [
    (),
    (("x", "2"),),
    (("x", "2"), ("y", "-1")),
    (("x", "2"), ("y", "-1"), ("z", "0")),
    (("w", "1"), ("x", "2"), ("y", "-1"), ("z", "0")),
]
WRONG: list[Evidence] = [Counterexample(point, HALF, QUARTER) for point in POINTS]
UNDEFINED: list[Evidence] = [Undefined(), Undefined(POINTS[1])]
LEVELS = ("none", "some", "point", "values")


@pytest.fixture(autouse=True)
def german() -> object:
    app = Flask("words")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(verdict_words.__file__).with_name("translations"))
    Babel(app)
    with app.test_request_context(), force_locale("de"):
        yield app


def part(outcome: Outcome, evidence: Evidence | None, feedback: tuple[str, ...], **more: object) -> PartResult:
    return PartResult("a", Fraction(0), Fraction(1), outcome, evidence, feedback, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("evidence", WRONG + UNDEFINED, ids=str)
def test_every_sentence_on_a_wrong_answer_is_known(evidence: Evidence, level: str) -> None:
    said = explain(Verdict(Outcome.DIFFERENT, evidence), level)
    known = in_page_language(part(Outcome.DIFFERENT, evidence, said))
    assert [sentence for sentence in said if known.get(sentence, sentence) == sentence] == []


def test_sentences_on_entries_are_known() -> None:
    evidence = [WRONG[1], UNDEFINED[1], OutOfBudget("time"), Proof("same")]
    outcomes = [Outcome.DIFFERENT, Outcome.DIFFERENT, Outcome.UNDECIDED, Outcome.EQUAL]
    rows = zip(outcomes, evidence, ((1, 1), (1, 2), (2, 1), (2, 2)), strict=True)
    entries = tuple(Entry(index, Verdict(outcome, each)) for outcome, each, index in rows)
    said = join(entries, partial=True).feedback
    results = tuple(EntryResult(each.index, each.verdict.outcome, each.verdict.evidence) for each in entries)
    known = in_page_language(part(Outcome.DIFFERENT, None, said, entries=results))
    assert len(said) == 3
    assert known[said[0]] == "Eintrag (1,1) ist falsch."
    assert all(known[sentence].startswith("Eintrag (") for sentence in said)


def test_every_mistake_is_told_in_german() -> None:
    for mistake in MISTAKES:
        known = in_page_language(part(Outcome.DIFFERENT, None, (mistake.sentence,)))
        assert known[mistake.sentence] != mistake.sentence, mistake.id


def test_what_follows_from_nothing_stays_as_it_was_said() -> None:
    assert in_page_language(part(Outcome.DIFFERENT, None, ("Think of the chain rule.",))) == {}


def test_evidence_for_teachers() -> None:
    assert evidence_words(Proof("normal form")) == "Gleichheit bewiesen (normal form)."
    assert evidence_words(WRONG[1]) == "Bei x = 2 ist die Antwort 1/2, die Lösung 1/4."
    assert evidence_words(OutOfBudget("time")) == "Not decided: time."
