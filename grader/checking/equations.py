"""Whether two equations have the same solutions: as curves, solved for a name, or compared at points."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, product

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import enclose, exact_value
from grader.checking.crossings import Side, crossings
from grader.checking.curves import OFF, ON, alternatives_of, compare_curves, curve_of, difference_of, places, points_of
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.equation_holes import divides_by_zero, have_same_holes
from grader.checking.identical import Numbering
from grader.checking.kernel_ratios import KernelRatios
from grader.checking.monotone import INCREASING, with_exp
from grader.checking.normal import constant_of
from grader.checking.polynomials import TooLarge
from grader.checking.printed import rounded_words, short
from grader.checking.programs import MissingName, NotScalar
from grader.checking.sampling import Point
from grader.checking.signs import is_positive
from grader.checking.verdict import Agreement, Counterexample, Outcome, OutOfBudget, Proof, Verdict
from grader.reading.tree import (
    Tree,
    add,
    call,
    literal_value,
    multiply,
    name,
    names_in,
    neg,
    number,
    substitute,
)

NAMES = 8
RATIOS = 6
LARGEST_RATIO = 10_000
CROSSED = 4


def compare_equations(response: Tree, key: Tree, domain: Domain) -> Verdict:
    """Two relations with one `=`, or several joined by `or`, compared as solution sets."""
    response, key = _undressed(response), _undressed(key)
    if response == key:
        return _equal("the same equation")
    names = tuple(sorted(names_in(response) | names_in(key)))
    return _as_curves(response, key, names, domain) or _by_solving(response, key, names, domain)


def _as_curves(response: Tree, key: Tree, names: tuple[str, ...], domain: Domain) -> Verdict | None:
    """The verdict on equations between polynomials; None for others, and where factors do not tell."""
    if len(names) > NAMES:
        return None
    try:
        first, second = curve_of(response, names), curve_of(key, names)
    except (Unclear, TooLarge, NoValue, NotScalar):
        return None
    return compare_curves(first, second, names, domain)


def _undressed(equation: Tree) -> Tree:
    """The equation without functions that change no solution: odd powers and exp on both sides, |u| = 0, ln u = v."""
    if equation.kind == "or":
        return Tree("or", tuple(part for each in equation.args for part in alternatives_of(_undressed(each))))
    left, right = map(with_exp, equation.args)
    for side, other in ((left, right), (right, left)):
        if side.kind == "call" and side.value == "ln":
            return Tree("relation", (side.args[0], call("exp", other)), "=")
        if side.kind == "call" and side.value in {"abs", "sqrt"} and literal_value(other) == 0:
            return _undressed(Tree("relation", (side.args[0], other), "="))
        size = literal_value(other) if side.kind == "call" and side.value in {"abs", "sqrt"} else None
        if size is not None and size > 0:
            if side.value == "sqrt":
                return _undressed(Tree("relation", (side.args[0], number(size * size)), "="))
            ends = (number(size), number(-size))
            return Tree("or", tuple(Tree("relation", (side.args[0], each), "=") for each in ends))
    if left.kind == right.kind == "power" and left.args[1] == right.args[1]:
        exponent = literal_value(left.args[1])
        if exponent is not None and exponent.denominator == 1 and exponent > 0 and exponent.numerator % 2:
            return _undressed(Tree("relation", (left.args[0], right.args[0]), "="))
    if left.kind == right.kind == "call" and left.value == right.value == "abs":
        ends = (right.args[0], neg(right.args[0]))
        return Tree("or", tuple(Tree("relation", (left.args[0], each), "=") for each in ends))
    is_called = left.kind == right.kind == "call" and left.value == right.value
    if is_called and left.value in INCREASING and len(left.args) == 1:
        return _undressed(Tree("relation", (left.args[0], right.args[0]), "="))
    return equation


def is_trivial(equation: Tree) -> bool:
    """Whether the two sides are the same, or differ by a number, wherever they have values."""
    names = tuple(sorted(names_in(equation)))
    if not names or equation.args[0] == equation.args[1]:
        return True
    try:
        ratio = KernelRatios(names[:NAMES]).of_tree(difference_of(equation))
    except (Unclear, TooLarge, NoValue, NotScalar):
        left, right = equation.args
        return decide(left, right).outcome is Outcome.EQUAL
    return bool(ratio.top.is_constant())


def _equal(method: str) -> Verdict:
    return Verdict(Outcome.EQUAL, Proof(method))


def _by_solving(response: Tree, key: Tree, names: tuple[str, ...], domain: Domain) -> Verdict:
    """Both solved for the same name and the other sides compared; else a point on one of the two only."""
    # What is cancelled on the way would hide where an equation divides by zero and has no solution.
    if response.kind == "relation" and key.kind == "relation" and have_same_holes(response, key, names, domain):
        for each in names:
            mine, theirs = solved_for(response, each, domain), solved_for(key, each, domain)
            if mine is None or theirs is None:
                continue
            verdict = decide(mine, theirs, domain)
            back = decide(theirs, mine, domain)
            if verdict.outcome is back.outcome is Outcome.EQUAL:
                return verdict if isinstance(verdict.evidence, Agreement) else back
        same = _as_multiple(response, key, names, domain)
        if same is not None:
            return same
    point = _sampled_point(response, key, names, domain) or _crossing_point(response, key, names, domain)
    return point or Verdict(
        Outcome.UNDECIDED, OutOfBudget("the two equations could neither be proved equal nor told apart")
    )


def _as_multiple(response: Tree, key: Tree, names: tuple[str, ...], domain: Domain) -> Verdict | None:
    """Equal, if one difference of sides is a number other than 0 times the other wherever either has a value."""
    mine, theirs = difference_of(response), difference_of(key)
    for point in islice(domain.points(names), RATIOS):
        try:
            above, below = enclose(mine, point), enclose(theirs, point)
        except (NoValue, Unclear, MissingName, NotScalar):
            continue
        if below.lower <= 0 <= below.upper:
            continue
        ratio = (above.middle / below.middle).limit_denominator(LARGEST_RATIO)
        if ratio == 0:
            return None
        scaled = multiply(number(ratio), theirs)
        there, back = decide(mine, scaled, domain), decide(scaled, mine, domain)
        return there if there.outcome is back.outcome is Outcome.EQUAL else None
    return None


def _crossing_point(response: Tree, key: Tree, names: tuple[str, ...], domain: Domain) -> Verdict | None:
    """Different, if somewhere a stretch holds a solution of the one equation and none of the other."""
    for mine, theirs, is_mine in ((response, key, True), (key, response, False)):
        for unknown, part in product(names[:2], alternatives_of(mine)):
            side = Side(difference_of(part), unknown)
            others = [Side(difference_of(each), unknown) for each in alternatives_of(theirs)]
            for point in islice(places(tuple(one for one in names if one != unknown), domain), CROSSED):
                for ends in crossings(side, point, unknown, domain):
                    found = [other.on(point, ends) for other in others]
                    if all(each is not None and (each.lower > 0 or each.upper < 0) for each in found):
                        near = rounded_words(sum(ends) / Fraction(2))
                        shown = (*((one, short(value)) for one, value in point.items()), (unknown, near))
                        return Verdict(Outcome.DIFFERENT, Counterexample(shown, *((ON, OFF) if is_mine else (OFF, ON))))
    return None


def solved_for(equation: Tree, unknown: str, domain: Domain) -> Tree | None:
    """The other side, for an equation in the name alone, its exponential or an odd power of it.

    Or one that is linear in the name with a coefficient that is never zero.
    """
    left, right = equation.args
    for side, other in ((left, right), (right, left)):
        if unknown not in names_in(other):
            solved = _freed(side, other, name(unknown))
            if solved is not None:
                return solved
    difference = difference_of(equation)
    at_zero, at_one, at_two = (substitute(difference, {unknown: number(value)}) for value in (0, 1, 2))
    slope = add(at_one, neg(at_zero))
    if unknown not in names_in(difference) or not _is_proved_equal(add(at_two, neg(at_one)), slope):
        return None
    straight = add(at_zero, Tree("product", (slope, name(unknown))))
    if not _is_proved_equal(straight, difference) or not _is_never_zero_tree(slope, domain):
        return None
    return neg(Tree("quotient", (at_zero, slope)))


def _freed(side: Tree, other: Tree, unknown: Tree) -> Tree | None:
    """The other side for the name, where this one is the name, `e^y` or an odd power of it."""
    if side == unknown:
        return other
    if side == call("exp", unknown):
        return call("ln", other)
    exponent = literal_value(side.args[1]) if side.kind == "power" and side.args[0] == unknown else None
    if exponent is not None and exponent.denominator == 1 and exponent > 0 and exponent.numerator % 2:
        return Tree("power", (other, number(1 / exponent)))
    return None


def _is_proved_equal(first: Tree, second: Tree) -> bool:
    verdict = decide(first, second)
    return verdict.outcome is Outcome.EQUAL and isinstance(verdict.evidence, Proof)


def _is_never_zero_tree(tree: Tree, domain: Domain) -> bool:
    numbering = Numbering()
    value = constant_of(numbering.nodes, numbering.of(tree))
    if value is not None:
        return bool(value)
    try:
        ratios = KernelRatios(tuple(sorted(names_in(tree))))
        ratio = ratios.of_tree(tree)
        tree = ratios.tree(ratio.top)
    except (Unclear, TooLarge, NoValue, NotScalar):
        return False
    for each in (tree, neg(tree)):
        numbering = Numbering()
        root = numbering.of(each)
        if is_positive(numbering.nodes, root, domain):
            return True
    return False


def _sampled_point(response: Tree, key: Tree, names: tuple[str, ...], domain: Domain) -> Verdict | None:
    """A point of one equation that is certainly off the other, found by solving for a name that stands alone."""
    for mine, theirs, is_mine in ((response, key, True), (key, response, False)):
        for each in names:
            solved = [solved_for(part, each, domain) for part in alternatives_of(mine)]
            for right in solved:
                if right is None:
                    continue
                for point in places(tuple(one for one in names if one != each), domain):
                    verdict = _is_off(theirs, each, right, point, domain)
                    if verdict is not None:
                        values = (ON, OFF) if is_mine else (OFF, ON)
                        shown = (*((one, short(value)) for one, value in point.items()), (each, verdict))
                        return Verdict(Outcome.DIFFERENT, Counterexample(shown, *values))
        found = _exact_point(mine, theirs, names, domain) or _curve_point(mine, theirs, names, domain)
        if found is not None:
            return Verdict(Outcome.DIFFERENT, Counterexample(found, *((ON, OFF) if is_mine else (OFF, ON))))
    return None


def _curve_point(
    mine: Tree, theirs: Tree, names: tuple[str, ...], domain: Domain
) -> tuple[tuple[str, str], ...] | None:
    """A point of a polynomial equation that is certainly off the other."""
    try:
        points = points_of(curve_of(mine, names), domain)
        for point, unknown, root in points:
            text = _is_off(theirs, unknown, root.as_tree(), point, domain)
            if text is not None:
                return (*((each, short(value)) for each, value in point.items()), (unknown, text))
    except (Unclear, TooLarge, NoValue, NotScalar):
        return None
    return None


def _exact_point(
    mine: Tree, theirs: Tree, names: tuple[str, ...], domain: Domain
) -> tuple[tuple[str, str], ...] | None:
    """A sample point that meets one equation exactly and certainly not the other."""
    for point in places(names, domain):
        if not any(exact_value(difference_of(part), point) == 0 for part in alternatives_of(mine)):
            continue
        try:
            apart = [enclose(difference_of(part), point) for part in alternatives_of(theirs)]
        except (NoValue, Unclear, MissingName, NotScalar):
            continue
        if all(found.lower > 0 or found.upper < 0 for found in apart):
            return tuple((each, short(value)) for each, value in point.items())
    return None


def _is_off(equation: Tree, unknown: str, right: Tree, point: Point, domain: Domain) -> str | None:
    """The text of the solved name's value where the other equation certainly fails there."""
    try:
        value = enclose(right, point)
    except (NoValue, Unclear, MissingName, NotScalar):
        return None
    variable = domain.variable(unknown)
    if abs(float(value)) == float("inf"):
        return None
    if not (variable.holds(value.lower) and variable.holds(value.upper)):
        return None
    for part in alternatives_of(equation):
        put = substitute(difference_of(part), {unknown: right})
        try:
            found = enclose(put, point)
        except NoValue:
            continue
        except Unclear:
            if divides_by_zero(put, point):
                continue
            return None
        except (MissingName, NotScalar):
            return None
        if found.lower <= 0 <= found.upper:
            return None
    return short(value.exact) if value.exact is not None else rounded_words(value.middle)
