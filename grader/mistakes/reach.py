"""Where an answer to a task is judged: where the function that was asked about has a value.

The derivative of `ln(sqrt(x))` is worked out as `1/(2x)`, which has values for negative x too; the
function has none there, and neither need its derivative have. Where such values of one variable depend
on the others, or are left on two sides of a gap, the key is cut down to where the function has a value.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grader.answers.base import Answer, AnswerType, Checked, Context, Settings, judge_response
from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import enclose
from grader.checking.domain import Domain
from grader.checking.identical import Numbering
from grader.checking.programs import MissingName, NotScalar
from grader.checking.sampling import VariableDomain
from grader.checking.value_ranges import where_defined
from grader.checking.verdict import Counterexample, Outcome, Undefined
from grader.mistakes.questions import GRIDS, Question
from grader.reading.tree import Tree, add, number, power

DIFFERENTIATED = GRIDS | {"directional"}
_SHAPED = frozenset({"vector", "matrix", "row"})


def within_reach(
    checked: Checked,
    kind: AnswerType[Any],
    response: Answer,
    key: Tree,
    settings: Settings,
    context: Context,
    question: Question,
) -> Checked:
    """The verdict once more, where it rests on values for which the functions asked about have none."""
    if question.form not in DIFFERENTIATED or question.at or checked.verdict.outcome is not Outcome.DIFFERENT:
        return checked
    if not _is_outside(question, checked):
        return checked
    return judge_response(kind, response, _cut(key, question.functions), settings, context)


def _is_outside(question: Question, checked: Checked) -> bool:
    """Whether the difference was found where a function that was asked about has no value."""
    found = [checked.verdict, *(entry.verdict for entry in checked.entries)]
    for verdict in found:
        if not isinstance(verdict.evidence, Counterexample | Undefined):
            continue
        try:
            point = {name: Fraction(text) for name, text in verdict.evidence.point}
            for function in question.functions:
                enclose(function, point)
        except NoValue:
            return True
        except (ValueError, Unclear, MissingName, NotScalar):
            continue
    return False


def _cut(key: Tree, functions: tuple[Tree, ...]) -> Tree:
    """The key with values only where the functions have them: their squares are nowhere negative."""
    if key.kind in _SHAPED:
        return key._replace(args=tuple(_cut(each, functions) for each in key.args))
    for function in functions:
        has_value = Tree("relation", (add(power(function, 2), number(1)), number(0)), ">")
        key = Tree("piecewise", (Tree("case", (key, has_value)),))
    return key


def where_asked(question: Question | None, context: Context) -> Context:
    """The context without values of the variables for which the functions asked about have no value."""
    if question is None or question.form not in DIFFERENTIATED:
        return context
    domain = _where_all_defined(question.functions, context.domain)
    return context if domain == context.domain else replace(context, domain=domain)


@lru_cache(maxsize=256)
def _where_all_defined(functions: tuple[Tree, ...], domain: Domain) -> Domain:
    """The part of the domain on which all of the functions may have a value; all of it where that is empty."""
    found = domain
    for function in functions:
        numbering = Numbering()
        found = where_defined(numbering.nodes, numbering.of(function), found)
    return found if all(map(_has_values, found.variables.values())) else domain


def _has_values(variable: VariableDomain) -> bool:
    """Whether any number is left for a variable."""
    if variable.integer:
        return any(next(interval.integers(1), None) is not None for interval in variable.intervals)
    return bool(variable.intervals)
