"""Numbered nodes as quotients of polynomials in names and kernels, with what they need to be defined.

Unlike the normal form of `normal` nothing here may lose a hole: every divisor, radicand and argument
of a logarithm is kept as a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import Any

from grader.checking.balls import NoValue, Unclear
from grader.checking.bounding import enclose
from grader.checking.identical import Node, Numbering
from grader.checking.nodes import literal_exponent
from grader.checking.polynomials import Field, Ratio, TooLarge, as_fraction
from grader.reading.tree import Tree, add, call, constant, multiply, name, number, power

SIZE = 12
MOST_DEGREE = 60
MOST_PRODUCTS = 20_000
NONZERO, NONNEGATIVE, POSITIVE = frozenset({-1, 1}), frozenset({0, 1}), frozenset({1})


@dataclass(frozen=True, slots=True)
class Kernel:
    """One generator: a name, a constant, or `abs`, `root`, `exp`, `ln` of a ratio."""

    kind: str
    of: Ratio
    degree: int = 1
    tree: Tree | None = None

    @property
    def depends(self) -> bool:
        """Whether its value may change with the names."""
        return self.kind != "constant"


class KernelRatios:
    """Ratios over the generators: the names first, then kernels in the order in which they are met."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.field = Field(SIZE)
        self.numbering = Numbering()
        self.needed: list[tuple[Ratio, frozenset[int]]] = []
        self.names = names
        if len(names) >= SIZE:
            raise TooLarge
        self._kernels: list[Kernel] = [Kernel("name", self.field.generator(i)) for i in range(len(names))]
        self._numbers: dict[tuple[str, str, int], int] = {}
        self._found: dict[int, Ratio] = {}

    def kernel(self, index: int) -> Kernel:
        """What the generator stands for."""
        return self._kernels[index]

    def of_tree(self, tree: Tree) -> Ratio:
        """The ratio that a tree is; raises Unclear where it holds what no kernel stands for."""
        root = self.numbering.of(tree)
        self._seed_exponentials()
        return self.of(root)

    def _seed_exponentials(self) -> None:
        """Kernels of exponentials fine enough for all that occur: of exp(2x) and exp(3x/2) the one of exp(x/2)."""
        nodes = self.numbering.nodes
        steps: list[tuple[Ratio, list[Fraction]]] = []
        for at in [place for place, node in enumerate(nodes) if node.kind == "exp" and not _is_constant(nodes, place)]:
            of = self.of(nodes[at].args[0])
            for first, multiples in steps:
                multiple = self._quotient(of, first)
                if multiple is not None:
                    multiples.append(multiple)
                    break
            else:
                steps.append((of, [Fraction(1)]))
        for first, multiples in steps:
            below = lcm(*(each.denominator for each in multiples))
            above = gcd(*(int(each * below) for each in multiples))
            self._exponential(self._times(first, Fraction(above, below)))

    def of(self, at: int) -> Ratio:
        """The ratio that a node is."""
        found = self._found.get(at)
        if found is None:
            node = self.numbering.nodes[at]
            rule = _RULES.get(node.kind)
            found = self._found[at] = self._constant_node(at) if rule is None else rule(self, at, node)
        return found

    def constant_kernel(self, tree: Tree) -> Ratio:
        """The generator of a number that is not rational; raises NoValue where there is no such number."""
        try:
            enclose(tree, {}, 128)
        except Unclear:
            raise Unclear("a constant could not be computed") from None
        return self._generator("constant", self.field.constant(0), 1, tree)

    def _constant_node(self, at: int) -> Ratio:
        if not _is_constant(self.numbering.nodes, at):
            raise Unclear("a function that is not solved for")
        return self.constant_kernel(tree_of(self.numbering.nodes, at))

    def _generator(self, kind: str, of: Ratio, degree: int = 1, tree: Tree | None = None) -> Ratio:
        key = (kind, str(of) if tree is None else str(tree), degree)
        index = self._numbers.get(key)
        if index is None:
            index = len(self._kernels)
            if index >= SIZE:
                raise TooLarge
            self._kernels.append(Kernel(kind, of, degree, tree))
            self._numbers[key] = index
        return self.field.generator(index)

    def name(self, at: int, node: Node) -> Ratio:  # noqa: ARG002 - one signature for all rules
        """The generator of a name."""
        if node.value not in self.names:
            raise Unclear(f"{node.value} has no value")
        return self.field.generator(self.names.index(str(node.value)))

    def power(self, at: int, node: Node) -> Ratio:
        """A whole power, or a root to a whole power."""
        by = self.numbering.nodes[node.args[1]]
        if by.kind != "number" and _is_positive_number(self.numbering.nodes[node.args[0]]):
            return self._exponential_to_base(at, node)
        if by.kind != "number" or isinstance(by.value, str) or _is_irrational(self.numbering.nodes, at):
            return self._constant_node(at)
        base = self.of(node.args[0])
        exponent = Fraction(by.value)
        if exponent.denominator > 1:
            base = self._root(base, exponent.denominator)
        if abs(exponent.numerator) > MOST_DEGREE and not _is_monomial(base):
            raise TooLarge
        if exponent < 0:
            self.needed.append((base, NONZERO))
        return self.field.power(base, exponent.numerator)

    def _root(self, of: Ratio, degree: int) -> Ratio:
        if degree > 9:
            raise TooLarge
        if degree % 2 == 0:
            self.needed.append((of, NONNEGATIVE))
        return self._generator("root", of, degree)

    def absolute(self, at: int, node: Node) -> Ratio:  # noqa: ARG002 - one signature for all rules
        """The kernel of an absolute value."""
        of = self.of(node.args[0])
        return self._absolute(of)

    def _absolute(self, of: Ratio) -> Ratio:
        if of.top.is_constant() and of.bottom.is_constant():
            value = as_fraction(of.top.leading_coefficient()) if len(of.top) else Fraction(0)
            return self.field.constant(abs(value))
        return self._generator("abs", of)

    def extreme(self, at: int, node: Node) -> Ratio:  # noqa: ARG002 - one signature for all rules
        """The maximum as (a + b + |a - b|)/2, and the minimum with the other sign."""
        sign = 1 if node.kind == "max" else -1

        def of_two(a: Ratio, b: Ratio) -> Ratio:
            apart = self._absolute(self.field.add(a, self._times(b, -1)))
            return self._times(self.field.add(self.field.add(a, b), self._times(apart, sign)), Fraction(1, 2))

        return reduce(of_two, [self.of(arg) for arg in node.args])

    def exponential(self, at: int, node: Node) -> Ratio:
        """The kernel of exp(u); a whole multiple of an exponent met before is a power."""
        if _is_constant(self.numbering.nodes, at):
            return self._constant_node(at)
        return self._exponential(self.of(node.args[0]))

    def _exponential_to_base(self, at: int, node: Node) -> Ratio:
        """b^u as exp(u*ln(b)), for a positive number b."""
        if _is_constant(self.numbering.nodes, at):
            return self._constant_node(at)
        base = self.constant_kernel(call("ln", tree_of(self.numbering.nodes, node.args[0])))
        return self._exponential(self.field.multiply(self.of(node.args[1]), base))

    def _exponential(self, of: Ratio) -> Ratio:
        for index, kernel in enumerate(self._kernels):
            if kernel.kind == "exp":
                ratio = self._quotient(of, kernel.of)
                if ratio is None:
                    continue
                if ratio.denominator != 1 or abs(ratio) > MOST_DEGREE:
                    raise Unclear("exponentials of different steps")
                return self.field.power(self.field.generator(index), ratio.numerator)
        return self._generator("exp", of)

    def _quotient(self, first: Ratio, second: Ratio) -> Fraction | None:
        """The rational number that one ratio is of another, if it is one."""
        if first.bottom != second.bottom or second.top.is_zero() or first.top.is_zero():
            return None
        by = first.top.leading_coefficient() / second.top.leading_coefficient()
        return as_fraction(by) if second.top * by == first.top else None

    def logarithm(self, at: int, node: Node) -> Ratio:
        """The kernel of ln(u), which needs u > 0."""
        if _is_constant(self.numbering.nodes, at):
            return self._constant_node(at)
        of = self.of(node.args[0])
        self.needed.append((of, POSITIVE))
        return self._generator("ln", of)

    def _times(self, of: Ratio, by: Fraction | int) -> Ratio:
        return self.field.multiply(of, self.field.constant(by))

    def linear_in(self, polynomial: Any, index: int) -> tuple[Any, Any]:
        """The polynomial as rest + factor * kernel, powers of the kernel reduced; scaled by a square."""
        kernel = self._kernels[index]
        period = 2 if kernel.kind == "abs" else kernel.degree
        value = self.field.multiply(kernel.of, kernel.of) if kernel.kind == "abs" else kernel.of
        highest = max(int(monomial[index]) for monomial in polynomial.to_dict()) // period
        highest += highest % 2
        parts = [self.field.one * 0, self.field.one * 0]
        for monomial, coefficient in polynomial.to_dict().items():
            times, rest = divmod(int(monomial[index]), period)
            if rest > 1:
                raise Unclear("a higher root beside its square")
            lowered = tuple(0 if place == index else int(each) for place, each in enumerate(monomial))
            term = self.field.polynomial({lowered: coefficient}).top
            scaled = self.bounded_product(term, self.bounded_power(value.top, times))
            parts[rest] += self.bounded_product(scaled, self.bounded_power(value.bottom, highest - times))
        return parts[0], parts[1]

    def bounded_product(self, first: Any, second: Any) -> Any:
        """The product; TooLarge where it would not be worth it."""
        if len(first) * len(second) > MOST_PRODUCTS:
            raise TooLarge
        return first * second

    def bounded_power(self, base: Any, exponent: int) -> Any:
        """A small power of a polynomial; TooLarge where it would not be worth it."""
        if len(base) > 1 and len(base) ** exponent > MOST_PRODUCTS:
            raise TooLarge
        return base**exponent

    def coefficients(self, polynomial: Any, index: int) -> list[Tree]:
        """The coefficients of the powers of one generator, lowest first, as trees."""
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in polynomial.to_dict().items():
            lowered = tuple(0 if place == index else int(each) for place, each in enumerate(monomial))
            parts.setdefault(int(monomial[index]), {})[lowered] = coefficient
        return [self._tree(parts.get(place, {})) for place in range(max(parts) + 1)]

    def tree(self, polynomial: Any) -> Tree:
        """The polynomial as a tree."""
        return self._tree({tuple(map(int, each)): value for each, value in polynomial.to_dict().items()})

    def _tree(self, terms: Mapping[tuple[int, ...], Any]) -> Tree:
        found = []
        for monomial, coefficient in terms.items():
            value = as_fraction(coefficient)
            factors = [
                self.generator_tree(i) if times == 1 else power(self.generator_tree(i), times)
                for i, times in enumerate(monomial)
                if times
            ]
            if value != 1 or not factors:
                factors.insert(0, number(value))
            found.append(multiply(*factors))
        return add(*found)

    def generator_tree(self, index: int) -> Tree:
        """What the generator stands for, as a tree."""
        kernel = self._kernels[index]
        if kernel.tree is not None:
            return kernel.tree
        if kernel.kind == "name":
            return name(self.names[index])
        top, bottom = self.tree(kernel.of.top), self.tree(kernel.of.bottom)
        inside = top if kernel.of.bottom == self.field.one else Tree("quotient", (top, bottom))
        if kernel.kind == "root":
            return call("root", inside, number(kernel.degree))
        return call(kernel.kind, inside)


