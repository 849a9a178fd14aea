"""The values that a function can have where its arguments lie in intervals; None where it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from math import ceil, floor

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import Certified, enclose
from grader.checking.intervals import (
    EVERYTHING,
    NONNEGATIVE,
    POSITIVE,
    absolute,
    add,
    between,
    exactly,
    hull,
    meet,
    multiply,
    negative,
    rounded,
)
from grader.checking.sampling import Interval
from grader.reading.tree import Tree, call, constant, number
from grader.reading.tree import multiply as times

HALF = Fraction(1, 2)
PRECISION = 256

# The first digits of pi, as rationals below and above it.
PI_BELOW = Fraction("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
PI_ABOVE = PI_BELOW + Fraction(1, 10**80)
AROUND_PI = between(PI_BELOW, PI_ABOVE, closed=False)
AROUND_E = between(
    Fraction("2.71828182845904523536028747135266249775"), Fraction("2.71828182845904523536028747135266249776")
)
HALF_TURN = multiply(AROUND_PI, between(-HALF, HALF))
# Just below pi/2.
QUARTER = PI_BELOW / 2
UNIT = between(-1, 1)
INSIDE = between(-1, 1, closed=False)
SHARE = between(0, 1)
# Where functions have values, if not everywhere.
DOMAINS: Mapping[str, Interval] = {
    "ln": POSITIVE,
    "asin": UNIT,
    "acos": UNIT,
    "acosh": Interval(Fraction(1), None, lower_closed=True),
    "atanh": INSIDE,
    "factorial": NONNEGATIVE,
}
# Rising functions with all the values that they may have.
RISING: Mapping[str, Interval] = {
    "exp": POSITIVE,
    "ln": EVERYTHING,
    "sinh": EVERYTHING,
    "tanh": INSIDE,
    "asinh": EVERYTHING,
    "acosh": NONNEGATIVE,
    "atanh": EVERYTHING,
    "asin": HALF_TURN,
    "atan": HALF_TURN,
    "erf": INSIDE,
    "Phi": between(0, 1, closed=False),
}
# Beyond this an exponential is not computed: it is infinite or zero for every purpose here.
LARGEST_ARGUMENT = 4_000
MOST_TURNS = 10**6

Rule = Callable[[tuple[Interval, ...]], Interval | None]


def image(kind: str, args: tuple[Interval, ...]) -> Interval | None:
    """The values of a function; everything where nothing is known of it."""
    inside = args
    if kind in DOMAINS:
        met = args[0].meet(DOMAINS[kind])
        if met is None:
            return None
        inside = (met,)
    if kind in RISING:
        return _rising(kind, inside[0])
    rule = RULES.get(kind)
    return EVERYTHING if rule is None else rule(inside)


def _rising(kind: str, of: Interval) -> Interval | None:
    lowest = None if of.lower is None else _at(kind, of.lower)
    highest = None if of.upper is None else _at(kind, of.upper)
    lower = None if lowest is None else lowest.lower
    upper = None if highest is None else highest.upper
    # Where an end is not exact it was moved outwards, and may as well be taken to belong to the values.
    lower_closed = lowest is not None and (of.lower_closed or lowest.exact is None)
    upper_closed = highest is not None and (of.upper_closed or highest.exact is None)
    return rounded(Interval(lower, upper, lower_closed, upper_closed)).meet(RISING[kind])


def _at(kind: str, value: Fraction) -> Certified | None:
    """The value of a function at a number; None where it is infinite or too large to write out."""
    if kind in {"exp", "sinh"} and abs(value) > LARGEST_ARGUMENT:
        return None
    return _enclosed(call(kind, number(value)))


def _enclosed(tree: Tree) -> Certified | None:
    """Certified ends for a value; None where it is too large to write out, or too near to a pole."""
    try:
        return enclose(tree, {}, PRECISION)
    except (NoValue, Unclear):
        return None


def _acos(args: tuple[Interval, ...]) -> Interval | None:
    asin = _rising("asin", args[0])
    if asin is None:
        return None
    found = add(multiply(AROUND_PI, exactly(HALF)), negative(asin))
    return found.meet(NONNEGATIVE)


def _cosh(args: tuple[Interval, ...]) -> Interval | None:
    growth, decay = _rising("exp", args[0]), _rising("exp", negative(args[0]))
    if growth is None or decay is None:
        return None
    found = multiply(add(growth, decay), exactly(HALF))
    return found.meet(Interval(Fraction(1), None, lower_closed=True))


def sine_of_turns(turns: Interval) -> Interval | None:
    """The values of sin(pi*t), from exact ends of t."""
    if not _is_narrow(turns):
        return UNIT
    return _sine(turns, [_sine_at(turn, multiplied(turn)) for turn in (turns.lower, turns.upper) if turn is not None])


def sine(of: Interval) -> Interval | None:
    """The values of the sine."""
    turns = multiply(of, between(1 / PI_ABOVE, 1 / PI_BELOW, closed=False))
    if not _is_narrow(turns):
        return UNIT
    return _sine(turns, [_sine_at(None, number(end)) for end in (of.lower, of.upper) if end is not None])


def cosine(of: Interval) -> Interval | None:
    """The values of the cosine."""
    found = sine(add(of, multiply(AROUND_PI, exactly(HALF))))
    return exactly(1) if of == exactly(0) else found


def _is_narrow(turns: Interval) -> bool:
    lower, upper = turns.lower, turns.upper
    return lower is not None and upper is not None and upper - lower < 2 and abs(lower) < MOST_TURNS


def _sine(turns: Interval, ends: list[Interval]) -> Interval | None:
    """The values between the ends and at every peak that may lie between them."""
    lower, upper = turns.lower or Fraction(0), turns.upper or Fraction(0)
    peaks = range(ceil(lower - HALF), floor(upper - HALF) + 1)
    return meet(hull([*ends, *(exactly(1 if peak % 2 == 0 else -1) for peak in peaks)]), UNIT)


def _sine_at(turn: Fraction | None, angle: Tree) -> Interval:
    if turn is not None and turn.denominator == 1:
        return exactly(0)
    if turn is not None and turn.denominator == 2:
        return exactly(1 if turn.numerator % 4 == 1 else -1)
    found = _enclosed(call("sin", angle))
    return UNIT if found is None else between(found.lower, found.upper)


def multiplied(turn: Fraction) -> Tree:
    """So many times pi."""
    return times(number(turn), constant("pi"))


def _tangent(args: tuple[Interval, ...]) -> Interval | None:
    (of,) = args
    if of.lower is None or of.upper is None or not (-QUARTER < of.lower <= of.upper < QUARTER):
        return EVERYTHING
    low, high = [_enclosed(call("tan", number(end))) for end in (of.lower, of.upper)]
    return EVERYTHING if low is None or high is None else between(low.lower, high.upper)


def _sign(args: tuple[Interval, ...]) -> Interval | None:
    return hull(
        exactly(sign)
        for sign, half in ((-1, negative(POSITIVE)), (0, exactly(0)), (1, POSITIVE))
        if args[0].meet(half) is not None
    )


def _step(args: tuple[Interval, ...]) -> Interval | None:
    halves = [exactly(value) for value, half in ((0, negative(POSITIVE)), (1, POSITIVE)) if args[0].meet(half)]
    return hull([*halves, SHARE if args[0].holds(Fraction(0)) else None])


def _rounded_to_whole(toward: Callable[[Fraction], int]) -> Rule:
    def rule(args: tuple[Interval, ...]) -> Interval | None:
        lower, upper = args[0].lower, args[0].upper
        return Interval(
            None if lower is None else Fraction(toward(lower)),
            None if upper is None else Fraction(toward(upper)),
            True,
            True,
        )

    return rule


def _least(args: tuple[Interval, ...]) -> Interval | None:
    return reduce(_lesser, args)


def _lesser(first: Interval, second: Interval) -> Interval:
    """All smaller ones of two: between the lowest of both and the lower of their upper ends."""
    around = hull([first, second]) or EVERYTHING
    uppers = [one for one in (first, second) if one.upper is not None]
    if not uppers:
        return around._replace(upper=None, upper_closed=False)
    lowest = min(uppers, key=lambda one: (one.upper or 0, one.upper_closed))
    return around._replace(upper=lowest.upper, upper_closed=lowest.upper_closed)


RULES: Mapping[str, Rule] = {
    "sin": lambda args: sine(args[0]),
    "cos": lambda args: cosine(args[0]),
    "tan": _tangent,
    "acos": _acos,
    "cosh": _cosh,
    "abs": lambda args: absolute(args[0]),
    "sign": _sign,
    "step": _step,
    "floor": _rounded_to_whole(floor),
    "ceil": _rounded_to_whole(ceil),
    "min": _least,
    "max": lambda args: negative(reduce(_lesser, [negative(arg) for arg in args])),
    "delta": lambda _: SHARE,
    "factorial": lambda _: Interval(Fraction(1), None, lower_closed=True),
    "atan2": lambda _: multiply(AROUND_PI, UNIT),
}
