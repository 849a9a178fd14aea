"""What can be said of a result as a whole, whatever rule led to it: a factor, a sign."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from grader.mistakes.probing import Probe
from grader.reading.tree import ZERO, Tree, literal_value, multiply, names_in, neg, number, walk

LARGEST_DENOMINATOR = 60
LARGEST_FACTOR = 1000
NEAR = Fraction(1, 10**12)


def result_mistakes(probes: Sequence[Probe], right: Sequence[Tree], functions: Sequence[Tree] = ()) -> set[str]:
    """What fits of `sign-flipped`, `constant-factor` and `mean-factor-lost`."""
    if all(probe.equals(neg(tree)) for probe, tree in zip(probes, right, strict=True)):
        return {"sign-flipped"}
    factor = common_factor(probes, right)
    found = set()
    if factor is not None and factor in mean_factors(functions):
        found.add("mean-factor-lost")
    is_whole = factor is not None and 1 in {factor.numerator, factor.denominator}
    if is_whole and not _is_single_number(right):
        found.add("constant-factor")
    if is_symbolic_mean_lost(probes, right, functions):
        found.add("mean-factor-lost")
    return found


def common_factor(probes: Sequence[Probe], right: Sequence[Tree]) -> Fraction | None:
    """The simple rational factor by which all entries differ from the right ones, if there is one.

    A negative one is none: a factor and a sign are two mistakes.
    """
    factor = next((found for pair in zip(probes, right, strict=True) if (found := _factor(*pair)) is not None), None)
    if factor is None or factor <= 0 or factor == 1:
        return None
    scaled = (multiply(number(factor), tree) for tree in right)
    return factor if all(probe.equals(tree) for probe, tree in zip(probes, scaled, strict=True)) else None


def _factor(probe: Probe, right: Tree) -> Fraction | None:
    """The factor between two values; None where either is zero or the factor is not simple."""
    known = next((pair for pair in probe.beside(right) if not pair[1].lower <= 0 <= pair[1].upper), None)
    if known is None:
        return None
    mine, theirs = known
    ratio = mine.middle / theirs.middle
    simple = ratio.limit_denominator(LARGEST_DENOMINATOR)
    is_near = probe.tolerance is not None or abs(ratio - simple) <= NEAR * max(Fraction(1), abs(ratio))
    return simple if is_near and 0 < abs(simple) <= LARGEST_FACTOR else None


def coefficient(term: Tree) -> Fraction:
    """The number in front of a term."""
    value = literal_value(term)
    if value is not None:
        return value
    if term.kind == "neg":
        return -coefficient(term.args[0])
    if term.kind == "quotient":
        return coefficient(term.args[0]) / (literal_value(term.args[1]) or 1)
    return prod(map(coefficient, term.args), start=Fraction(1)) if term.kind == "product" else Fraction(1)


def _is_single_number(right: Sequence[Tree]) -> bool:
    """Whether there is but one entry that is not zero, and it is a number."""
    entries = [tree for tree in right if tree != ZERO]
    return len(entries) < 2 and not any(map(names_in, entries))


def mean_factors(functions: Sequence[Tree]) -> frozenset[Fraction]:
    """By what an answer grows where the one over n of a mean is lost; none where nothing is a mean."""
    found: set[Fraction] = set()
    for function in functions:
        mean = mean_of(function)
        if mean is not None and mean[0] is not None:
            count = mean[0]
            terms = mean[1]
            if count >= 2 and (count in {terms, 2 * terms}):
                found |= {Fraction(count), Fraction(terms)}
    return frozenset(found)


def mean_of(function: Tree) -> tuple[int | None, int, Tree] | None:
    """Divisor (None for a name), number of terms and divisor tree of a function that is a mean."""
    divisors, rest = _divided(function)
    sums = [part for part in rest if part.kind in {"sum", "sigma"}]
    if len(sums) != 1 or not divisors:
        return None
    terms = len(sums[0].args) if sums[0].kind == "sum" else 0
    divisor = divisors[0] if len(divisors) == 1 else multiply(*divisors)
    if divisor.kind == "number" and divisor.value.isdigit():
        return int(divisor.value), terms, divisor
    return (None, terms, divisor) if any(node.kind == "name" for node in walk(divisor)) else None


def _divided(tree: Tree) -> tuple[list[Tree], list[Tree]]:
    """What a product or quotient is divided by, and its other factors."""
    if tree.kind == "quotient":
        divisors, rest = _divided(tree.args[0])
        return [*divisors, tree.args[1]], rest
    if tree.kind == "product":
        pairs = [_divided(factor) for factor in tree.args]
        return [each for one, _ in pairs for each in one], [each for _, other in pairs for each in other]
    return [], [tree]


def _names_of_terms(function: Tree, divisor: Tree) -> frozenset[str]:
    """The names in what is summed; a number of terms is not among them."""
    return frozenset(
        node.value for part in _divided(function)[1] if part != divisor for node in walk(part) if node.kind == "name"
    )


def is_symbolic_mean_lost(probes: Sequence[Probe], right: Sequence[Tree], functions: Sequence[Tree]) -> bool:
    """Whether the answer is the right one times a divisor that is a name, such as n."""
    for function in functions:
        mean = mean_of(function)
        if mean is None or mean[0] is not None or names_in(mean[2]) & _names_of_terms(function, mean[2]):
            continue
        divisors = [mean[2], *(part for part in mean[2].args if names_in(part))]
        for divisor in divisors:
            scaled = (multiply(divisor, tree) for tree in right)
            if all(probe.equals(tree) for probe, tree in zip(probes, scaled, strict=True)):
                return True
    return False
