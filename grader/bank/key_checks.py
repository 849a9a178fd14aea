"""Keys checked by what their parts say of them: a derivative by differences, a set by its condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.answers import BY_NAME
from grader.answers.base import Answer, Context, Settings, judge_response
from grader.answers.indexed_expression import IndexedExpressionSettings, ranges_of
from grader.answers.scalars import compare
from grader.answers.settings import validate_settings
from grader.bank.declared_checks import MATRIX
from grader.bank.drawing import Value, Word
from grader.bank.following import values_for
from grader.bank.problem import Options, Part, Problem
from grader.bank.values import Values
from grader.calculus.matrix_checks import check_indexed_derivative, check_matrix_derivative
from grader.calculus.second_routes import KeyCheckFailed, verify_derivative
from grader.calculus.set_checks import check_solutions
from grader.calculus.tasks import Solved
from grader.calculus.verifying import verify_task
from grader.checking.domain import Domain
from grader.checking.verdict import Outcome
from grader.errors import AnswerError, BankError, GraderError
from grader.mistakes.recipes import entries_of
from grader.reading.printing import to_text
from grader.reading.tree import Tree

GRIDS = frozenset({"vector", "matrix"})


@dataclass(frozen=True, slots=True)
class _Checked:
    """A key with what is known of its part."""

    key: Tree
    by: Tree | None
    part: Part
    settings: Settings
    problem: Problem

    @property
    def domain(self) -> Domain:
        """Where the variables lie."""
        return self.problem.domain


def check_faults(problem: Problem, values: Values) -> Iterator[BankError]:
    """The keys of a variant of which what the part says is not so."""
    for part in problem.parts:
        if not (part.checks or part.task) or isinstance(part.answer, Options):
            continue
        inner = values_for(part, values)
        key = inner.solve(part.answer).value
        if part.task is not None and isinstance(key, Tree) and not _solves(key, inner.solve(part.task).value, problem):
            message = "The task of the part leads to another answer than its key."
            yield problem.document.error((*part.path, "task"), message, "Mend the task or the `answer`.")
        if isinstance(key, Word):
            continue
        settings = validate_settings(BY_NAME[part.type], part.settings)
        for check in part.checks:
            try:
                by = None if check.by is None else inner.put_in(check.by)
                _CHECKS[check.form](inner.put_in(check.tree), _Checked(key, by, part, settings, problem))
            except BankError as error:
                yield error
            except AnswerError as error:
                yield values.fault(check.path, replace(error, repair=""))
            except GraderError as error:
                yield values.fault(check.path, error)


def _solves(key: Tree, found: Value, problem: Problem) -> bool:
    """Whether the key has the entries of the solution of a task, in the same order."""
    if isinstance(found, Word):
        return False
    mine, theirs = entries_of(key), entries_of(found)
    context = Context(problem.domain, problem.vocabulary)
    return len(mine) == len(theirs) and all(
        compare(*pair, None, context).outcome is Outcome.EQUAL for pair in zip(mine, theirs, strict=True)
    )


def _derivative(function: Tree, checked: _Checked) -> None:
    by, domain = checked.by, checked.domain
    if by is None:
        return
    if checked.part.type == MATRIX:
        check_matrix_derivative(function, by.value, checked.key, domain)
    elif isinstance(checked.settings, IndexedExpressionSettings):
        context = Context(domain, checked.problem.vocabulary)
        check_indexed_derivative(function, by, checked.key, ranges_of(checked.settings, context), domain)
    elif by.kind == "matrix":
        _by_entries(function, by, checked.key, domain)
    else:
        task = _task(function, by)
        verify_task(task, Solved(checked.key, checked.part.type), _names, domain)


def _task(function: Tree, by: Tree) -> dict[str, object]:
    """The derivative as a task, of which the key is checked."""
    if by.kind == "name":
        return {"derivative": function, "by": by.value}
    form = "jacobian" if function.kind in GRIDS else "gradient"
    asked: object = list(function.args) if form == "jacobian" else function
    return {form: asked, "by": [name.value for name in by.args]}


def _names(text: str) -> Tree:
    return Tree("name", (), text)


def _by_entries(function: Tree, by: Tree, key: Tree, domain: Domain) -> None:
    """The derivative by each entry of a matrix that is written out stands in the place of this entry."""
    if key.kind != "matrix" or [len(row.args) for row in key.args] != [len(row.args) for row in by.args]:
        raise KeyCheckFailed("shapes", "The key has not the shape of the matrix by which is differentiated.")
    for names, row in zip(by.args, key.args, strict=True):
        for name, entry in zip(names.args, row.args, strict=True):
            verify_derivative(function, name.value, entry, domain)


def _antiderivative(function: Tree, checked: _Checked) -> None:
    if checked.by is not None:
        verify_derivative(checked.key, checked.by.value, function, checked.domain)


def _solutions(condition: Tree, checked: _Checked) -> None:
    if checked.by is not None:
        check_solutions(condition, checked.by.value, checked.key, checked.domain)


def _equal(other: Tree, checked: _Checked) -> None:
    """The other way to the key is judged as a student's answer is."""
    context = Context(checked.domain, checked.problem.vocabulary)
    kind: Any = BY_NAME[checked.part.type]
    verdict = judge_response(kind, Answer(other), checked.key, checked.settings, context).verdict
    if verdict.outcome is not Outcome.EQUAL:
        message = f"It gives {to_text(other)[:80]}, and that is judged {verdict.outcome.value}. {verdict.evidence}"
        raise KeyCheckFailed("the other way", message)


_CHECKS: Mapping[str, Callable[[Tree, _Checked], None]] = {
    "derivative_of": _derivative,
    "antiderivative_of": _antiderivative,
    "solutions_of": _solutions,
    "equals": _equal,
}
