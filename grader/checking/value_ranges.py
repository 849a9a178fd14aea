"""Between which numbers the values of nodes lie, for all values of the variables at once.

Every node gets an interval that holds all its values: forwards from those of its arguments, and
backwards, since where `ln(u)` has a value u is positive; so that x lies above 1 where `sqrt(x - 1)`
and below 0 where `sqrt(-x)` has one, and `sqrt(x - 1) + sqrt(-x)` has none anywhere. All rounding is
outwards, so a node that is left with no value at all provably has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from grader.checking.domain import ANYTHING, Domain
from grader.checking.intervals import (
    EVERYTHING,
    NONNEGATIVE,
    POSITIVE,
    add,
    exactly,
    hull,
    inverse,
    multiply,
    negative,
    root,
    rounded,
    whole_power,
)
from grader.checking.nodes import Node, literal_exponent
from grader.checking.polynomial_ranges import polynomial_range
from grader.checking.programs import reachable
from grader.checking.range_rules import AROUND_E, AROUND_PI, DOMAINS, image, sine_of_turns
from grader.checking.sampling import Interval

MOST_ROUNDS = 6
MOST_TERMS = 16
MOST_NODES = 600
# Normal forms take longer than all the rest, so they are asked for a few short nodes only.
MOST_POLYNOMIALS, LONGEST_POLYNOMIAL = 16, 60
LARGEST_DEGREE = 1000
# Kinds that have values everywhere and are continuous.
SMOOTH = frozenset(
    {"number", "name", "constant", "sum", "product", "exp", "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh"}
    | {"abs", "min", "max", "erf", "Phi"}
)


class Nowhere(Exception):
    """There is no real value for any values of the variables."""


class ValueRanges:
    """The ranges of the nodes below a root, where the root has a value; Nowhere if that is nowhere.

    Without going backwards the range of a node does not depend on what it is used for.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        root: int,
        domain: Domain = ANYTHING,
        cases: dict[int, Interval | None] | None = None,
        *,
        backwards: bool = True,
    ) -> None:
        self._nodes = nodes
        self._domain = domain
        self._cases = {} if cases is None else cases
        self._ranges: dict[int, Interval] = {}
        self._needed = sorted(reachable(list(nodes), root))
        if len(self._needed) > MOST_NODES:
            self._needed = []
        self._number_of = {nodes[number]: number for number in self._needed}
        self._use_polynomials()
        for _ in range(MOST_ROUNDS if backwards else 1):
            before = dict(self._ranges)
            for number in self._needed:
                self._narrow(number, self._forward(number))
            for number in reversed(self._needed if backwards else []):
                self._backward(nodes[number])
            if self._ranges == before:
                break

    def _use_polynomials(self) -> None:
        """Start from the exact ranges of polynomials, where it matters on which side of a number they are."""
        matters = {self._nodes[number].args[0] for number in self._needed if self._is_partial(self._nodes[number])}
        short = [
            number for number in sorted(matters) if len(reachable(list(self._nodes), number)) <= LONGEST_POLYNOMIAL
        ]
        for number in short[:MOST_POLYNOMIALS]:
            found = polynomial_range(self._nodes, number, self._domain)
            if found is not None:
                self._ranges[number] = found

    def _is_partial(self, node: Node) -> bool:
        """Whether the node has no value for some values of its first argument."""
        if node.kind != "power":
            return node.kind in DOMAINS
        by = literal_exponent(self._nodes, node)
        return by is not None and (by < 0 or by.denominator % 2 == 0)

    def of(self, number: int) -> Interval:
        """The range of a node."""
        return self._ranges.get(number, EVERYTHING)

    def _narrow(self, number: int, found: Interval | None) -> None:
        met = None if found is None else self.of(number).meet(rounded(found))
        if met is None:
            raise Nowhere
        self._ranges[number] = met

    def _forward(self, number: int) -> Interval | None:
        """The values of a node, from those of its arguments."""
        node = self._nodes[number]
        if node.kind == "number":
            return exactly(node.value) if not isinstance(node.value, str) else EVERYTHING
        if node.kind == "name":
            return hull(self._domain.variable(str(node.value)).intervals)
        if node.kind == "constant":
            return {"pi": AROUND_PI, "e": AROUND_E}.get(str(node.value))
        if node.kind == "sum":
            return self._sum(node)
        if node.kind == "product":
            return self._product(node)
        if node.kind == "power":
            return self._power(node)
        if node.kind == "piecewise":
            return self._piecewise(node)
        if node.kind in {"sin", "cos"}:
            return self._turning(node)
        return image(node.kind, tuple([self.of(arg) for arg in node.args])) if node.args else EVERYTHING

    def _sum(self, node: Node) -> Interval:
        total = _exact(node)
        for arg in node.args:
            total = add(total, self.of(arg))
        return total

    def _product(self, node: Node) -> Interval | None:
        total: Interval | None = _exact(node)
        for arg in dict.fromkeys(node.args):
            of = whole_power(self.of(arg), node.args.count(arg))
            total = None if total is None or of is None else rounded(multiply(total, of))
        return total

    def _power(self, node: Node) -> Interval | None:
        base, by = self.of(node.args[0]), self._nodes[node.args[1]]
        if by.kind != "number" or isinstance(by.value, str):
            return self._general_power(node)
        exponent = Fraction(by.value)
        if max(abs(exponent.numerator), exponent.denominator) > LARGEST_DEGREE:
            return NONNEGATIVE if exponent.numerator % 2 == 0 or exponent.denominator % 2 == 0 else EVERYTHING
        inner = root(base, exponent.denominator)
        return None if inner is None else whole_power(inner, exponent.numerator)

    def _general_power(self, node: Node) -> Interval | None:
        """A power with any exponent: positive where the base is, which may be zero to a positive one."""
        base, exponent = self.of(node.args[0]), self.of(node.args[1])
        if base.lower is None or base.lower < 0:
            return EVERYTHING
        if base.lower == 0 and base.lower_closed:
            return NONNEGATIVE
        logarithm = image("ln", (base,))
        return POSITIVE if logarithm is None else image("exp", (rounded(multiply(exponent, logarithm)),))

    def _turning(self, node: Node) -> Interval | None:
        """A sine or cosine; of pi times something, exactly at multiples of a half."""
        arg = self._nodes[node.args[0]]
        turns = self._turns(arg)
        if turns is None:
            return image(node.kind, (self.of(node.args[0]),))
        return sine_of_turns(turns if node.kind == "sin" else add(turns, exactly(Fraction(1, 2))))

    def _turns(self, arg: Node) -> Interval | None:
        """The range of what pi is multiplied by, where it is."""
        kinds = [self._nodes[each].kind == "constant" and self._nodes[each].value == "pi" for each in arg.args]
        if arg.kind == "constant" and arg.value == "pi":
            return exactly(1)
        if arg.kind != "product" or kinds.count(True) != 1:
            return None
        others = tuple(each for each, is_pi in zip(arg.args, kinds, strict=True) if not is_pi)
        return self._product(arg._replace(args=others))

    def _piecewise(self, node: Node) -> Interval | None:
        """Any of the cases that have values, whatever their conditions say."""
        return hull(self._of_case(self._nodes[arg].args[0]) for arg in node.args)

    def _of_case(self, number: int) -> Interval | None:
        if number not in self._cases:
            self._cases[number] = EVERYTHING
            try:
                self._cases[number] = ValueRanges(self._nodes, number, self._domain, self._cases).of(number)
            except Nowhere:
                self._cases[number] = None
        return self._cases[number]

    def _backward(self, node: Node) -> None:
        """What the range of a node says about its arguments, beside that they lie where it has a value."""
        if node.kind in DOMAINS:
            self._narrow(node.args[0], DOMAINS[node.kind])
        if node.kind == "sum" and len(node.args) <= MOST_TERMS:
            self._back_to_terms(node)
        elif node.kind == "product" and len(set(node.args)) == len(node.args) <= MOST_TERMS:
            self._back_to_factors(node)
        elif node.kind == "power":
            self._back_to_base(node)
        elif node.kind == "ln":
            self._narrow(node.args[0], image("exp", (self._own(node),)))
        elif node.kind == "exp":
            self._narrow(node.args[0], image("ln", (self._own(node),)))

    def _own(self, node: Node) -> Interval:
        return self.of(self._number_of[node])

    def _back_to_terms(self, node: Node) -> None:
        for place, arg in enumerate(node.args):
            others = _exact(node)
            for other in node.args[:place] + node.args[place + 1 :]:
                others = add(others, self.of(other))
            self._narrow(arg, add(self._own(node), negative(others)))

    def _back_to_factors(self, node: Node) -> None:
        for place, arg in enumerate(node.args):
            others = self._product(node._replace(args=node.args[:place] + node.args[place + 1 :]))
            if others is None or others.holds(Fraction(0)):
                continue
            over = inverse(others)
            if over is not None:
                self._narrow(arg, multiply(self._own(node), over))

    def _back_to_base(self, node: Node) -> None:
        """From b^q back to b: where it is a root, on the side where that has a value."""
        base, by = node.args[0], literal_exponent(self._nodes, node)
        if by is None:
            return
        if by.denominator % 2 == 0:
            self._narrow(base, NONNEGATIVE if by > 0 else POSITIVE)
        if by == 0 or max(abs(by.numerator), by.denominator) > LARGEST_DEGREE:
            return
        found: Interval | None = self._own(node)
        if by < 0:
            found = inverse(found) if found is not None else None
        if found is None:
            raise Nowhere
        self._narrow(base, _base_of(found, abs(by.numerator), by.denominator))