def tree_of(nodes: list[Node], at: int) -> Tree:
    """The tree of a numbered node."""
    node = nodes[at]
    if node.kind == "number":
        return number(Fraction(node.value))
    if node.kind == "name":
        return name(str(node.value))
    if node.kind == "constant":
        return constant(str(node.value))
    args = [tree_of(nodes, arg) for arg in node.args]
    if node.kind == "sum":
        return add(*args, *([number(Fraction(node.value))] if node.value else []))
    if node.kind == "product":
        return multiply(*([number(Fraction(node.value))] if node.value != 1 else []), *args)
    if node.kind == "power":
        is_root = literal_exponent(nodes, node) == Fraction(1, 2)
        return call("sqrt", args[0]) if is_root else power(args[0], args[1])
    return Tree("apply" if node.kind == "apply" else "call", tuple(args), str(node.value) or node.kind)


def _is_constant(nodes: list[Node], at: int) -> bool:
    """Whether no name occurs below the node."""
    stack, seen = [at], set()
    while stack:
        place = stack.pop()
        if nodes[place].kind in {"name", "sigma", "apply"}:
            return False
        if place not in seen:
            seen.add(place)
            stack.extend(nodes[place].args)
    return True


def _is_irrational(nodes: list[Node], at: int) -> bool:
    """Whether this is a root of a number, to be kept as one constant."""
    return isinstance(literal_exponent(nodes, nodes[at]), Fraction) and _is_constant(nodes, at)


