"""Where an answer to a task is judged: where the function that was asked about has a value.

The derivative of `ln(sqrt(x))` is worked out as `1/(2x)`, which has values for negative x too; the
function has none there, and neither need its derivative have.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from grader.answers.base import Context
from grader.checking.domain import Domain
from grader.checking.identical import Numbering
from grader.checking.sampling import VariableDomain
from grader.checking.value_ranges import where_defined
from grader.mistakes.questions import GRIDS, Question
from grader.reading.tree import Tree

DIFFERENTIATED = GRIDS | {"directional"}


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
