from __future__ import annotations

import itertools
from typing import Any

import pytest

import grader
from grader.checking.verdict import Counterexample, Outcome, Unreadable
from grader.errors import InvalidRequest
from grader.pairs import Pair, check, judge, pair_from_json

FIELDS = {"id", "outcome", "evidence", "message", "read_as", "elapsed_ms"}


def line(**given: Any) -> dict[str, Any]:
    return judge(pair_from_json({"id": "1", **given})).to_json()


def test_a_line_out_has_the_fields_of_the_contract() -> None:
    out = line(response="12x^2 - 5", answer="12*x**2 - 5", variables={"x": {}})
    assert set(out) == FIELDS
    assert out["id"] == "1"
    assert (out["outcome"], out["evidence"]) == ("equal", "proved")
    assert out["read_as"] == "12*x^2 - 5"
    assert out["elapsed_ms"] >= 0


@pytest.mark.parametrize(
    ("given", "outcome", "evidence"),
    [
        ({"response": "2x", "answer": "3x"}, "different", "counterexample"),
        ({"response": "ln x", "answer": "ln|x|"}, "different", "undefined"),
        ({"response": "x = 3 = 4", "answer": "3"}, "invalid", "type"),
        ({"response": "2+", "answer": "3"}, "invalid", "unreadable"),
        ({"response": "", "answer": "3"}, "invalid", "unreadable"),
        ({"response": "e^2x", "answer": "e^(2x)"}, "ambiguous", "counterexample"),
        ({"response": "[1,2]", "answer": "[1;2]", "type": "vector"}, "equal", "proved"),
        ({"response": "[1;2]", "answer": "[1,2]", "type": "vector", "layout": "row"}, "different", "type"),
        ({"response": "3.14", "answer": "pi", "type": "number"}, "different", "counterexample"),
        (
            {"response": "3.14", "answer": "pi", "type": "number", "tolerance": {"absolute": 0.01}},
            "equal",
            "proved",
        ),
        ({"response": [[1, 2], [0.8, "8/5"]], "answer": "[[1,2],[.8,1.6]]", "type": "table"}, "equal", "proved"),
        ({"response": "1, -1", "answer": "{-1, 1}", "type": "set"}, "equal", "proved"),
        ({"response": "Convex", "answer": "convex", "type": "choice"}, "equal", "proved"),
        ({"response": "k", "answer": "x", "variables": {"x": {}}}, "invalid", "unreadable"),
        ({"response": "k", "answer": "x", "variables": {"x": {}, "k": {}}}, "different", "counterexample"),
        ({"response": "sqrt(x^2)", "answer": "x", "variables": {"x": {"in": ["0", "1"]}}}, "equal", None),
        ({"response": "cos(2 pi n)", "answer": "1", "variables": {"n": {"integer": True}}}, "equal", None),
    ],
)
def test_judging(given: dict[str, Any], outcome: str, evidence: str | None) -> None:
    out = line(**given)
    assert out["outcome"] == outcome
    assert evidence is None or out["evidence"] == evidence
    assert out["message"]


def test_without_an_answer_the_response_is_only_read() -> None:
    out = line(response="y = 2x", answer=None)
    assert (out["outcome"], out["evidence"], out["read_as"]) == ("read", None, "2*x")
    assert "left out" in out["message"]
    assert line(response="2x +", answer=None)["outcome"] == "invalid"


def test_an_unreadable_response_says_where() -> None:
    judgement = judge(Pair("2*(x+1", "x"))
    assert isinstance(judgement.evidence, Unreadable)
    assert 0 <= judgement.evidence.start <= judgement.evidence.end <= 6
    assert judgement.read_as is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"answer": "x"}, "response"),
        ({"response": 5, "answer": "x"}, "response"),
        ({"response": "x", "answer": 5}, "answer"),
        ({"response": "x", "answer": "2x +"}, "answer"),
        ({"response": "x", "answer": "[1,2]"}, "answer"),
        ({"response": "x", "answer": "y", "variables": {"x": {}}}, "answer"),
        ({"response": "x", "answer": "x", "type": "expresion"}, "type"),
        ({"response": "x", "answer": "x", "type": 3}, "type"),
        ({"response": "x", "answer": "x", "notation": "word"}, "notation"),
        ({"response": "x", "answer": "x", "answer_notation": "word"}, "answer_notation"),
        ({"response": "x", "answer": "x", "variables": ["x"]}, "variables"),
        ({"response": "x", "answer": "x", "variables": {"x": {"in": "nowhere"}}}, "variables.x.in"),
        ({"response": "1", "answer": "1", "type": "number", "tolerance": 0.1}, "tolerance"),
        ({"response": "1", "answer": "1", "type": "number", "tolerance": {"absolut": 0.1}}, "tolerance"),
        ({"response": "1", "answer": "1", "type": "number", "tolerance": {"absolute": True}}, "tolerance"),
        ({"response": "1", "answer": "1", "type": "number", "tolerance": {}}, "tolerance"),
        ({"response": "1", "answer": "1", "tolerance": {"absolute": 0.1}}, "tolerance"),
        ({"response": "1", "answer": "1", "layout": "row"}, "layout"),
        ({"response": "[1]", "answer": "[1]", "type": "vector", "layout": "slanted"}, "layout"),
        ({"response": "x", "answer": "x", "id": ["1"]}, "id"),
        ({"response": "x", "answer": "x", "task": {"derivative": "x^2", "by": "x"}}, "task"),
        ({"response": "x", "task": "x^2"}, "task"),
        ({"response": "x", "task": {}}, "task"),
        ({"response": "x", "task": {"derivative": "x", "by": "x", "steps": float("nan")}}, "task.steps"),
        ({"response": "x", "task": {"derivative": "x^2"}}, "task"),
        ({"response": "x", "task": {"derivative": "x^2)", "by": "x"}}, "task.derivative"),
        ({"response": "x", "task": {"derivative": "x^2", "by": "2"}}, "task.by"),
        ({"response": "x", "task": {"derivative": "x^2", "by": "x", "order": 99}}, "task.order"),
        ({"response": "x", "task": {"derivative": "x^2", "by": "x", "wrt": "x"}}, "task.wrt"),
        ({"response": "x", "task": {"derivative": "x^2", "by": "x"}, "type": "matrix"}, "type"),
        ({"response": "x", "task": {"derivative": "y^2", "by": "x"}, "variables": {"x": {}}}, "task.derivative"),
        (
            {"response": "1", "task": {"descent": "x^2", "by": "x", "start": "1", "rate": "1", "steps": 101}},
            "task.steps",
        ),
        (
            {"response": "1", "task": {"descent": "sin(x)", "by": "x", "start": "1", "rate": "1", "steps": 3}},
            "tolerance",
        ),
        ({"response": "[1]", "task": {"gradient": [[[[["x"]]]]], "by": "x"}}, "task.gradient"),
    ],
)
def test_what_the_caller_got_wrong_is_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        judge(pair_from_json({"id": "1", **given}))
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