def _is_positive_number(node: Node) -> bool:
    return node.kind == "number" and not isinstance(node.value, str) and node.value > 0 and node.value != 1


def _is_monomial(ratio: Ratio) -> bool:
    return len(ratio.top) == 1 and len(ratio.bottom) == 1


def _sum(ratios: KernelRatios, _: int, node: Node) -> Ratio:
    start = ratios.field.constant(_exact(node.value))
    return reduce(ratios.field.add, [ratios.of(arg) for arg in node.args], start)


def _product(ratios: KernelRatios, _: int, node: Node) -> Ratio:
    start = ratios.field.constant(_exact(node.value))
    return reduce(ratios.field.multiply, [ratios.of(arg) for arg in node.args], start)


def _exact(value: Any) -> Fraction:
    if isinstance(value, str) or Fraction(value).numerator.bit_length() > 4000:
        raise TooLarge
    return Fraction(value)


Rule = Callable[[KernelRatios, int, Node], Ratio]
_RULES: Mapping[str, Rule] = {
    "number": lambda ratios, _, node: ratios.field.constant(_exact(node.value)),
    "name": KernelRatios.name,
    "sum": _sum,
    "product": _product,
    "power": KernelRatios.power,
    "abs": KernelRatios.absolute,
    "max": KernelRatios.extreme,
    "min": KernelRatios.extreme,
    "exp": KernelRatios.exponential,
    "ln": KernelRatios.logarithm,
}
__all__ = ["Kernel", "KernelRatios", "NoValue", "tree_of"]