def _base_of(power: Interval, numerator: int, denominator: int) -> Interval | None:
    """All numbers whose power with this exponent lies in the interval."""
    size = root(power, numerator)
    if size is None:
        return None
    if numerator % 2 == 0:
        size = hull([size, negative(size)])
    if size is not None and denominator % 2 == 0:
        size = size.meet(NONNEGATIVE)
    return None if size is None else whole_power(size, denominator)


def _exact(node: Node) -> Interval:
    """The number that a sum or product carries."""
    return EVERYTHING if isinstance(node.value, str) else exactly(node.value)


def has_empty_range(nodes: Sequence[Node], root_number: int, domain: Domain = ANYTHING) -> bool:
    """Whether the node provably has no real value, whatever values of the domain the variables take."""
    try:
        ValueRanges(nodes, root_number, domain)
    except Nowhere:
        return True
    return False


def where_defined(nodes: Sequence[Node], root_number: int, domain: Domain) -> Domain:
    """The domain without what cannot belong to it where the node has a value; itself where that is nowhere."""
    try:
        ranges = ValueRanges(nodes, root_number, domain)
    except Nowhere:
        return domain
    variables = dict(domain.variables)
    for number in reachable(list(nodes), root_number):
        node = nodes[number]
        if node.kind == "name" and ranges.of(number) != EVERYTHING:
            declared = domain.variable(str(node.value))
            met = [one.meet(ranges.of(number)) for one in declared.intervals]
            variables[str(node.value)] = replace(declared, intervals=tuple(one for one in met if one is not None))
    return Domain(variables, domain.declared, domain.functions)


