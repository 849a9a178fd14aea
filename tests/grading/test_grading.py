"""A verdict becomes points, and a student is told enough but not the key."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.verdict import (
    EVIDENCE_KINDS,
    Agreement,
    Contradiction,
    Counterexample,
    Evidence,
    Outcome,
    OutOfBudget,
    PersonReads,
    Proof,
    TypeMismatch,
    Undefined,
    Unmet,
    Unreadable,
    WrongForm,
)
from grader.engine import present_engine
from grader.errors import AnswerError, InvalidRequest
from grader.grading import EntryResult, PartResult, Result, for_student, grade, grade_part, read_part, undecided
from tests.grading.variants import JACOBIAN, KIND, VALUE, part, variant

ALL = variant(JACOBIAN, KIND, VALUE)
RIGHT = {"jacobian": "[[2x y, x^2],[cos(x)+5, 0]]", "kind": "convex", "value": "0.33"}


def test_all_right() -> None:
    result = grade(ALL, RIGHT)
    assert (result.score, result.max_score) == (Fraction("3.5"), Fraction("3.5"))
    assert [part.outcome for part in result.parts] == ["equal"] * 3
    assert result.parts[0].feedback == ("Well done.",)
    assert result.engine == present_engine()


def test_one_wrong_entry_earns_the_share_of_the_others_and_is_named() -> None:
    result = grade(ALL, {**RIGHT, "jacobian": "[[2x y, x^2],[cos(x)-5, 0]]"})
    jacobian = result.parts[0]
    assert jacobian.outcome == "different"
    assert jacobian.score == Fraction(3, 2)
    assert jacobian.feedback == ("Entry (2,1) is wrong.", "Nearly.")
    assert [entry.outcome for entry in jacobian.entries] == ["equal", "equal", "different", "equal"]
    assert jacobian.entries[2].index == (2, 1)
    assert result.score == Fraction(3)


def test_the_transpose_is_a_mistake_with_a_name() -> None:
    jacobian = grade_part(JACOBIAN, "[[2x y, cos(x)+5],[x^2, 0]]")
    assert (jacobian.score, jacobian.mistake) == (0, "transposed")
    assert jacobian.feedback == ("This is the transpose of the answer.", "Row i holds component i.")


def test_an_unreadable_part_says_where_and_earns_nothing() -> None:
    jacobian = grade_part(JACOBIAN, "[[2x y, x^2],[5 + cos(x), 0]")
    assert (jacobian.outcome, jacobian.score, jacobian.read_as) == ("invalid", 0, "")
    assert isinstance(jacobian.evidence, Unreadable)
    assert jacobian.evidence.end <= 30


def test_a_part_without_a_text_is_unanswered() -> None:
    result = grade(ALL, {"kind": "concave", "value": "  "})
    assert [part.outcome for part in result.parts] == ["unanswered", "different", "unanswered"]
    assert result.score == 0
    assert result.max_score == Fraction("3.5")


def test_a_response_to_a_part_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"no part 'jakobian'; the parts are jacobian, kind, value\.") as caught:
        grade(ALL, {"jakobian": "1"})
    assert caught.value.field == "responses.jakobian"


def test_a_choice_is_shown_in_words_and_not_as_mathematics() -> None:
    kind = grade_part(KIND, "concave")
    assert (kind.outcome, kind.read_as, kind.read_as_mathml) == ("different", "it is concave", "")
    assert kind.feedback[0] == "Another option is right."
    assert kind.mistake == "convex-concave-swapped"


def test_mathematics_is_shown_as_mathml() -> None:
    assert grade_part(VALUE, "1/3").read_as_mathml.startswith("<math")


@pytest.mark.parametrize(
    ("disclose", "told", "untold"),
    [
        ("none", [], ["another value"]),
        ("some", ["another value than the right one for some x"], ["=", "7"]),
        ("point", ["at x = "], ["yours is"]),
        ("values", ["at x = ", "yours is", "the right one"], []),
    ],
)
def test_only_so_much_is_told_as_the_problem_discloses(disclose: str, told: list[str], untold: list[str]) -> None:
    slope = part("slope", "expression", "7 x^2", variables={"x": {}}, settings={"disclose": disclose})
    result = grade_part(slope, "x^2 + 1")
    words = " ".join(result.feedback)
    assert isinstance(result.evidence, Counterexample)
    assert all(each in words for each in told)
    assert not any(each in words for each in untold)


@pytest.mark.parametrize(
    ("answer", "response", "settings", "outcome"),
    [
        ("x^2", "x^2 + C", {"up_to": "constant"}, "equal"),
        ("x^2", "x^2 + C", {}, "invalid"),
        ("c x", "k x", {"up_to": {"renaming": ["c"]}}, "equal"),
        ("x^2 c", "x^2 c + c", {"up_to": {"constant": ["x"]}}, "equal"),
        ("x", "x^2/x", {"strict": True}, "different"),
    ],
)
def test_a_part_leaves_open_what_it_says(answer: str, response: str, settings: dict[str, Any], outcome: str) -> None:
    slope = part("slope", "expression", answer, variables={"x": {}, "c": {}}, settings=settings)
    assert grade_part(slope, response).outcome == outcome


SECRETS = [
    ("expression", "7919 x", "x", {"x": {}}),
    ("number", "7919", "7920", {}),
    ("number", "7919/13", "1", {}),
    ("vector", "[7919, 7919]", "[1, 2]", {}),
    ("matrix", "[[7919, 7919], [7919, 7919]]", "[[1, 2], [3, 4]]", {}),
    ("table", "[[7919], [7919]]", "[[1], [2]]", {}),
    ("list", "7919, 7919 x", "1, 2", {"x": {}}),
    ("set", "{7919, 7919 x}", "{1, 2}", {"x": {}}),
]


@pytest.mark.parametrize(("type", "key", "response", "variables"), SECRETS)
def test_the_key_is_not_in_what_a_student_gets(type: str, key: str, response: str, variables: dict[str, Any]) -> None:
    result = grade(variant(part("p", type, key, variables=variables)), {"p": response})
    assert result.parts[0].outcome == "different"
    assert "7919" not in json.dumps(for_student(result.to_json()))
    assert result.to_json()["parts"][0]["details"] is not None


def test_points_are_exact() -> None:
    third = part("third", "vector", "[1, 2, 3]", "1/10")
    result = grade(variant(third, third), {"third": "[1, 2, 4]"})
    assert result.score == Fraction(2, 15)
    assert Result.from_json(json.loads(json.dumps(result.to_json()))).score == Fraction(2, 15)


def test_an_undecided_part_goes_to_a_person_and_is_not_wrong() -> None:
    result = undecided(VALUE.id, VALUE.points, OutOfBudget("it took longer than 1 seconds", "time"))
    assert (result.outcome, result.score, result.max_score) == ("undecided", 0, Fraction(1, 2))
    assert "person" in result.feedback[0]


def test_a_second_reading_is_asked_about() -> None:
    slope = part("slope", "expression", "e^(2x)", variables={"x": {}}, feedback={"wrong": "No."})
    result = grade_part(slope, "e^2x")
    assert (result.outcome, result.score) == ("ambiguous", 0)
    assert "e^2*x" in " ".join(result.feedback)
    assert "No." not in result.feedback


def test_notices_of_the_reader_come_first() -> None:
    assert grade_part(VALUE, "x = 1/3").feedback == ("The part x = is left out.",)


def test_a_preview_reads_and_does_not_judge() -> None:
    assert read_part(VALUE, "50%").notices[0].text
    with pytest.raises(AnswerError):
        read_part(KIND, "flat")


def test_the_notation_of_the_problem_is_used() -> None:
    log = part("log", "number", "2", notation={"log_base_ten": True})
    assert grade_part(log, "log(100)").outcome == "equal"
    comma = part("comma", "number", "1/2", notation={"decimal_comma": True})
    assert grade_part(comma, "0,5").outcome == "equal"


def test_the_same_responses_have_the_same_result() -> None:
    responses = {"jacobian": "[[2x y, x],[cos(x), 0]]", "kind": "neither", "value": "0.3"}
    assert grade(ALL, responses) == grade(ALL, responses)


words = st.text(max_size=12)
points = st.fractions(min_value=0, max_value=100, max_denominator=60)
places = st.lists(st.tuples(words, words), max_size=3).map(tuple)
evidences: dict[type[Evidence], st.SearchStrategy[Evidence]] = {
    Proof: st.builds(Proof, words),
    Counterexample: st.builds(Counterexample, places, words, words),
    Agreement: st.builds(Agreement, st.integers(1, 99), st.integers(1, 99)),
    Undefined: st.builds(Undefined, places, words),
    TypeMismatch: st.builds(TypeMismatch, words, words),
    Unreadable: st.builds(Unreadable, words, st.integers(0, 9), st.integers(0, 9), words),
    OutOfBudget: st.builds(OutOfBudget, words, words),
    Contradiction: st.builds(Contradiction, words, words),
    WrongForm: st.builds(WrongForm, words, words),
    Unmet: st.builds(Unmet, words, words),
    PersonReads: st.builds(PersonReads, st.integers(1, 20)),
}
evidence = st.none() | st.one_of([evidences[kind] for kind in EVIDENCE_KINDS])
outcomes = st.sampled_from([*map(str, Outcome), "unanswered"])
entries = st.builds(EntryResult, st.lists(st.integers(1, 9), min_size=1, max_size=2).map(tuple), outcomes, evidence)
parts = st.builds(
    PartResult,
    id=words,
    score=points,
    max_score=points,
    outcome=outcomes,
    evidence=evidence,
    feedback=st.lists(words, max_size=3).map(tuple),
    mistake=st.none() | words,
    entries=st.lists(entries, max_size=3).map(tuple),
    read_as=words,
    read_as_mathml=words,
)


@given(st.lists(parts, max_size=3).map(tuple))
def test_a_result_survives_json_exactly(results: tuple[PartResult, ...]) -> None:
    result = Result.of(results)
    again = Result.from_json(json.loads(json.dumps(result.to_json())))
    assert again == result
    assert again.to_json() == result.to_json()
