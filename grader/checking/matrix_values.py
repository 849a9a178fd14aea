"""Values of typed terms at one draw: exact rational matrices, or matrices of balls where exact is not enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from grader.checking import balls
from grader.checking.balls import NoValue, Unclear
from grader.checking.matrix_terms import Term
from grader.checking.shapes import Size

Value = Any  # an fmpq_mat or an arb_mat, which have the same operations
Entry = Any  # an fmpq or an arb
MOST_ENTRIES = 1_600
MOST_BITS = 40_000
LARGEST_EXPONENT = 50
PRECISION = 320


@dataclass(frozen=True, slots=True)
class Draw:
    """One point: the value of every letter, and of every name as an exact matrix.

    A generic one has entries so large that no coincidence among them is to be expected. At a wide one
    they are so small or large that balls may be too coarse to say anything.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, fmpq_mat]
    is_generic: bool = True
    is_wide: bool = False


class NotExact(Exception):
    """The value is not rational, or not known to be: it is computed with balls instead."""


@dataclass(frozen=True, slots=True)
class Field:
    """Exact numbers or balls."""

    exact: bool

    def matrix(self, rows: int, columns: int, entries: list[Entry]) -> Value:
        """A matrix from its entries row by row."""
        if rows * columns > MOST_ENTRIES:
            raise Unclear("the matrices are too large")
        return (fmpq_mat if self.exact else arb_mat)(rows, columns, entries)

    def number(self, value: Fraction | int) -> Entry:
        """An entry."""
        exact = fmpq(value.numerator, value.denominator)
        return exact if self.exact else arb(exact)

    def taken(self, value: fmpq_mat) -> Value:
        """An exact matrix as one of this field."""
        return value if self.exact else arb_mat(value)


EXACT, BALLS = Field(exact=True), Field(exact=False)


def value_of(term: Term, draw: Draw, field: Field) -> Value:
    """The value of the term; NoValue where there is provably none, Unclear where balls cannot tell.

    Raises NotExact where a value is asked for exactly that need not be rational.
    """
    args = [value_of(arg, draw, field) for arg in term.args]
    value = _RULES[term.kind](term, args, draw, field)
    if field.exact:
        _refuse_long(value)
    return value


def _refuse_long(value: fmpq_mat) -> None:
    if any(max(int(entry.p).bit_length(), int(entry.q).bit_length()) > MOST_BITS for entry in value.entries()):
        raise Unclear("the numbers are too long")


def _shape(term: Term, draw: Draw) -> tuple[int, int]:
    rows, columns = (size.value(draw.sizes) for size in term.sizes)
    return rows, columns


def _constant_entries(term: Term, draw: Draw, field: Field, diagonal: int, other: int) -> Value:
    rows, columns = _shape(term, draw)
    entries = [field.number(diagonal if i == j else other) for i in range(rows) for j in range(columns)]
    return field.matrix(rows, columns, entries)


def _number(value: Fraction | int, field: Field) -> Value:
    return field.matrix(1, 1, [field.number(value)])


def _constant(term: Term, _args: list[Value], _draw: Draw, field: Field) -> Value:
    if field.exact:
        raise NotExact
    return field.matrix(1, 1, [_CONSTANTS[str(term.value)]()])


def _sum(_term: Term, args: list[Value], _draw: Draw, _field: Field) -> Value:
    total = args[0]
    for arg in args[1:]:
        total = total + arg
    return total


def _is_number(value: Value) -> bool:
    return bool(value.nrows() == 1 and value.ncols() == 1)


def _product(term: Term, args: list[Value], _draw: Draw, _field: Field) -> Value:
    total = args[0]
    for arg, factor in zip(args[1:], term.args[1:], strict=True):
        if _is_number(arg) and factor.is_scalar:
            total = total * arg[0, 0]
        elif _is_number(total):
            total = arg * total[0, 0]
        else:
            total = total * arg
    return total


def _inverse(value: Value, field: Field) -> Value:
    try:
        return value.inv()
    except ZeroDivisionError:
        if field.exact:
            raise NoValue("the inverse of a singular matrix") from None
        raise Unclear from None


