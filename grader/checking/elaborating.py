"""A tree over declared matrices to a typed term: every shape checked, every shorthand written out.

Two columns side by side do not fit; `dot(x, y)` and `x · y` are their product. A number goes with
every entry of a vector or of a matrix that is not square (`1 - p`); beside a square matrix it could
also mean a multiple of `I`, so there it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from grader.checking.matrix_calls import APPLIED, CALLS, entry_function
from grader.checking.matrix_terms import (
    Term,
    add,
    entrywise,
    number,
    scaled,
    squared_length,
    times,
    transposed,
)
from grader.checking.shapes import (
    ONE,
    SCALAR,
    Misfit,
    Shape,
    Size,
    Unknown,
    declared_shape,
    described,
    fits,
    is_square,
    is_vector,
    letters_of,
    match,
    match_shapes,
    shape_words,
    size_of,
    size_words,
)
from grader.errors import AnswerError
from grader.reading.printing import to_text
from grader.reading.tree import Tree, literal_value, names_in

MOST_SHOWN = 30
LARGEST_POWER = 50
MOST_STEPS = 20_000
LITERALS = frozenset({"neg", "quotient"})
TWO_VECTORS = "Of two vectors there is x^T y, a number, and x .* y, entry by entry."


@dataclass(frozen=True)
class Scope:
    """The shapes of the declared names; any other name is a number."""

    shapes: Mapping[str, Shape]
    letters: frozenset[str]
    steps: list[None] = field(default_factory=list)  # one for each node met: two readings of a part are tried at times

    @classmethod
    def of(cls, declared: Mapping[str, tuple[int | str, ...]]) -> Scope:
        """The scope of declared shapes; arrays of more than two indices are left out."""
        shapes = {name: declared_shape(shape) for name, shape in declared.items()}
        return cls({name: shape for name, shape in shapes.items() if shape}, letters_of(declared.values()))


def elaborate(tree: Tree, scope: Scope) -> Term:
    """The typed term; Misfit names two shapes that do not fit, with their place."""
    build = _KINDS.get(tree.kind)
    scope.steps.append(None)
    if len(scope.steps) > MOST_STEPS:
        raise AnswerError("This is too long to work out.", tree.start, tree.end, "Write it in a shorter form.")
    value = literal_value(tree) if tree.kind in LITERALS else None
    if value is not None:
        return number(value)
    if build is None:
        raise Misfit(
            "This cannot stand in a matrix expression.",
            tree.start,
            tree.end,
            "",
            "a matrix expression",
            "something else",
        )
    return build(tree, scope)


def shown(tree: Tree) -> str:
    """The text of a part of a response, cut where it is long."""
    text = to_text(tree)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def refuse(tree: Tree, message: str, expected: str, found: Shape, repair: str = "") -> NoReturn:
    """Raise Misfit at the tree."""
    raise Misfit(message, tree.start, tree.end, repair, expected, described(found))


def _literal(tree: Tree, _scope: Scope) -> Term:
    value = literal_value(tree)
    if value is None:
        raise AnswerError("This is no number.", tree.start, tree.end)
    return number(value)


def _constant(tree: Tree, _scope: Scope) -> Term:
    if tree.value not in {"pi", "e", "tau"}:
        raise AnswerError(f"{tree.value} cannot stand in a matrix expression.", tree.start, tree.end)
    return Term("constant", SCALAR, (), tree.value)


def _name(tree: Tree, scope: Scope) -> Term:
    shape = scope.shapes.get(tree.value)
    if shape is not None:
        return Term("name", shape, (), tree.value)
    if tree.value in scope.letters:
        return Term("size", SCALAR, (), size_of(tree.value))
    base, _, size = tree.value.partition("_")
    if base == "I" and (size in scope.letters or size.isdigit() or not size):
        dim = Unknown() if not size else size_of(int(size) if size.isdigit() else size)
        return Term("identity", (dim, dim))
    return Term("name", SCALAR, (), tree.value)


def _sum(tree: Tree, scope: Scope) -> Term:
    parts = [(arg, elaborate(arg, scope)) for arg in tree.args]
    shaped = [(arg, term) for arg, term in parts if not term.is_scalar]
    if not shaped:
        return add(*(term for _, term in parts))
    head, first = shaped[0]
    for arg, term in shaped[1:]:
        if not match_shapes(first.shape, term.shape):
            _refuse_sum(tree, (head, first), (arg, term))
    total = add(*(term for _, term in shaped))
    numbers = [(arg, term) for arg, term in parts if term.is_scalar and literal_value(arg) != 0]
    for arg, term in numbers:
        if is_square(first.shape) or names_in(arg) & scope.shapes.keys():
            _refuse_sum(tree, (head, first), (arg, term))
    return entrywise("plus", total, add(*(term for _, term in numbers))) if numbers else total


def _refuse_sum(tree: Tree, left: tuple[Tree, Term], right: tuple[Tree, Term]) -> NoReturn:
    (first, a), (second, b) = left, right
    message = (
        f"{shown(first)} is {shape_words(a.shape)} and {shown(second)} is {shape_words(b.shape)}: they cannot be added."
    )
    repair = "Write a multiple of I." if b.is_scalar and is_square(a.shape) else ""
    raise Misfit(message, tree.start, tree.end, repair, described(a.shape), described(b.shape))


def _negative(tree: Tree, scope: Scope) -> Term:
    return scaled(-1, elaborate(tree.args[0], scope))


def _product(tree: Tree, scope: Scope) -> Term:
    """From left to right; a later run of factors that is a number may be taken out, as in `y x^T A x`."""
    parts = [(arg, elaborate(arg, scope)) for arg in _factors(tree, scope)]
    term, place = parts[0][1], 1
    while place < len(parts):
        right = parts[place][1]
        if term.is_scalar or right.is_scalar or match(term.shape[1], right.shape[0]):
            term, place = times(term, right), place + 1
            continue
        inner, after = _scalar_run(parts, place)
        if inner is None:
            _refuse_product(tree, term, parts, place)
        term, place = times(term, inner), after
    return term


def _factors(tree: Tree, scope: Scope) -> Sequence[Tree]:
    """The factors; an entry-by-entry product takes in what follows it where it does not fit otherwise."""
    first = tree.args[0]
    if first.kind != "elementwise":
        return tree.args
    try:
        left = elaborate(first, scope)
        following = elaborate(tree.args[1], scope)
        if left.is_scalar or following.is_scalar or fits(left.shape[1], following.shape[0]):
            return tree.args
    except Misfit:
        pass
    rest = Tree("product", (first.args[1], *tree.args[1:]), "", first.args[1].start, tree.end)
    return (first._replace(args=(first.args[0], rest), end=tree.end),)


def _scalar_run(parts: Sequence[tuple[Tree, Term]], start: int) -> tuple[Term | None, int]:
    """The shortest run of factors from here whose product is a number, and the place after it."""
    term = parts[start][1]
    for place in range(start + 1, len(parts)):
        right = parts[place][1]
        if not (term.is_scalar or right.is_scalar or fits(term.shape[1], right.shape[0])):
            return None, start
        term = times(term, right)
        if term.is_scalar:
            return term, place + 1
    return None, start


def _refuse_product(tree: Tree, left: Term, parts: Sequence[tuple[Tree, Term]], place: int) -> NoReturn:
    first = parts[0][0] if place == 1 else Tree("product", tuple(arg for arg, _ in parts[:place]))
    second, right = parts[place]
    a, b = shape_words(left.shape), shape_words(right.shape)
    need = f"{size_words(left.shape[1])} = {size_words(right.shape[0])}"
    message = f"{shown(first)} is {a} and {shown(second)} is {b}: their product needs {need}."
    columns = all(is_vector(each.shape) for each in (left, right)) and match_shapes(left.shape, right.shape)
    repair = TWO_VECTORS if columns else ""
    raise Misfit(message, parts[0][0].start or tree.start, second.end or tree.end, repair, f"a shape that fits {a}", b)


def _quotient(tree: Tree, scope: Scope) -> Term:
    above, below = (elaborate(arg, scope) for arg in tree.args)
    if below.is_scalar:
        return times(above, entrywise("pow", below, number(-1)))
    if is_square(below.shape) or (not is_vector(below.shape) and not above.is_scalar):
        refuse(tree.args[1], "A matrix cannot be a divisor.", "a number", below.shape, "Multiply by inv(…) instead.")
    if not above.is_scalar and not match_shapes(above.shape, below.shape):
        _refuse_pair(tree, above, below, "divided entry by entry")
    return entrywise("over", above, below)


def _refuse_pair(tree: Tree, left: Term, right: Term, verb: str) -> NoReturn:
    first, second = tree.args
    a, b = shape_words(left.shape), shape_words(right.shape)
    message = f"{shown(first)} is {a} and {shown(second)} is {b}: they cannot be {verb}."
    raise Misfit(message, tree.start, tree.end, "", described(left.shape), described(right.shape))


def _power(tree: Tree, scope: Scope) -> Term:
    base, exponent = (elaborate(arg, scope) for arg in tree.args)
    value = literal_value(tree.args[1])
    if not exponent.is_scalar:
        if not base.is_scalar or is_square(exponent.shape):
            refuse(tree.args[1], "A matrix cannot be an exponent here.", "a number", exponent.shape)
        return entrywise("pow", base, exponent)
    inner = tree.args[0]
    if (
        inner.kind == "call"
        and inner.value == "norm"
        and value is not None
        and value.denominator == 1
        and not value % 2
    ):
        square = squared_length(elaborate(inner.args[0], scope))
        return square if value == 2 else entrywise("pow", square, number(value / 2))
    if base.is_scalar:
        return entrywise("pow", base, exponent)
    if is_vector(base.shape) and value is not None and value > 0:
        return entrywise("pow", base, exponent)
    if not match(base.shape[0], base.shape[1]):
        words = "an inverse" if value == -1 else "a power"
        message = f"{shown(inner)} is {shape_words(base.shape)}: only a square matrix has {words}."
        refuse(inner, message, "a square matrix", base.shape)
    if value is not None and (value.denominator != 1 or abs(value) > LARGEST_POWER):
        message = f"Powers of matrices are whole, from -{LARGEST_POWER} to {LARGEST_POWER}."
        raise AnswerError(message, tree.args[1].start, tree.args[1].end)
    return Term("power", base.shape, (base, exponent))


def _transpose(tree: Tree, scope: Scope) -> Term:
    if literal_value(tree.args[0]) is not None:
        raise AnswerError("A number is not transposed.", tree.start, tree.end, "A column of ones is ones(n).")
    return transposed(elaborate(tree.args[0], scope))


def _elementwise(tree: Tree, scope: Scope) -> Term:
    left, right = (elaborate(arg, scope) for arg in tree.args)
    if left.is_scalar or right.is_scalar:
        return times(left, right)
    if not match_shapes(left.shape, right.shape):
        _refuse_pair(tree, left, right, "multiplied entry by entry")
    return entrywise("times", left, right)


def _vector(tree: Tree, scope: Scope) -> Term:
    entries = tuple(_scalar(arg, scope) for arg in tree.args)
    size = Size(len(entries))
    return Term("grid", (ONE, size) if tree.value == "row" else (size, ONE), entries)


def _matrix(tree: Tree, scope: Scope) -> Term:
    entries = tuple(_scalar(arg, scope) for row in tree.args for arg in row.args)
    return Term("grid", (Size(len(tree.args)), Size(len(tree.args[0].args))), entries)


def _scalar(tree: Tree, scope: Scope) -> Term:
    term = elaborate(tree, scope)
    if not term.is_scalar:
        refuse(tree, "The entries of a vector or matrix are numbers.", "a number", term.shape)
    return term


def _call(tree: Tree, scope: Scope) -> Term:
    args = tuple(elaborate(arg, scope) for arg in tree.args)
    build = CALLS.get(tree.value)
    return build(tree, args) if build else entry_function(tree, args)


def _apply(tree: Tree, scope: Scope) -> Term:
    build = APPLIED.get(tree.value)
    if build is None:
        raise AnswerError(f"The function {tree.value} is not known here.", tree.start, tree.end)
    return build(tree, tuple(elaborate(arg, scope) for arg in tree.args))


_KINDS: Mapping[str, Callable[[Tree, Scope], Term]] = {
    "number": _literal,
    "percent": _literal,
    "constant": _constant,
    "name": _name,
    "sum": _sum,
    "neg": _negative,
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "transpose": _transpose,
    "elementwise": _elementwise,
    "vector": _vector,
    "matrix": _matrix,
    "call": _call,
    "apply": _apply,
}
