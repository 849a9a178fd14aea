"""The words for kinds, sizes and entries that a student is shown about an answer."""

from __future__ import annotations

from grader.answers.grids import Grid, grid_of
from grader.checking.verdict import Counterexample, Outcome, OutOfBudget, Undefined, Verdict
from grader.reading.tree import Tree

_KINDS = {
    "set": "a set",
    "list": "a list",
    "interval": "an interval",
    "union": "a union of intervals",
    "or": "several alternatives",
    "and": "several conditions",
    "empty": "the empty set",
}
NOT_SCALAR = frozenset({*_KINDS, "relation", "vector", "matrix", "row"})
MOST_NAMED = 3  # variables that are named one by one


def kind_words(tree: Tree) -> str:
    """What kind of thing the tree is: "a vector of 2 entries", "an equation", "an expression"."""
    if tree.kind == "relation":
        signs = tree.value.split()
        if set(signs) == {"="}:
            return "an equation" if len(signs) == 1 else "several equations in one"
        return "a membership" if signs == ["in"] else "an inequality"
    if tree.kind in _KINDS:
        return _KINDS[tree.kind]
    grid = grid_of(tree)
    if grid is not None:
        return size_words(grid)
    return "a number" if tree.kind == "number" else "an expression"


def hint_of(tree: Tree, expected: str) -> str:
    """What to write instead, where another notation for the same is likely: `0,5`, `{1, 2}` for a vector."""
    if tree.kind == "list" and len(tree.args) == 2 and all(each.value.isdigit() for each in tree.args):
        whole, digits = tree.args
        return f"Write a decimal point: {whole.value}.{digits.value}." if whole.end + 1 == digits.start else ""
    if tree.kind == "set" and "matrix" in expected:
        return "Write every row in square brackets: [[a, b], [c, d]]."
    return "Write it in square brackets: [a, b]." if tree.kind == "set" and "vector" in expected else ""


def size_words(grid: Grid) -> str:
    """The size: "a vector of 3 entries", "a column of 2 entries", "a 2 by 3 matrix"."""
    rows, columns = grid.shape
    if grid.flat or (1 in grid.shape and rows != columns):
        entries = count_words(max(rows, columns), "entry", "entries")
        if grid.flat:
            return f"a vector of {entries}"
        return f"a row of {entries}" if grid.layout == "row" else f"a column of {entries}"
    return f"a {rows} by {columns} matrix"


def count_words(number: int, one: str, many: str) -> str:
    """A number with its noun: "1 entry", "3 entries"."""
    return f"{number} {one if number == 1 else many}"


def place_words(index: tuple[int, ...]) -> str:
    """The place of an entry: "2", "(1,2)"."""
    return str(index[0]) if len(index) == 1 else f"({','.join(map(str, index))})"


def explain(verdict: Verdict, disclose: str) -> tuple[str, ...]:
    """What a student may be told about a verdict; the value of the key only where the problem discloses it.

    >>> from grader.checking.verdict import Counterexample, Outcome
    >>> explain(Verdict(Outcome.DIFFERENT, Counterexample((("x", "2"),), "1", "4")), "point")
    ('Your answer has another value than the right one at x = 2.',)
    """
    evidence = verdict.evidence
    if verdict.outcome is Outcome.EQUAL:
        return ()
    if isinstance(evidence, Counterexample):
        return _explain_counterexample(evidence, disclose)
    if isinstance(evidence, Undefined) and verdict.outcome is Outcome.DIFFERENT:
        return _explain_undefined(evidence, disclose)
    if isinstance(evidence, Undefined):
        reason = evidence.reason
        return (f"Your answer has no real value: {reason}." if reason else "Your answer has no real value.",)
    if isinstance(evidence, OutOfBudget) or verdict.outcome is Outcome.UNDECIDED:
        return ("Your answer could not be decided automatically. A person will look at it; it is not marked wrong.",)
    return (str(evidence),)


def _explain_counterexample(evidence: Counterexample, disclose: str) -> tuple[str, ...]:
    if disclose == "none":
        return ()
    what = evidence.of or "value"
    if not evidence.point:
        shown = f" Yours is {evidence.response_value}, the right one {evidence.answer_value}."
        return (f"Your answer has another {what} than the right one.{shown if disclose == 'values' else ''}",)
    if disclose == "some":
        names = " and ".join(name for name, _ in evidence.point)
        names = names if len(evidence.point) <= MOST_NAMED else "values of the variables"
        return (f"Your answer has another {what} than the right one for some {names}.",)
    at = ", ".join(f"{name} = {value}" for name, value in evidence.point)
    shown = f": yours is {evidence.response_value}, the right one {evidence.answer_value}"
    return (f"Your answer has another {what} than the right one at {at}{shown if disclose == 'values' else ''}.",)


def _explain_undefined(evidence: Undefined, disclose: str) -> tuple[str, ...]:
    if disclose == "none":
        return ()
    reason = f": {evidence.reason}" if evidence.reason else ""
    if disclose == "some" or not evidence.point:
        return (f"Your answer is not defined everywhere where it should be{reason}.",)
    at = ", ".join(f"{name} = {value}" for name, value in evidence.point)
    return (f"Your answer is not defined at {at}, where the right one is{reason}.",)