def _power(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    base, exponent = args[0], _whole(args[1][0, 0])
    if abs(exponent) > LARGEST_EXPONENT:
        raise Unclear("the power is too large")
    if exponent < 0:
        base = _inverse(base, field)
    size = base.nrows()
    result = field.matrix(size, size, [field.number(int(i == j)) for i in range(size) for j in range(size)])
    for _ in range(abs(exponent)):
        result = result * base
        if field.exact:
            _refuse_long(result)
    return result


def _whole(value: Entry) -> int:
    """A whole number from an entry; NoValue for another."""
    if isinstance(value, arb):
        whole = value.unique_fmpz() if value.is_exact() and value.is_integer() else None
        if whole is None:
            raise Unclear
        return int(whole)
    if value.q != 1:
        raise NoValue("a power of a matrix that is not whole")
    return int(value.p)


def _map(value: Value, change: Callable[[Entry], Entry], field: Field) -> Value:
    return field.matrix(value.nrows(), value.ncols(), [change(entry) for entry in value.entries()])


def _entries(term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    operation = (_EXACT_OPERATIONS if field.exact else _BALL_OPERATIONS).get(str(term.value))
    if operation is None:
        raise NotExact
    if len(args) == 1:
        return _map(args[0], operation, field)
    left, right = args
    exponent = term.args[1].value
    if term.value == "pow" and not field.exact and isinstance(exponent, Fraction):
        return _map(left, lambda base: _literal_power(base, exponent), field)
    shaped = right if _is_number(left) else left
    pairs = zip(_spread(left, shaped), _spread(right, shaped), strict=True)
    return field.matrix(shaped.nrows(), shaped.ncols(), [operation(a, b) for a, b in pairs])


def _spread(value: Value, shaped: Value) -> list[Entry]:
    entries: list[Entry] = value.entries()
    return entries * (shaped.nrows() * shaped.ncols()) if _is_number(value) and not _is_number(shaped) else entries


def _trace(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    value = args[0]
    return field.matrix(1, 1, [sum((value[i, i] for i in range(value.nrows())), field.number(0))])


def _determinant(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    return field.matrix(1, 1, [args[0].det()])


def _norm(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    square = sum((entry * entry for entry in args[0].entries()), field.number(0))
    root = _exact_root(square) if field.exact else balls.root_of_nonnegative(square)
    return field.matrix(1, 1, [root])


def _exact_root(value: fmpq) -> fmpq:
    if value == 0:
        return value
    raise NotExact


def _diag(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    entries = args[0].entries()
    size = len(entries)
    return field.matrix(
        size, size, [entries[i] if i == j else field.number(0) for i in range(size) for j in range(size)]
    )


def _diagonal(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    size = args[0].nrows()
    return field.matrix(size, 1, [args[0][i, i] for i in range(size)])


def _vec(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    entries = args[0].transpose().entries()
    return field.matrix(len(entries), 1, entries)


def _kron(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    a, b = args
    rows, columns = a.nrows() * b.nrows(), a.ncols() * b.ncols()
    if rows * columns > MOST_ENTRIES:
        raise Unclear("the matrices are too large")
    p, q = b.nrows(), b.ncols()
    return field.matrix(
        rows, columns, [a[i // p, j // q] * b[i % p, j % q] for i in range(rows) for j in range(columns)]
    )


def _cofactor(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    value = args[0]
    size = value.nrows()
    if size == 1:
        return _number(1, field)
    return field.matrix(size, size, [_minor(value, i, j, field) for i in range(size) for j in range(size)])


def _minor(value: Value, row: int, column: int, field: Field) -> Entry:
    size = value.nrows()
    rest = [value[i, j] for i in range(size) for j in range(size) if i != row and j != column]
    minor = field.matrix(size - 1, size - 1, rest).det()
    return -minor if (row + column) % 2 else minor


def _exponentials(value: Value) -> tuple[list[arb], arb]:
    powers = [entry.exp() for entry in value.entries()]
    return powers, sum(powers, arb(0))


def _softmax(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    if field.exact:
        raise NotExact
    powers, total = _exponentials(args[0])
    return field.matrix(args[0].nrows(), args[0].ncols(), [power / total for power in powers])


def _logsumexp(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
    if field.exact:
        raise NotExact
    return field.matrix(1, 1, [balls.ln(_exponentials(args[0])[1])])


def _extreme(of_balls: Callable[..., arb], exact: Callable[[list[fmpq]], fmpq]) -> Callable[..., Value]:
    def rule(_term: Term, args: list[Value], _draw: Draw, field: Field) -> Value:
        entries = args[0].entries()
        return field.matrix(1, 1, [exact(entries) if field.exact else of_balls(*entries)])

    return rule


def _exact_over(a: fmpq, b: fmpq) -> fmpq:
    if b == 0:
        raise NoValue("division by zero")
    return a / b


def _exact_power(base: fmpq, exponent: fmpq) -> fmpq:
    if exponent.q != 1:
        raise NotExact
    power = int(exponent.p)
    if base == 0 and power < 0:
        raise NoValue("division by zero")
    bits = max(int(base.p).bit_length(), int(base.q).bit_length())
    if abs(power) * bits > MOST_BITS:
        raise Unclear("the numbers are too long")
    return base**power


def _exact_step(value: fmpq) -> fmpq:
    if value == 0:
        raise NotExact
    return fmpq(int(value > 0))


def _literal_power(base: arb, exponent: Fraction) -> arb:
    """An odd root of a negative number is the real one where the exponent is a literal fraction."""
    if exponent.denominator == 1:
        return balls.whole_power(base, exponent.numerator)
    return balls.fraction_power(base, exponent.numerator, exponent.denominator)


_EXACT_OPERATIONS: Mapping[str, Callable[..., fmpq]] = {
    "times": lambda a, b: a * b,
    "plus": lambda a, b: a + b,
    "over": _exact_over,
    "pow": _exact_power,
    "abs": abs,
    "sign": lambda a: fmpq((a > 0) - (a < 0)),
    "relu": lambda a: max(a, fmpq(0)),
    "step": _exact_step,
    "max": lambda *args: max(args),
    "min": lambda *args: min(args),
    "floor": lambda a: fmpq(a.floor()),
    "ceil": lambda a: fmpq(a.ceil()),
}
_BALL_OPERATIONS: Mapping[str, Callable[..., arb]] = {
    **balls.FUNCTIONS,
    "times": lambda a, b: a * b,
    "plus": lambda a, b: a + b,
    "over": lambda a, b: a * balls.inverse(b),
    "pow": balls.general_power,
    "sqrt": balls.square_root,
    "cbrt": lambda a: balls.odd_root(a, 3),
    "log2": lambda a: balls.ln(a) / arb(2).log(),
    "log10": lambda a: balls.ln(a) / arb(10).log(),
    "sigmoid": lambda a: 1 / (1 + (-a).exp()),
    "relu": lambda a: a.max(arb(0)),
    "gelu": lambda a: a * balls.normal_probability(a),
    "softplus": lambda a: (1 + a.exp()).log(),
    "phi": lambda a: (-a * a / 2).exp() / (2 * arb.pi()).sqrt(),
}
_CONSTANTS: Mapping[str, Callable[[], arb]] = {"pi": balls.pi, "e": balls.e, "tau": lambda: 2 * balls.pi()}
_RULES: Mapping[str, Callable[[Term, list[Value], Draw, Field], Value]] = {
    "number": lambda term, _a, _d, field: _number(Fraction(term.value), field),  # type: ignore[arg-type]
    "constant": _constant,
    "name": lambda term, _a, draw, field: field.taken(draw.values[str(term.value)]),
    "size": lambda term, _a, draw, field: _number(_size(term).value(draw.sizes), field),
    "identity": lambda term, _a, draw, field: _constant_entries(term, draw, field, 1, 0),
    "zero": lambda term, _a, draw, field: _constant_entries(term, draw, field, 0, 0),
    "ones": lambda term, _a, draw, field: _constant_entries(term, draw, field, 1, 1),
    "grid": lambda term, args, draw, field: field.matrix(*_shape(term, draw), [arg[0, 0] for arg in args]),
    "sum": _sum,
    "product": _product,
    "transpose": lambda _t, args, _d, _f: args[0].transpose(),
    "power": _power,
    "entries": _entries,
    "tr": _trace,
    "det": _determinant,
    "norm": _norm,
    "diag": _diag,
    "diagonal": _diagonal,
    "vec": _vec,
    "kron": _kron,
    "cofactor": _cofactor,
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "greatest": _extreme(balls.greatest, max),
    "least": _extreme(balls.least, min),
}


def _size(term: Term) -> Size:
    if not isinstance(term.value, Size):
        raise TypeError(term.kind)
    return term.value
