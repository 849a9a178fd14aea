"""The value of a tree at a point, to many digits, by mpmath and nothing of the judge.

The labels of the pairs are checked with this. It knows what the notation means and no algebra:
numbers, names, functions, matrices as mpmath has them, and `NoValue` where there is no real value.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf

from grader.reading.tree import Tree, literal_value, walk

Value = Any
Point = Mapping[str, Value]
MOST_TERMS = 200
HUGE = 10**7
CANCELLING = 10**20


class NoValue(Exception):
    """There is no real value at this point."""


class TooLarge(Exception):
    """The value, if there is one, has too many digits."""


def value(tree: Tree, point: Point) -> Value:
    """A number, or an mpmath matrix; NoValue where there is none."""
    found = _BY_KIND[tree.kind](tree, point)
    if isinstance(found, mp.matrix):
        return found[0, 0] if (found.rows, found.cols) == (1, 1) else found
    if isinstance(found, mp.mpc):
        raise NoValue
    if mp.isnan(found) or mp.isinf(found):
        raise NoValue
    return found


def entries(tree: Tree, point: Point) -> list[Value]:
    """The values of the entries, members or cells of a tree, row by row; of a scalar, its value."""
    if tree.kind == "relation" and tree.value in {"=", "in"}:
        return entries(tree.args[-1], point)
    if tree.kind in {"set", "list", "row", "or", "and"}:
        return [found for arg in tree.args for found in entries(arg, point)]
    if tree.kind == "empty":
        return []
    if tree.kind == "matrix":
        return [value(entry, point) for row in tree.args for entry in row.args]
    if tree.kind == "vector" and not any(arg.kind == "vector" for arg in tree.args):
        return [value(entry, point) for entry in tree.args]
    found = value(tree, point)
    return list(found) if isinstance(found, mp.matrix) else [found]


def real(tree: Tree, point: Point) -> Value:
    """The value, which must be a number."""
    found = value(tree, point)
    if isinstance(found, mp.matrix):
        raise NoValue
    return found


def holds(tree: Tree, point: Point, member: Value = None) -> bool:
    """Whether a condition is true at a point; of an interval or set, whether it holds the member."""
    if tree.kind in {"and", "or", "union"}:
        return (all if tree.kind == "and" else any)(holds(arg, point, member) for arg in tree.args)
    if tree.kind == "interval":
        return _is_between(tree, point, member)
    if tree.kind in {"set", "empty"}:
        return any(real(arg, point) == member for arg in tree.args)
    if tree.value == "in":
        return holds(tree.args[1], point, real(tree.args[0], point))
    sides = [real(arg, point) for arg in tree.args]
    tests = zip(sides, tree.value.split(), sides[1:], strict=False)
    return all(_RELATIONS[sign](left, right) for left, sign, right in tests)


def _is_between(tree: Tree, point: Point, member: Value) -> bool:
    """Whether the member lies between the ends, which may be infinite."""
    lower, upper = (_end(arg, point) for arg in tree.args)
    is_above = member >= lower if tree.value[0] == "[" else member > lower
    return bool(is_above and (member <= upper if tree.value[1] == "]" else member < upper))


def _end(tree: Tree, point: Point) -> Value:
    if tree.kind == "neg" and tree.args[0].value == "oo":
        return -mp.inf
    return mp.inf if tree.value == "oo" else real(tree, point)


_RELATIONS: dict[str, Callable[[Value, Value], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _number(tree: Tree, _: Point) -> Value:
    exact = Fraction(tree.value)
    return mpf(exact.numerator) / exact.denominator


def _name(tree: Tree, point: Point) -> Value:
    return point[tree.value]


def _constant(tree: Tree, _: Point) -> Value:
    known = {"pi": mp.pi, "e": mp.e, "tau": 2 * mp.pi}
    if tree.value not in known:
        raise NoValue
    return +known[tree.value]


def _sum(tree: Tree, point: Point) -> Value:
    first, *rest = terms = [value(arg, point) for arg in tree.args]
    for term in rest:
        first = _fitting(lambda a=first, b=term: a + b)
    _refuse_noise(first, terms)
    return first


def _refuse_noise(total: Value, terms: Sequence[Value]) -> None:
    """Huge terms that cancel, as in `cosh(x) + sinh(x)` far to the left, leave only what rounding made of them."""
    if not any(isinstance(each, mp.matrix) for each in (total, *terms)):
        largest = max(abs(each) for each in terms)
        if largest > CANCELLING and 0 < abs(total) < largest * mpf(10) ** (10 - mp.dps):
            raise TooLarge


def _product(tree: Tree, point: Point) -> Value:
    first, *rest = (value(arg, point) for arg in tree.args)
    are_typed = all(any(node.kind == "vector" for node in walk(arg)) for arg in tree.args)
    for factor in rest:
        first = _fitting(lambda a=first, b=factor: _times(a, b) if are_typed else a * b)
    return first


def _times(left: Value, right: Value) -> Value:
    """The product; of two typed vectors of one length, the dot product."""
    are_columns = isinstance(left, mp.matrix) and isinstance(right, mp.matrix) and left.cols == right.cols == 1
    if are_columns and left.rows == right.rows > 1:
        return sum(a * b for a, b in zip(left, right, strict=True))
    return left * right


def _fitting(operation: Callable[[], Value]) -> Value:
    try:
        return operation()
    except (ValueError, TypeError) as error:
        raise NoValue from error


def _quotient(tree: Tree, point: Point) -> Value:
    above, below = (value(arg, point) for arg in tree.args)
    if isinstance(below, mp.matrix) or _is_zero(below):
        raise NoValue
    return above / below


def _is_zero(number: Value) -> bool:
    """Whether the number is zero as far as its digits say; what rounding leaves of zero is not far below the digits."""
    size = abs(number)
    return bool(not size or mpf(10) ** (-2 * mp.dps) < size < mpf(10) ** (-mp.dps + 15))


def _is_whole(number: Value) -> bool:
    """Whether the number is whole as far as its digits say."""
    return bool(abs(number - mp.nint(number)) < mpf(10) ** (-mp.dps * 4 // 5) * max(1, abs(number)))


def _power(tree: Tree, point: Point) -> Value:
    base, exponent = value(tree.args[0], point), real(tree.args[1], point)
    if isinstance(base, mp.matrix):
        if not mp.isint(exponent):
            raise NoValue
        return _inverse(base) ** int(-exponent) if exponent < 0 else base ** int(exponent)
    return power(base, exponent, _rational(tree.args[1]))


def _rational(tree: Tree) -> Fraction | None:
    """The exact value of an exponent made of whole numbers and fractions; None for all else."""
    literal = literal_value(tree)
    if literal is not None or tree.kind not in {"sum", "product", "quotient", "neg", "power"}:
        return literal
    parts = [_rational(arg) for arg in tree.args]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    first, *rest = known
    if tree.kind == "neg":
        return -first
    if tree.kind in {"sum", "product"}:
        return sum(known, Fraction(0)) if tree.kind == "sum" else math.prod(known)
    if tree.kind == "quotient":
        return first / rest[0] if rest[0] else None
    is_small = rest[0].denominator == 1 and abs(rest[0]) <= MOST_TERMS and (first or rest[0] > 0)
    return first ** int(rest[0]) if is_small else None


def power(base: Value, exponent: Value, literal: Fraction | None) -> Value:
    """The real power; an odd root of a negative number is real where the exponent is written as a fraction."""
    if abs(exponent) > HUGE or (base and abs(exponent * mp.log(abs(base))) > HUGE):
        raise TooLarge
    if _is_zero(base):
        if exponent <= 0:
            raise NoValue
        return mpf(0)
    if base > 0:
        return base ** (int(exponent) if mp.isint(exponent) else exponent)
    if _is_whole(exponent):
        return base ** int(mp.nint(exponent))
    if literal is not None and literal.denominator % 2:
        size = (-base) ** exponent
        return -size if literal.numerator % 2 else size
    raise NoValue


def _call(tree: Tree, point: Point) -> Value:
    if tree.value == "piecewise":
        return _piecewise(tree, point)
    if tree.value in _OF_MATRICES:
        return _OF_MATRICES[tree.value](*(value(arg, point) for arg in tree.args))
    args = [number for arg in tree.args for number in entries(arg, point)]
    if any(abs(number) > HUGE for number in args) and tree.value not in {"abs", "sqrt", "ln", "max", "min", "relu"}:
        raise TooLarge
    try:
        return _FUNCTIONS[tree.value](*args)
    except ZeroDivisionError as error:
        raise NoValue from error


def _where(condition: bool, number: Callable[[], Value]) -> Value:
    if not condition:
        raise NoValue
    return number()


def _over(above: Value, below: Value) -> Value:
    return _where(not _is_zero(below), lambda: above / below)


def _root(base: Value, degree: Value) -> Value:
    literal = Fraction(1, int(degree)) if mp.isint(degree) and degree else None
    return power(base, 1 / degree, literal)


def _log(number: Value, base: Value = None) -> Value:
    if number <= 0 or (base is not None and (base <= 0 or _is_zero(base - 1))):
        raise NoValue
    return mp.log(number) if base is None else mp.log(number) / mp.log(base)


def _softmax(*numbers: Value) -> Value:
    total = sum(mp.exp(each) for each in numbers)
    return mp.matrix([mp.exp(each) / total for each in numbers])


def _sign(number: Value) -> Value:
    return _where(not _is_zero(number), lambda: mpf(1 if number > 0 else -1)) if number else mpf(0)


def _step(number: Value) -> Value:
    return _where(not _is_zero(number), lambda: mpf(1 if number > 0 else 0))


def _whole(number: Value, rounded: Callable[[Value], Value]) -> Value:
    near = mp.nint(number)
    return near if _is_zero(number - near) else rounded(number)


def _sigmoid(number: Value) -> Value:
    return 1 / (1 + mp.exp(-number))


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "sqrt": lambda x: mp.sqrt(x) if x > 0 else _where(_is_zero(x), lambda: mpf(0)),
    "cbrt": lambda x: _root(x, mpf(3)),
    "root": _root,
    "exp": mp.exp,
    "ln": _log,
    "log": _log,
    "log2": lambda x: _log(x, mpf(2)),
    "log10": lambda x: _log(x, mpf(10)),
    "abs": abs,
    "sign": _sign,
    "min": min,
    "max": max,
    "floor": lambda x: _whole(x, mp.floor),
    "ceil": lambda x: _whole(x, mp.ceil),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": lambda x: _over(mp.sin(x), mp.cos(x)),
    "sec": lambda x: _over(1, mp.cos(x)),
    "csc": lambda x: _over(1, mp.sin(x)),
    "cot": lambda x: _over(mp.cos(x), mp.sin(x)),
    "asin": lambda x: _where(abs(x) <= 1, lambda: mp.asin(x)),
    "acos": lambda x: _where(abs(x) <= 1, lambda: mp.acos(x)),
    "atan": mp.atan,
    "asec": lambda x: _where(abs(x) >= 1, lambda: mp.acos(1 / x)),
    "acsc": lambda x: _where(abs(x) >= 1, lambda: mp.asin(1 / x)),
    "acot": lambda x: mp.pi / 2 - mp.atan(x),
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sech": lambda x: 1 / mp.cosh(x),
    "csch": lambda x: _over(1, mp.sinh(x)),
    "coth": lambda x: _over(mp.cosh(x), mp.sinh(x)),
    "asinh": mp.asinh,
    "acosh": lambda x: _where(x >= 1, lambda: mp.acosh(x)),
    "atanh": lambda x: _where(abs(x) < 1, lambda: mp.atanh(x)),
    "asech": lambda x: _where(0 < x <= 1, lambda: mp.acosh(1 / x)),
    "acsch": lambda x: mp.asinh(_over(1, x)),
    "acoth": lambda x: _where(abs(x) > 1, lambda: mp.atanh(1 / x)),
    "atan2": lambda y, x: _where(bool(x or y), lambda: mp.atan2(y, x)),
    "sigmoid": _sigmoid,
    "relu": lambda x: x if x > 0 else mpf(0),
    "gelu": lambda x: x * mp.ncdf(x),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "softmax": _softmax,
    "logsumexp": lambda *xs: mp.log(sum(mp.exp(x) for x in xs)),
    "erf": mp.erf,
    "Phi": mp.ncdf,
    "phi": mp.npdf,
    "step": _step,
    "delta": lambda i, j: mpf(1 if i == j else 0),
}


def _norm(found: Value) -> Value:
    numbers = list(found) if isinstance(found, mp.matrix) else [found]
    return mp.sqrt(sum(number**2 for number in numbers))


def _trace(found: Value) -> Value:
    return sum(found[k, k] for k in range(found.rows)) if isinstance(found, mp.matrix) else found


def _inverse(found: Value) -> Value:
    if not isinstance(found, mp.matrix):
        return _over(1, found)
    if found.rows != found.cols or _is_zero(mp.det(found)):
        raise NoValue
    return mp.inverse(found)


def _diagonal(*found: Value) -> Value:
    return mp.diag([number for each in found for number in (each if isinstance(each, mp.matrix) else [each])])


def _kron(left: Value, right: Value) -> Value:
    size = (left.rows * right.rows, left.cols * right.cols)
    result = mp.zeros(*size)
    for i in range(size[0]):
        for j in range(size[1]):
            result[i, j] = left[i // right.rows, j // right.cols] * right[i % right.rows, j % right.cols]
    return result


_OF_MATRICES: dict[str, Callable[..., Value]] = {
    "norm": _norm,
    "tr": _trace,
    "det": lambda found: mp.det(found) if isinstance(found, mp.matrix) else found,
    "inv": _inverse,
    "transpose": lambda found: found.T if isinstance(found, mp.matrix) else found,
    "diag": _diagonal,
    "kron": _kron,
    "dot": lambda left, right: sum(a * b for a, b in zip(left, right, strict=True)),
}


def _piecewise(tree: Tree, point: Point) -> Value:
    for case in tree.args:
        if case.kind == "otherwise" or holds(case.args[1], point):
            return value(case.args[0], point)
    raise NoValue


def _apply(tree: Tree, point: Point) -> Value:
    """A declared function: a sine and an exponential of its own, with all derivatives known."""
    symbol = tree.value.rstrip("'")
    order = len(tree.value) - len(symbol)
    seed = zlib.crc32(symbol.encode()) % 97
    a, b, c = mpf(seed + 3) / 50, mpf(seed) / 31, mpf(seed + 11) / 70
    at = real(tree.args[0], point) + sum((k + 2) * real(arg, point) for k, arg in enumerate(tree.args[1:]))
    return a**order * mp.sin(a * at + b + order * mp.pi / 2) + c**order * mp.exp(c * at)


def _factorial(tree: Tree, point: Point) -> Value:
    number = real(tree.args[0], point)
    if not _is_whole(number) or not -mpf(1) / 2 <= number <= 2000:
        raise NoValue
    return mp.factorial(mp.nint(number))


def _vector(tree: Tree, point: Point) -> Value:
    if any(arg.kind == "vector" for arg in tree.args):
        return mp.matrix([[real(entry, point) for entry in row.args] for row in tree.args])
    numbers = [real(arg, point) for arg in tree.args]
    return mp.matrix([numbers]) if tree.value == "row" else mp.matrix(numbers)


def _matrix(tree: Tree, point: Point) -> Value:
    return mp.matrix([[real(entry, point) for entry in row.args] for row in tree.args])


def _transpose(tree: Tree, point: Point) -> Value:
    found = value(tree.args[0], point)
    return found.T if isinstance(found, mp.matrix) else found


def _elementwise(tree: Tree, point: Point) -> Value:
    left, right = (value(arg, point) for arg in tree.args)
    result = left.copy()
    for i in range(left.rows):
        for j in range(left.cols):
            result[i, j] = left[i, j] * right[i, j]
    return result


def _sigma(tree: Tree, point: Point) -> Value:
    body, *ends = tree.args
    lower, upper = (int(real(end, point)) for end in ends)
    if upper - lower > MOST_TERMS:
        raise TooLarge
    return sum((real(body, {**point, tree.value: mpf(k)}) for k in range(lower, upper + 1)), mpf(0))


def _no_scalar(_: Tree, __: Point) -> Value:
    raise NoValue


_BY_KIND: dict[str, Callable[[Tree, Point], Value]] = {
    "number": _number,
    "name": _name,
    "constant": _constant,
    "sum": _sum,
    "neg": lambda tree, point: -value(tree.args[0], point),
    "product": _product,
    "quotient": _quotient,
    "power": _power,
    "call": _call,
    "apply": _apply,
    "factorial": _factorial,
    "percent": lambda tree, point: value(tree.args[0], point) / 100,
    "transpose": _transpose,
    "elementwise": _elementwise,
    "vector": _vector,
    "matrix": _matrix,
    "piecewise": _piecewise,
    "sigma": _sigma,
}
_BY_KIND |= dict.fromkeys(
    ("set", "list", "interval", "relation", "and", "or", "union", "empty", "row", "case", "otherwise"), _no_scalar
)
