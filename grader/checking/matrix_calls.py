"""Functions of matrices as typed terms, with the shapes of their arguments checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from grader.checking.matrix_terms import Term, entrywise, number, scalar_of, times, transposed
from grader.checking.shapes import (
    ONE,
    Dim,
    Misfit,
    Shape,
    Size,
    described,
    found,
    is_square,
    is_vector,
    length,
    match,
    match_shapes,
    shape_words,
)
from grader.errors import AnswerError
from grader.reading.tree import Tree

# Of a square matrix these also mean the power series, so they are not taken entry by entry.
SERIES = frozenset({"exp", "ln", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh"})
ENTRY_FUNCTIONS = SERIES | {
    "sign",
    "tanh",
    "asin",
    "acos",
    "atan",
    "sigmoid",
    "relu",
    "gelu",
    "softplus",
    "erf",
    "Phi",
    "phi",
    "step",
    "floor",
    "ceil",
    "max",
    "min",
}


def entry_function(tree: Tree, args: tuple[Term, ...]) -> Term:
    """A function of numbers, applied to every entry."""
    function = tree.value
    if function not in ENTRY_FUNCTIONS or len(args) > 2:
        raise AnswerError(f"{function} is not used in matrix expressions.", tree.start, tree.end)
    if function in SERIES and any(is_square(arg.shape) and not arg.is_scalar for arg in args):
        message = f"{function} of a square matrix can mean two things."
        raise AnswerError(message, tree.start, tree.end, "Apply it to vectors or numbers.")
    if len(args) == 2 and not (args[0].is_scalar or args[1].is_scalar or match_shapes(args[0].shape, args[1].shape)):
        _refuse(tree, "two values of one shape", args[1].shape)
    return entrywise(function, *args)


def _refuse(tree: Tree, expected: str, given: Shape, repair: str = "") -> NoReturn:
    words = "transpose" if tree.kind == "transpose" else tree.value
    message = f"{words} needs {expected}, and this is {shape_words(given)}."
    raise Misfit(message, tree.start, tree.end, repair, expected, described(given))


def _needs_square(tree: Tree, term: Term) -> None:
    if not match(term.shape[0], term.shape[1]):
        _refuse(tree, "a square matrix", term.shape)


def _one(tree: Tree, args: tuple[Term, ...]) -> Term:
    if len(args) != 1:
        raise AnswerError(f"{tree.value} takes one argument here.", tree.start, tree.end)
    return args[0]


def _square_function(kind: str) -> Callable[[Tree, tuple[Term, ...]], Term]:
    def build(tree: Tree, args: tuple[Term, ...]) -> Term:
        term = _one(tree, args)
        _needs_square(tree, term)
        return term if term.is_scalar else scalar_of(kind, term)

    return build


def _inverse(tree: Tree, args: tuple[Term, ...]) -> Term:
    term = _one(tree, args)
    _needs_square(tree, term)
    if term.is_scalar:
        return entrywise("pow", term, number(-1))
    return Term("power", term.shape, (term, number(-1)))


def _norm(tree: Tree, args: tuple[Term, ...]) -> Term:
    """The Euclidean norm of a vector, the Frobenius norm of a matrix, the size of a number."""
    term = _one(tree, args)
    return entrywise("abs", term) if term.is_scalar else scalar_of("norm", term)


def _euclidean(tree: Tree, args: tuple[Term, ...]) -> Term:
    """With the index 2: the norm of a vector; of a matrix it is the largest singular value, which is not read."""
    term = _one(tree, args)
    if not term.is_scalar and not is_vector(term.shape):
        raise AnswerError("The 2-norm of a matrix is not read here.", tree.start, tree.end, "Write ||A||_F.")
    return _norm(tree, args)


def _bars(tree: Tree, args: tuple[Term, ...]) -> Term:
    term = _one(tree, args)
    if not term.is_scalar and not is_vector(term.shape):
        raise AnswerError("Bars around a matrix can mean two things.", tree.start, tree.end, "Write det(…) or norm(…).")
    return _norm(tree, args)


def _diagonal(tree: Tree, args: tuple[Term, ...]) -> Term:
    """A vector as a diagonal matrix; the diagonal of a square matrix as a column."""
    if len(args) > 1:
        if not all(arg.is_scalar for arg in args):
            _refuse(tree, "one vector, or numbers", next(arg.shape for arg in args if not arg.is_scalar))
        size = Size(len(args))
        return Term("diag", (size, size), (Term("grid", (size, ONE), args),))
    term = _one(tree, args)
    if term.is_scalar:
        return term
    if is_vector(term.shape):
        entries = length(term.shape)
        return Term("diag", (entries, entries), (term,))
    _needs_square(tree, term)
    return Term("diagonal", (term.shape[0], ONE), (term,))


def _dot(tree: Tree, args: tuple[Term, ...]) -> Term:
    """The product of two vectors in any layout; of anything else, the matrix product."""
    left, right = args
    if left.is_scalar or right.is_scalar:
        return times(left, right)
    if is_vector(left.shape) and is_vector(right.shape) and match(length(left.shape), length(right.shape)):
        row = left if found(left.shape[0]) == ONE else transposed(left)
        column = right if found(right.shape[1]) == ONE else transposed(right)
        return times(row, column)
    if not match(left.shape[1], right.shape[0]):
        _refuse(tree, f"a factor that fits {shape_words(left.shape)}", right.shape)
    return times(left, right)


def _product_of_sizes(tree: Tree, first: Dim, second: Dim) -> Size:
    rows, columns = found(first), found(second)
    if not isinstance(rows, Size) or not isinstance(columns, Size):
        raise AnswerError("The size of I cannot be known here.", tree.start, tree.end, "Write I_n with its size.")
    return rows.times(columns)


def _kronecker(tree: Tree, args: tuple[Term, ...]) -> Term:
    left, right = args
    shape = (
        _product_of_sizes(tree, left.shape[0], right.shape[0]),
        _product_of_sizes(tree, left.shape[1], right.shape[1]),
    )
    if left.is_scalar or right.is_scalar:
        return times(left, right)
    return Term("kron", shape, args)


def _vec(tree: Tree, args: tuple[Term, ...]) -> Term:
    """The columns of a matrix below each other."""
    term = _one(tree, args)
    return Term("vec", (_product_of_sizes(tree, *term.shape), ONE), (term,))


def _of_vector(kind: str, *, keeps_shape: bool) -> Callable[[Tree, tuple[Term, ...]], Term]:
    def build(tree: Tree, args: tuple[Term, ...]) -> Term:
        term = _one(tree, args)
        if not is_vector(term.shape):
            _refuse(tree, "a vector", term.shape)
        return Term(kind, term.shape, (term,)) if keeps_shape else scalar_of(kind, term)

    return build


def _extreme(kind: str) -> Callable[[Tree, tuple[Term, ...]], Term]:
    """`max(x)` is the largest entry; `max(x, 0)` goes entry by entry."""
    of_vector = _of_vector(kind, keeps_shape=False)

    def build(tree: Tree, args: tuple[Term, ...]) -> Term:
        return of_vector(tree, args) if len(args) == 1 and not args[0].is_scalar else entry_function(tree, args)

    return build


def _cofactors(tree: Tree, args: tuple[Term, ...]) -> Term:
    term = _one(tree, args)
    _needs_square(tree, term)
    return Term("cofactor", term.shape, (term,))


def _adjugate(tree: Tree, args: tuple[Term, ...]) -> Term:
    return transposed(_cofactors(tree, args))


def _filled(kind: str) -> Callable[[Tree, tuple[Term, ...]], Term]:
    """`ones(n)` is a column, `ones(m, n)` a matrix; so is `zeros`."""

    def build(tree: Tree, args: tuple[Term, ...]) -> Term:
        sizes = [_size(tree, arg) for arg in args]
        if not 1 <= len(sizes) <= 2:
            raise AnswerError(f"{tree.value} takes one or two sizes.", tree.start, tree.end)
        return Term(kind, (sizes[0], sizes[1] if len(sizes) == 2 else ONE))

    return build


def _eye(tree: Tree, args: tuple[Term, ...]) -> Term:
    size = _size(tree, _one(tree, args))
    return Term("identity", (size, size))


def _size(tree: Tree, term: Term) -> Size:
    if isinstance(term.value, Size):
        return term.value
    if (
        term.kind == "number"
        and not isinstance(term.value, str)
        and term.value.denominator == 1
        and 0 < term.value <= 100
    ):
        return Size(int(term.value))
    raise AnswerError(f"{tree.value} takes sizes, such as n or 3.", tree.start, tree.end)


CALLS: Mapping[str, Callable[[Tree, tuple[Term, ...]], Term]] = {
    "tr": _square_function("tr"),
    "det": _square_function("det"),
    "inv": _inverse,
    "norm": _norm,
    "abs": _bars,
    "diag": _diagonal,
    "dot": _dot,
    "kron": _kronecker,
    "softmax": _of_vector("softmax", keeps_shape=True),
    "logsumexp": _of_vector("logsumexp", keeps_shape=False),
    "max": _extreme("greatest"),
    "min": _extreme("least"),
}
# Functions that only matrix expressions have; a reader takes them from the vocabulary.
APPLIED: Mapping[str, Callable[[Tree, tuple[Term, ...]], Term]] = {
    "vec": _vec,
    "Tr": CALLS["tr"],
    "Det": CALLS["det"],
    "Diag": _diagonal,
    "ones": _filled("ones"),
    "zeros": _filled("zero"),
    "eye": _eye,
    "cof": _cofactors,
    "cofactor": _cofactors,
    "adj": _adjugate,
    "adjugate": _adjugate,
    "norm_2": _euclidean,
    "norm_F": _norm,
}
