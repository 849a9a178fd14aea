"""Exact values of functions at special points, and how functions treat a sign in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor

from grader.calculus.exact_numbers import rational_power
from grader.reading.tree import ONE, ZERO, Tree, call, constant, divide, literal_value, multiply, neg, number

ODD = frozenset({"sin", "tan", "cot", "csc", "asin", "atan", "sinh", "tanh", "coth", "csch", "asinh", "atanh"}) | {
    "erf",
    "sign",
    "cbrt",
}
EVEN = frozenset({"cos", "sec", "cosh", "sech", "abs", "phi"})
PI = constant("pi")
HALF = number(Fraction(1, 2))

# sin(pi * key) for the angles of the first quarter turn.
_SINES: Mapping[Fraction, Tree] = {
    Fraction(0): ZERO,
    Fraction(1, 6): HALF,
    Fraction(1, 4): divide(ONE, call("sqrt", number(2))),
    Fraction(1, 3): divide(call("sqrt", number(3)), number(2)),
    Fraction(1, 2): ONE,
}
_AT_ZERO: Mapping[str, Tree] = {
    **dict.fromkeys(("asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "gelu"), ZERO),
    **dict.fromkeys(("cosh", "sech", "exp"), ONE),
    "sigmoid": HALF,
    "Phi": HALF,
    "softplus": call("ln", number(2)),
    "phi": divide(ONE, call("sqrt", multiply(number(2), PI))),
    "acos": divide(PI, number(2)),
}
_AT_ONE: Mapping[str, Tree] = {
    "ln": ZERO,
    "log2": ZERO,
    "log10": ZERO,
    "acos": ZERO,
    "acosh": ZERO,
    "asin": divide(PI, number(2)),
    "atan": divide(PI, number(4)),
}


def special_value(function: str, args: tuple[Tree, ...], turns: Fraction | None) -> Tree | None:
    """The exact value where the table has one; `turns` is the argument over pi, if rational."""
    values = [literal_value(arg) for arg in args]
    if len(args) == 1:
        if turns is not None and function in _TRIGONOMETRIC:
            return _TRIGONOMETRIC[function](turns)
        value = values[0]
        if value is None:
            return None
        if value == 0 and function in _AT_ZERO:
            return _AT_ZERO[function]
        if value == 1 and function in _AT_ONE:
            return _AT_ONE[function]
        return _OF_NUMBER[function](value) if function in _OF_NUMBER else None
    numbers = [value for value in values if value is not None]
    if len(numbers) == len(args) and function in _OF_NUMBERS:
        return _OF_NUMBERS[function](numbers)
    return None


def _sine(turns: Fraction) -> Tree | None:
    """The sine of turns * pi where it is in the table."""
    turns %= 2
    if turns >= 1:
        value = _sine(turns - 1)
        return value and (value if value == ZERO else neg(value))
    return _SINES.get(min(turns, 1 - turns))


def _cosine(turns: Fraction) -> Tree | None:
    """The cosine of turns * pi where it is in the table."""
    return _sine(turns + Fraction(1, 2))


def _over(top: Tree | None, bottom: Tree | None) -> Tree | None:
    """The quotient where both are known and it has a value."""
    return divide(top, bottom) if top and bottom and bottom != ZERO else None


_TRIGONOMETRIC: Mapping[str, Callable[[Fraction], Tree | None]] = {
    "sin": _sine,
    "cos": _cosine,
    "tan": lambda turns: _over(_sine(turns), _cosine(turns)),
    "cot": lambda turns: _over(_cosine(turns), _sine(turns)),
    "sec": lambda turns: _over(ONE, _cosine(turns)),
    "csc": lambda turns: _over(ONE, _sine(turns)),
}


def _sign(value: Fraction) -> Tree:
    """-1, 0 or 1."""
    return number((value > 0) - (value < 0))


def _whole_logarithm(value: Fraction, base: Fraction) -> Tree | None:
    """The logarithm where it is a whole number of at most a thousand."""
    if value <= 0 or base <= 0 or base == 1:
        return None
    grows = (value > 1) == (base > 1)
    step, power_reached = (base if grows else 1 / base), Fraction(1)
    for exponent in range(1_000):
        if power_reached == value:
            return number(exponent if grows else -exponent)
        power_reached *= step
        if (power_reached > value) if value > 1 else (power_reached < value):
            break
    return None


def _root(values: list[Fraction]) -> Tree | None:
    """root(x, n) where it is rational."""
    value, index = values
    if index.denominator != 1 or not 1 <= index <= 1_000:
        return None
    radical = rational_power(value, 1 / index)
    return number(radical.outside) if radical is not None and radical.inside == 1 else None


def _arctan_of(values: list[Fraction]) -> Tree | None:
    """atan2(y, x) on the axes."""
    y, x = values
    if y == 0 and x:
        return ZERO if x > 0 else PI
    if x == 0 and y:
        half = divide(PI, number(2))
        return half if y > 0 else neg(half)
    return None


_OF_NUMBER: Mapping[str, Callable[[Fraction], Tree | None]] = {
    "abs": lambda value: number(abs(value)),
    "sign": _sign,
    "relu": lambda value: number(max(value, Fraction(0))),
    # The value of the step at its kink is left open on purpose.
    "step": lambda value: number(int(value > 0)) if value else None,
    "floor": lambda value: number(floor(value)),
    "ceil": lambda value: number(ceil(value)),
    "log2": lambda value: _whole_logarithm(value, Fraction(2)),
    "log10": lambda value: _whole_logarithm(value, Fraction(10)),
    "cbrt": lambda value: _root([value, Fraction(3)]),
}
_OF_NUMBERS: Mapping[str, Callable[[list[Fraction]], Tree | None]] = {
    "min": lambda values: number(min(values)),
    "max": lambda values: number(max(values)),
    "log": lambda values: _whole_logarithm(*values) if len(values) == 2 else None,
    "root": lambda values: _root(values) if len(values) == 2 else None,
    "atan2": _arctan_of,
    "delta": lambda values: number(int(values[0] == values[1])),
}


def factorial_value(value: Fraction | None) -> Tree | None:
    """The factorial of a small whole number."""
    if value is None or value.denominator != 1 or not 0 <= value <= 170:
        return None
    result = 1
    for factor in range(2, int(value) + 1):
        result *= factor
    return number(result)
