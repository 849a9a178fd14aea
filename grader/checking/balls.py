"""Real functions on balls: every result contains the true value, or says why there is none.

A ball that is too wide to tell whether a value exists raises `Unclear`; a larger precision may help.
A value that provably does not exist raises `NoValue` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce

from flint import arb, ctx, fmpq

from grader.errors import GraderError

Ball = arb

ZERO, ONE, TWO, HALF = arb(0), arb(1), arb(2), arb(1) / 2
UNIT = HALF.union(arb(0)).union(arb(1))  # contains [0, 1]
ANYWHERE = arb(0, float("inf"))  # contains every number
SIGNS = arb(0, 1)  # contains [-1, 1]
LARGEST_EXPONENT = 2**62
LARGEST_DEGREE = 1000
LARGEST_FACTORIAL = 10**7


class NoValue(GraderError):
    """There is provably no real value here; the text says why."""


class Unclear(GraderError):
    """The ball is too wide to decide, at this precision."""


def ball(value: Fraction | int) -> arb:
    """The ball around an exact number, at the current precision."""
    if type(value) is int:
        return arb(value)
    if value.denominator == 1:
        return arb(value.numerator)
    return arb(fmpq(value.numerator, value.denominator))


def set_precision(bits: int) -> None:
    """Compute with this many bits from now on, in the whole process."""
    if ctx.prec != bits:  # looking costs a tenth of setting
        ctx.prec = bits


def pi() -> arb:
    """The constant pi."""
    return arb.pi()


def e() -> arb:
    """The constant e."""
    return arb.const_e()


def hull(first: arb, second: arb) -> arb:
    """A ball that contains both."""
    return first.union(second)


def inverse(x: arb) -> arb:
    """One over it."""
    if x.contains(ZERO):
        if x == 0:
            raise NoValue("division by zero")
        raise Unclear
    return ONE / x


def whole_power(x: arb, exponent: int) -> arb:
    """The power with a whole exponent; 0^0 is 1."""
    if exponent < 0:
        return inverse(whole_power(x, -exponent))
    if exponent <= 3 or x.contains(ZERO):
        if exponent > LARGEST_EXPONENT:
            raise Unclear
        return _by_squaring(x, exponent)
    if exponent > LARGEST_EXPONENT:
        raise Unclear
    return x**exponent


def _by_squaring(x: arb, exponent: int) -> arb:
    """The power by multiplying, which is right also for balls around zero."""
    result = ONE
    while exponent:
        if exponent & 1:
            result = result * x
        exponent >>= 1
        if exponent:
            x = x * x
    return result


def square_root(x: arb) -> arb:
    """The square root."""
    if x >= 0:
        return x.sqrt()
    if x < 0:
        raise NoValue("square root of a negative number")
    raise Unclear


def root_of_nonnegative(x: arb) -> arb:
    """The square root of what is known not to be negative, such as a square, although its ball may be."""
    if x >= 0:
        return x.sqrt()
    if not x.is_finite():
        raise Unclear
    return hull(ZERO, x.abs_upper().sqrt())


def _root(x: arb, degree: int) -> arb:
    """The root of a positive number; a degree may be of any size."""
    return x.root(degree) if degree <= LARGEST_DEGREE else x ** (1 / arb(degree))


def odd_root(x: arb, degree: int) -> arb:
    """The real root of odd degree, of a negative number too."""
    if x > 0:
        return _root(x, degree)
    if x < 0:
        return -_root(-x, degree)
    if x == 0:
        return ZERO
    bound = _root(x.abs_upper(), degree)
    return hull(bound, -bound)


def even_root(x: arb, degree: int) -> arb:
    """The root of even degree of a number that is not negative."""
    if x > 0:
        return _root(x, degree)
    if x == 0:
        return ZERO
    if x < 0:
        raise NoValue("even root of a negative number")
    raise Unclear


def fraction_power(x: arb, numerator: int, denominator: int) -> arb:
    """The power with a literal fraction in lowest terms as its exponent."""
    if denominator == 2:
        root = square_root(x)
    elif denominator > LARGEST_DEGREE and x > 0:
        return x ** (arb(numerator) / denominator)
    elif denominator % 2:
        root = odd_root(x, denominator)
    else:
        root = even_root(x, denominator)
    return root if numerator == 1 else whole_power(root, numerator)


def general_power(x: arb, y: arb) -> arb:
    """The power with any exponent; of a negative number only with a whole exponent."""
    if x > 0:
        return x**y
    if y.is_exact() and y.is_integer():
        return whole_power(x, _small_integer(y))
    if x == 0:
        if y > 0:
            return ZERO
        if y < 0:
            raise NoValue("zero to a negative power")
        raise Unclear
    if x < 0 and not y.contains_integer():
        raise NoValue("a negative number to a power that is not whole")
    raise Unclear


def _small_integer(y: arb) -> int:
    """An exact ball as an int, if it is not too large to write out."""
    if abs(y) > LARGEST_EXPONENT:
        raise Unclear
    return int(str(y.unique_fmpz()))


def ln(x: arb) -> arb:
    """The natural logarithm."""
    if x > 0:
        return x.log()
    if x <= 0:
        raise NoValue("logarithm of a number that is not positive")
    raise Unclear


def tan(x: arb) -> arb:
    """The tangent."""
    if x.cos().contains(ZERO):
        raise Unclear
    return x.tan()


def _on_unit(name: str) -> Callable[[arb], arb]:
    function: Callable[[arb], arb] = getattr(arb, name)

    def evaluate(x: arb) -> arb:
        if -1 <= x <= 1:
            return function(x)
        if x > 1 or x < -1:
            raise NoValue(f"{name} of a number outside [-1, 1]")
        raise Unclear

    return evaluate


def acosh(x: arb) -> arb:
    """The inverse of cosh."""
    if x >= 1:
        return x.acosh()
    if x < 1:
        raise NoValue("acosh of a number below 1")
    raise Unclear


def atanh(x: arb) -> arb:
    """The inverse of tanh."""
    if -1 < x < 1:
        return x.atanh()
    if x >= 1 or x <= -1:
        raise NoValue("atanh of a number outside (-1, 1)")
    raise Unclear


def atan2(y: arb, x: arb) -> arb:
    """The angle of the point (x, y)."""
    if x == 0 and y == 0:
        raise NoValue("atan2(0, 0)")
    return arb.atan2(y, x)


def sign(x: arb) -> arb:
    """-1, 0 or 1."""
    if x > 0:
        return ONE
    if x < 0:
        return -ONE
    return ZERO if x == 0 else SIGNS


def step(x: arb) -> arb:
    """0 below zero, 1 above; at zero any value between, since books differ."""
    if x > 0:
        return ONE
    return ZERO if x < 0 else UNIT


def delta(i: arb, j: arb) -> arb:
    """1 where both are equal, else 0."""
    if not i.overlaps(j):
        return ZERO
    return ONE if i == j else UNIT


def normal_probability(x: arb) -> arb:
    """The standard normal distribution function."""
    return (-x / TWO.sqrt()).erfc() / 2


def factorial(x: arb) -> arb:
    """The factorial of a whole number."""
    if x.is_exact() and x.is_integer():
        if x < 0:
            raise NoValue("factorial of a negative number")
        if x > LARGEST_FACTORIAL:
            raise Unclear
        return x.fac()
    if x.contains_integer():
        raise Unclear
    raise NoValue("factorial of a number that is not whole")


def least(*of: arb) -> arb:
    """The smallest."""
    return reduce(arb.min, of)


def greatest(*of: arb) -> arb:
    """The largest."""
    return reduce(arb.max, of)


# The meaning of functions by the name of their node; shorthands are written out by `identical`.
FUNCTIONS: Mapping[str, Callable[..., arb]] = {
    "exp": arb.exp,
    "ln": ln,
    "sin": arb.sin,
    "cos": arb.cos,
    "tan": tan,
    "asin": _on_unit("asin"),
    "acos": _on_unit("acos"),
    "atan": arb.atan,
    "sinh": arb.sinh,
    "cosh": arb.cosh,
    "tanh": arb.tanh,
    "asinh": arb.asinh,
    "acosh": acosh,
    "atanh": atanh,
    "atan2": atan2,
    "abs": abs,
    "sign": sign,
    "step": step,
    "floor": arb.floor,
    "ceil": arb.ceil,
    "min": least,
    "max": greatest,
    "erf": arb.erf,
    "Phi": normal_probability,
    "delta": delta,
    "factorial": factorial,
}
