"""The normal form of a numbering: every node as a quotient of polynomials over kernels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from math import lcm

from grader.checking.domain import Domain
from grader.checking.identical import Node
from grader.checking.kernels import Kernels
from grader.checking.known_signs import KnownSigns
from grader.checking.nodes import literal_exponent
from grader.checking.polynomials import Ratio, as_fraction, used_generators
from grader.checking.programs import reachable

Rule = Callable[["Normal", Node], Ratio]
Assumed = tuple[tuple[int, int], ...]


class Rules:
    """What each kind of node becomes, and what one becomes of which nothing is known."""

    def __init__(self, by_kind: Mapping[str, Rule], opaque: Rule) -> None:
        self.by_kind = by_kind
        self.opaque = opaque


class Normal:
    """The normal forms of the nodes of one numbering."""

    def __init__(
        self,
        nodes: Sequence[Node],
        domain: Domain,
        rules: Rules,
        kernels: tuple[int, dict[Hashable, int]],
        *,
        deep: bool = False,
    ) -> None:
        self._rules = rules
        self.nodes = nodes
        self.domain = domain
        self.deep = deep
        self.has_whole_numbers = any(node.kind == "name" and domain.variable(str(node.value)).integer for node in nodes)
        self._forms: dict[int, Ratio] = {}
        self._signs = KnownSigns(domain)
        self.kernels = Kernels(*kernels, self._signs)
        self.field = self.kernels.field

    def assume(self, assumed: Assumed) -> None:
        """Keep the signs that nodes are said to have."""
        for number, sign in assumed:
            form = self.field.reduced(self.of(number))
            if self.is_complex(form):
                if self._is_analytic(form):
                    self.kernels.learn_complex_sign(form, sign)
            else:
                self._signs.learn_nonnegative(self.kernels, self.field.multiply(form, self.field.constant(sign)))
            self._forms.clear()

    def _is_analytic(self, ratio: Ratio) -> bool:
        """Whether it is zero at single points only, if anywhere, because nothing in it has a kink."""
        used = used_generators(ratio.top) | used_generators(ratio.bottom)
        return all(self.kernels.is_analytic(index) for index in used)

    def is_complex(self, ratio: Ratio) -> bool:
        """Whether kernels that are no real numbers occur in it."""
        used = used_generators(ratio.top) | used_generators(ratio.bottom)
        return bool(used & self.kernels.complex_kernels)

    def learn(self, *roots: int) -> bool:
        """Keep the signs that follow from every root and logarithm below the roots having a value.

        False where one of them can have none.
        """
        possible = True
        for number in sorted(reachable(list(self.nodes), *roots)):
            node = self.nodes[number]
            kind, args, _ = node
            exponent = literal_exponent(self.nodes, node) if kind == "power" else None
            if kind == "ln" or (isinstance(exponent, Fraction) and exponent.denominator % 2 == 0):
                possible &= self._signs.learn_nonnegative(self.kernels, self.field.reduced(self.of(args[0])))
            elif kind in {"asin", "acos", "atanh"}:
                inside = self.field.reduced(self.of(args[0]))
                square = self.field.multiply(inside, inside)
                possible &= self._signs.learn_nonnegative(self.kernels, self.minus(self.field.constant(1), square))
            elif kind == "acosh":
                possible &= self._signs.learn_nonnegative(
                    self.kernels, self.minus(self.of(args[0]), self.field.constant(1))
                )
        self._forms.clear()
        return possible

    def agree(self, first: int, second: int) -> bool:
        """Whether the difference of two nodes is zero."""
        apart = self.minus(self.of(first), self.of(second))
        return self.field.is_zero(apart) or (self.deep and self._is_logarithm_of_one(self.field.reduced(apart)))

    def minus(self, first: Ratio, second: Ratio) -> Ratio:
        """The difference."""
        return self.field.add(first, self.field.multiply(second, self.field.constant(-1)))

    def _is_logarithm_of_one(self, apart: Ratio) -> bool:
        """Whether this is a sum of multiples of logarithms whose arguments multiply to one in size."""
        powers: list[tuple[Ratio, Fraction]] = []
        for monomial, times in self.field.terms(apart.top):
            index = monomial.index(1) if sum(monomial) == 1 else None
            if index is None or self.kernels.key_of(index)[0] != "ln":
                return False
            powers.append((self.kernels.argument(index), times))
        common = lcm(*[times.denominator for _, times in powers])
        square = self.field.constant(1)
        for of, times in powers:
            square = self.field.multiply(square, self.field.power(of, int(2 * times * common)))
        return self.field.is_zero(self.minus(square, self.field.constant(1)))

    def constant(self, number: int) -> Fraction | None:
        """The rational number that the node is, if it is one."""
        form = self.field.reduced(self.of(number))
        if self.field.is_zero(form):
            return Fraction(0)
        if not (form.top.is_constant() and form.bottom.is_constant()):
            return None
        return as_fraction(form.top.leading_coefficient()) / as_fraction(form.bottom.leading_coefficient())

    def of(self, number: int) -> Ratio:
        """The normal form of a node."""
        found = self._forms.get(number)
        if found is None:
            node = self.nodes[number]
            rule = self._rules.by_kind.get(node.kind, self._rules.opaque)
            found = self._forms[number] = rule(self, node)
        return found

    def args(self, node: Node) -> list[Ratio]:
        """The normal forms of the arguments, their powers reduced."""
        return [self.field.reduced(self.of(arg)) for arg in node.args]

    def is_nonnegative(self, name: str) -> bool:
        """Whether the domain holds no negative value of the name."""
        intervals = self.domain.variable(name).intervals
        return all(one.lower is not None and one.lower >= 0 for one in intervals)

    def sign_of(self, ratio: Ratio) -> int:
        """1 or -1 where the ratio is on one side of zero but for single points, else 0; zero has no sign.

        It has none either where it may be zero in a region, as (floor(x) - 3)^2 is from 3 to 4.
        """
        return self._sign(ratio, is_strict=True)

    def side_of(self, ratio: Ratio) -> int:
        """1 or -1 where the ratio is never on the other side of zero, on which it may lie anywhere; else 0."""
        return self._sign(ratio, is_strict=False)

    def _sign(self, ratio: Ratio, *, is_strict: bool) -> int:
        if ratio.top.is_zero():
            return 0
        reduced = self.field.reduced(ratio)
        if self.is_complex(ratio):
            return self.kernels.complex_sign(reduced)
        number, factors = self.field.factors(reduced)
        sign = 1 if number > 0 else -1
        for factor, times in factors:
            if is_strict and times > 0 and not self.kernels.is_rarely_zero(factor):
                return 0
            sign *= self.kernels.sign(factor) if times % 2 else 1
        return sign
