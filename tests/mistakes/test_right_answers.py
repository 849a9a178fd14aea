"""No right answer is ever called a mistake, however it is written."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.answers.base import Context
from grader.calculus.task_fields import TaskError
from grader.calculus.tasks import solve
from grader.checking.domain import ANYTHING
from grader.checking.equality import decide
from grader.checking.verdict import Outcome
from grader.errors import GraderError
from grader.mistakes.diagnosing import Wrong, diagnose
from grader.mistakes.questions import question_of
from grader.reading.tree import Tree, add, multiply, name, neg, number, power
from tests.calculus.trees import SMOOTH, expressions

QUICK = settings(max_examples=60, suppress_health_check=list(HealthCheck))
X = name("x")


def read(text: str) -> Tree:
    return name(text)


def rewritten(key: Tree) -> list[Tree]:
    """The same value, written in other ways."""
    zero = add(X, neg(X))
    return [
        key,
        neg(neg(key)),
        multiply(key, number(1)),
        add(key, zero),
        multiply(number(2), key, power(number(2), -1)),
    ]


@QUICK
@given(expressions(SMOOTH, most=5), st.integers(1, 2))
def test_a_right_derivative_has_no_mistake_in_it(function: Tree, order: int) -> None:
    task = {"derivative": function, "by": "x", "order": order}
    try:
        key = solve(task, read).key
        question = question_of(task, read)
    except (TaskError, GraderError):
        return
    assert isinstance(key, Tree)
    assert question is not None
    for response in rewritten(key):
        found = diagnose(question, Wrong(response, key, Context.of(ANYTHING)))
        assert found is None, (function, found.id)


@QUICK
@given(expressions(SMOOTH, most=5), expressions(SMOOTH, most=4))
def test_what_has_a_mistake_differs_from_the_key(function: Tree, response: Tree) -> None:
    task = {"gradient": function, "by": ["x", "y"]}
    try:
        key = solve(task, read).key
        question = question_of(task, read)
    except (TaskError, GraderError):
        return
    assert isinstance(key, Tree)
    assert question is not None
    answer = Tree("vector", (response, key.args[1]))
    found = diagnose(question, Wrong(answer, key, Context.of(ANYTHING)))
    if found is not None:
        assert decide(response, key.args[0]).outcome is not Outcome.EQUAL, (function, response, found.id)