def nodes_with_values(nodes: Sequence[Node], root_number: int, domain: Domain) -> frozenset[int]:
    """The nodes that surely have a value wherever their arguments have one."""
    try:
        ranges = ValueRanges(nodes, root_number, domain, backwards=False)
    except Nowhere:
        return frozenset()
    return frozenset(number for number in reachable(list(nodes), root_number) if _has_value(nodes, number, ranges))


def _has_value(nodes: Sequence[Node], number: int, ranges: ValueRanges) -> bool:
    node = nodes[number]
    kind, args, _ = node
    if kind in DOMAINS and kind != "factorial":
        return _lies_in(ranges.of(args[0]), DOMAINS[kind])
    by = literal_exponent(nodes, node) if kind == "power" else None
    if by is None:
        return False
    base = ranges.of(args[0])
    is_rooted = by.denominator % 2 == 1 or _lies_in(base, NONNEGATIVE)
    return is_rooted and (by >= 0 or not base.holds(Fraction(0)))


def is_continuous(nodes: Sequence[Node], number: int, ranges: ValueRanges) -> bool:
    """Whether the node has a value and is continuous wherever its arguments have values in these ranges."""
    kind, args, _ = nodes[number]
    if kind in DOMAINS or kind == "power":
        return _has_value(nodes, number, ranges)
    if kind == "tan":
        cosines = image("cos", (ranges.of(args[0]),))
        return cosines is not None and not cosines.holds(Fraction(0))
    if kind in {"sign", "step"}:
        return not ranges.of(args[0]).holds(Fraction(0))
    return kind in SMOOTH


def _lies_in(part: Interval, whole: Interval) -> bool:
    return part.meet(whole) == part
