"""Answers that follow from one mistake in one of the quantities that a key is worked out from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from grader.errors import GraderError
from grader.mistakes.gradients import mistaken_gradients
from grader.mistakes.matrices import other_products
from grader.mistakes.points import has_angles, in_degrees
from grader.mistakes.recalling import Recalled
from grader.mistakes.recipes import Recipe, Step, functions_of, orders_of
from grader.mistakes.slips import slips, slips_throughout
from grader.mistakes.slopes import CANNOT, Slope
from grader.mistakes.steps_taken import changed_descents
from grader.reading.tree import ZERO, Tree, divide, matrix, multiply, names_in, number, substitute, vector

MOST_CANDIDATES = 240
MOST_OF_A_STEP = 80


class Reworked(NamedTuple):
    """A mistake and the answer that follows from it; `is_local` where it may be made entry by entry."""

    mistake: str
    answer: Tree
    is_local: bool = True


_RECALLED: Recalled[Reworked] = Recalled()


def reworked(recipe: Recipe) -> Sequence[Reworked]:
    """Answers with one mistake on the way to them, those of a descent first."""
    return _RECALLED.get(recipe.told, lambda: islice(_all(recipe), MOST_CANDIDATES))


def _all(recipe: Recipe) -> Iterator[Reworked]:
    for mistake, values in changed_descents(recipe):
        yield from _answer(recipe, mistake, values, {}, is_local=False)
    is_numeric = not names_in(recipe.key)
    for step in recipe.steps:
        for mistake, value in islice(_values(recipe, step), MOST_OF_A_STEP):
            if mistake == "term-missing" and is_numeric:
                continue
            yield from _answer(recipe, mistake, {step.name: value}, {})
    for step in recipe.steps:
        if step.formula is not None:
            for mistake, formula in slips(recipe, step):
                yield from _answer(recipe, mistake, {}, {step.name: Step(step.name, formula)})
    for mistake, steps in slips_throughout(recipe):
        yield from _answer(recipe, mistake, {}, steps, is_local=False)


def _answer(
    recipe: Recipe, mistake: str, values: Mapping[str, Tree], steps: Mapping[str, Step], *, is_local: bool = True
) -> Iterator[Reworked]:
    try:
        yield Reworked(mistake, recipe.answer(values, steps), is_local)
    except (GraderError, *CANNOT):
        return


def _values(recipe: Recipe, step: Step) -> Iterator[tuple[str, Tree]]:
    """Wrong values of one step."""
    find = _FINDERS.get(step.kind)
    if find is None:
        return
    try:
        if step.fields.get("at"):
            yield "not-evaluated", replace(step, fields={**step.fields, "at": {}}).from_(recipe.right)
        found = find(step.placed(recipe.right), not names_in(recipe.key))
        yield from _of_derivative(found) if _is_of_derivative(recipe, step) else found
    except (GraderError, *CANNOT):
        return


def _is_of_derivative(recipe: Recipe, step: Step) -> bool:
    """Whether a derivative is taken of what is a derivative itself."""
    function = step.fields.get("derivative")
    before = recipe.step(function.value) if isinstance(function, Tree) and function.kind == "name" else None
    return before is not None and before.kind == "derivative"


def _of_derivative(found: Iterator[tuple[str, Tree]]) -> Iterator[tuple[str, Tree]]:
    """The same, where what is left as it is was differentiated once already."""
    for mistake, tree in found:
        yield "order-too-low" if mistake == "not-differentiated" else mistake, tree


Fields = Mapping[str, Any]


def _names(fields: Fields) -> tuple[str, ...]:
    by = fields["by"]
    return (by,) if isinstance(by, str) else tuple(by)


def _derivative(fields: Fields, of_value: bool) -> Iterator[tuple[str, Tree]]:
    at = fields.get("at") or {}
    slope = Slope(fields["derivative"], orders_of(fields), at, of_value)
    yield from slope.variants()


def _gradient(fields: Fields, of_value: bool) -> Iterator[tuple[str, Tree]]:
    at, names, function = fields.get("at") or {}, _names(fields), fields["gradient"]
    layout = fields.get("layout", "")
    for mistake, entries in mistaken_gradients(function, names, at, of_value=of_value):
        yield mistake, vector(*(substitute(entry, at) if at else entry for entry in entries), layout=layout)


def _jacobian(fields: Fields, of_value: bool) -> Iterator[tuple[str, Tree]]:
    at = fields.get("at") or {}
    rows = [
        [Slope(function, (name,), at, of_value) for name in _names(fields)]
        for function in functions_of(fields["jacobian"])
    ]
    right = [[slope.right for slope in row] for row in rows]
    yield from _in_all_entries(rows, right)


def _in_all_entries(rows: list[list[Slope]], right: list[list[Tree]]) -> Iterator[tuple[str, Tree]]:
    """The same mistake in each entry in which it can be made, in its first form there."""
    first = [[_first_forms(slope) for slope in row] for row in rows]
    for mistake in dict.fromkeys(name for row in first for forms in row for name in forms):
        pairs = (zip(forms, trees, strict=True) for forms, trees in zip(first, right, strict=True))
        yield mistake, matrix(tuple(tuple(form.get(mistake, tree) for form, tree in row) for row in pairs))


def _first_forms(slope: Slope) -> Mapping[str, Tree]:
    found: dict[str, Tree] = {}
    for mistake, tree in slope.all_variants():
        found.setdefault(mistake, tree)
    return found


def _hessian(fields: Fields, of_value: bool) -> Iterator[tuple[str, Tree]]:
    at, names, function = fields.get("at") or {}, _names(fields), fields["hessian"]
    slopes = [[Slope(function, (one, other), at, of_value) for other in names] for one in names]
    right = [[slope.right for slope in row] for row in slopes]
    for factor in (ZERO, number(2), divide(number(1), number(2))):
        rows = [
            [tree if i == j else multiply(factor, tree) for j, tree in enumerate(row)] for i, row in enumerate(right)
        ]
        yield "hessian-off-diagonal", matrix(tuple(map(tuple, rows)))
    yield from _in_all_entries(slopes, right)


def _value(fields: Fields, _of_value: bool) -> Iterator[tuple[str, Tree]]:
    at, tree = fields.get("at") or {}, fields["value"]
    if at and has_angles(tree):
        yield "degrees", substitute(in_degrees(tree), at)


def _unit(fields: Fields, _of_value: bool) -> Iterator[tuple[str, Tree]]:
    yield "not-normalised", fields["unit"]


def _directional(fields: Fields, of_value: bool) -> Iterator[tuple[str, Tree]]:
    at, names = fields.get("at") or {}, _names(fields)
    along = functions_of(fields["along"])
    for mistake, entries in mistaken_gradients(fields["directional"], names, at, of_value=of_value):
        yield mistake, _along(entries, along, at)
    right = tuple(Slope(fields["directional"], (name,)).right for name in names)
    yield "not-normalised", _along(right, along, at)


def _along(entries: tuple[Tree, ...], along: tuple[Tree, ...], at: Mapping[str, Tree]) -> Tree:
    total = Tree("sum", tuple(multiply(*pair) for pair in zip(entries, along, strict=True)))
    return substitute(total, at) if at else total


def _matmul(fields: Fields, _of_value: bool) -> Iterator[tuple[str, Tree]]:
    listed = fields["matmul"]
    factors = tuple(listed) if isinstance(listed, list) else listed.args
    yield from other_products(factors)


def _transpose(fields: Fields, _of_value: bool) -> Iterator[tuple[str, Tree]]:
    yield "matrix-transpose-lost", fields["transpose"]


_FINDERS: Mapping[str, Callable[[Fields, bool], Iterator[tuple[str, Tree]]]] = {
    "derivative": _derivative,
    "gradient": _gradient,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "value": _value,
    "unit": _unit,
    "directional": _directional,
    "matmul": _matmul,
    "transpose": _transpose,
}
