"""From a judged response to the mistake in it, whatever the type of answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.answers.base import Answer, AnswerType, Checked, Context, Settings, is_wrong, judge_response
from grader.answers.choice import option_ids
from grader.answers.grids import grid_of
from grader.answers.literals import evaluate
from grader.answers.scalars import compare
from grader.answers.tolerance import Tolerance
from grader.checking.verdict import Outcome, TypeMismatch
from grader.errors import GraderError
from grader.mistakes.catalogue import MISTAKES, Mistake
from grader.mistakes.diagnosing import Wrong, compare_with_key, diagnose, retrace
from grader.mistakes.matrix_formulas import mistaken_formulas, mistaken_indices
from grader.mistakes.questions import Question
from grader.mistakes.recipes import Recipe
from grader.mistakes.words import mistake_in_words
from grader.reading.tree import Tree, walk

MOST_NODES = 120
SEVERAL = frozenset({"list", "set", "table"})
BY_ID = {mistake.id: mistake for mistake in MISTAKES}
WHOLE = frozenset({"derivative", "gradient", "jacobian", "hessian"})
"""Questions that hold all there is to know of how their answer comes about."""
_TURNED = {("a row", "a column"), ("a column", "a row")}


def recognise(
    kind: AnswerType[Any],
    settings: Settings,
    response: Tree,
    key: Tree,
    checked: Checked,
    context: Context,
    question: Question | None,
    recipe: Callable[[], Recipe | None] | None = None,
) -> Mistake | None:
    """The mistake that explains a response judged to be wrong; None where none does alone.

    A bare pair, with neither a question nor a recipe of its key, says nothing of how the key comes about.
    """
    if not is_wrong(checked):
        return None
    if checked.mistake in BY_ID:
        return BY_ID[checked.mistake]
    evidence = checked.verdict.evidence
    if isinstance(evidence, TypeMismatch) and (evidence.expected, evidence.found) in _TURNED:
        return BY_ID["transposed"] if _is_turned(settings, response, key, context) else None
    if kind.name == "choice":
        options: Mapping[str, str] = getattr(settings, "options", {})
        of_words = mistake_in_words(option_ids(key), option_ids(response), options)
        return None if of_words is None else BY_ID[of_words]
    if kind.name == "matrix-expression":
        return _in_formula(kind, settings, response, key, context, mistaken_formulas(key))
    if kind.name == "indexed-expression":
        return _in_formula(kind, settings, response, key, context, mistaken_indices(key))
    if question is None and recipe is None:
        return None
    wrong = Wrong(response, key, context, _tolerance(settings), is_list=kind.name in SEVERAL)
    found = None if question is None else diagnose(question, wrong)
    if found is None and recipe is not None and (question is None or question.form not in WHOLE):
        found = _retraced(recipe, wrong)
    return found or compare_with_key(wrong)


def _retraced(recipe: Callable[[], Recipe | None], wrong: Wrong) -> Mistake | None:
    try:
        found = recipe()
    except GraderError:
        # The quantities behind the key cannot be worked out once more.
        return None
    return None if found is None else retrace(found, wrong)


def _is_turned(settings: Settings, response: Tree, key: Tree, context: Context) -> bool:
    """Whether a row was given for a column, or the other way round, with the right entries."""
    mine, theirs = grid_of(evaluate(response)), grid_of(evaluate(key))
    if mine is None or theirs is None or len(mine.entries) != len(theirs.entries):
        return False
    pairs = zip(mine.entries, theirs.entries, strict=True)
    return all(compare(*pair, _tolerance(settings), context).outcome is Outcome.EQUAL for pair in pairs)


def _tolerance(settings: Settings) -> Tolerance | None:
    tolerance = getattr(settings, "tolerance", None)
    return tolerance if isinstance(tolerance, Tolerance) else None


def _in_formula(
    kind: AnswerType[Any],
    settings: Settings,
    response: Tree,
    key: Tree,
    context: Context,
    mistaken: Iterator[tuple[str, Tree]],
) -> Mistake | None:
    """The mistake in a formula over matrices or in indices; one whose shapes do not fit must be the very same tree."""
    if sum(1 for tree in (response, key) for _ in walk(tree)) > MOST_NODES:
        return None
    for mistake, formula in mistaken:
        if response == formula:
            return BY_ID[mistake]
        if judge_response(kind, Answer(formula), key, settings, context).verdict.outcome is not Outcome.DIFFERENT:
            continue
        if judge_response(kind, Answer(response), formula, settings, context).verdict.outcome is Outcome.EQUAL:
            return BY_ID[mistake]
    return None