def test_fields_of_the_callers_own_are_left_alone() -> None:
    assert line(response="x", answer="x", topic="warm-up")["outcome"] == "equal"


def test_the_time_is_that_of_the_clock_given() -> None:
    ticks = itertools.count(step=0.25)
    assert judge(Pair("x", "x"), clock=lambda: next(ticks)).elapsed_ms == 250


def test_the_same_pair_has_the_same_judgement() -> None:
    for response in ("sin(x)^2 + cos(x)^2", "x + 1", "sqrt(x^2)", "2 +"):
        first, second = (judge(Pair(response, "1"), clock=lambda: 0.0) for _ in range(2))
        assert first == second


def test_check_is_the_face_of_the_package() -> None:
    verdict = grader.check("2x", "3x", variables={"x": {}})
    assert verdict.outcome is Outcome.DIFFERENT
    assert isinstance(verdict.evidence, Counterexample)
    assert str(verdict).startswith("different: At x = ")
    assert check("[1,2]", "[1;2]", type="vector").outcome is Outcome.EQUAL
    assert check("0.33", "1/3", type="number", tolerance={"decimal_places": 2}).outcome is Outcome.EQUAL


@pytest.mark.parametrize(
    ("task", "response", "outcome"),
    [
        ({"derivative": "ln(sqrt(x))", "by": "x"}, "1/sqrt(x) * 1/(2*sqrt(x))", "equal"),
        ({"derivative": "ln(sqrt(x))", "by": "x"}, "1/(2x)", "equal"),
        ({"derivative": "ln(sqrt(x))", "by": "x"}, "1/abs(2x)", "equal"),
        ({"derivative": "ln(sqrt(x))", "by": "x"}, "1/sqrt(x)", "different"),
        ({"derivative": "ln(sqrt(x-1))", "by": "x"}, "1/sqrt(x-1) * 1/(2*sqrt(x-1))", "equal"),
        ({"derivative": "ln(1/sqrt(x))", "by": "x"}, "sqrt(x)*(-1/2)*x^(-3/2)", "equal"),
        ({"derivative": "x^(1/2)*x^(3/2)", "by": "x"}, "1/2*x^(-1/2)*x^(3/2) + 3/2*x^(1/2)*x^(1/2)", "equal"),
        ({"derivative": "e^(2*ln(x))", "by": "x"}, "e^(2*ln(x))*2/x", "equal"),
        ({"gradient": "ln(sqrt(x)) + y", "by": ["x", "y"]}, "[1/sqrt(x) * 1/(2*sqrt(x)), 1]", "equal"),
        ({"derivative": "ln(sqrt(x^2-1))", "by": "x"}, "1/sqrt(x^2-1) * x/sqrt(x^2-1)", "equal"),
        ({"derivative": "ln(sqrt(x^2-16))", "by": "x"}, "2x/(x^2-16)", "different"),
        ({"derivative": "ln(sqrt(x*y))", "by": "x"}, "1/sqrt(x*y) * y/(2*sqrt(x*y))", "equal"),
        ({"gradient": "ln(sqrt(x*y))", "by": ["x", "y"]}, "[1/sqrt(x*y) * y/(2*sqrt(x*y)), 1/(2y)]", "equal"),
        ({"gradient": "ln(sqrt(x*y))", "by": ["x", "y"]}, "[1/sqrt(x*y) * y/(2*sqrt(x*y)), 1/y]", "different"),
        ({"derivative": "ln|x|", "by": "x"}, "1/x", "equal"),
        ({"derivative": "ln|x|", "by": "x"}, "1/sqrt(x)^2", "different"),
        ({"derivative": "x^2", "by": "x"}, "2*sqrt(x)^2", "different"),
    ],
)
def test_a_task_is_judged_where_its_function_has_a_value(task: dict[str, Any], response: str, outcome: str) -> None:
    out = line(task=task, response=response)
    assert out["outcome"] == outcome, out["message"]
    assert outcome == "different" or out["mistake"] is None


def test_the_order_of_names_in_evidence_is_theirs() -> None:
    names = ["d", "b", "x", "a", "c"]
    settings = {"variables": {each: {} for each in names}, "up_to": "constant"}
    message = line(answer="+".join(names), response="floor(x) + " + "+".join(names), **settings)["message"]
    first, second = message.split(" with the constant that fits at ")
    for text in (first, second):
        assert [text.index(f"{each} = ") for each in sorted(names)] == sorted(
            text.index(f"{each} = ") for each in names
        )
