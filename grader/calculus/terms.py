"""Sums of terms as exact data: each term a rational coefficient and powers of bases."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd

from grader.calculus.exact_numbers import integer_power, rational_power, terminating_decimal
from grader.calculus.ordering import Exponent, Factor, Monomial, Ordering
from grader.reading.tree import ZERO, Tree, add, call, constant, divide, literal_value, multiply, neg, number, power

Terms = dict[Monomial, Fraction]
E = constant("e")
HALF = Fraction(1, 2)
# A number that needs more decimals is written as a fraction.
MOST_PLACES = 40
# Kinds that come apart again when a root of them is raised to a whole power.
COMPOUND = frozenset({"product", "quotient", "power", "neg"})


class Writing:
    """How terms become a tree again: the order of names, and whether decimals are wanted."""

    def __init__(self, ordering: Ordering, decimals: bool = False) -> None:
        self.ordering = ordering
        self.decimals = decimals

    def tree(self, terms: Terms) -> Tree:
        """The sum as a textbook writes it; a first term with a minus changes places where it can."""
        if not terms:
            return ZERO
        order = sorted(terms, key=self.ordering.term_key)
        powers_only = all(_is_power_of_names(monomial) for monomial in order)
        if terms[order[0]] < 0:
            # Falling powers stay in their order, but for terms of one degree.
            free = not powers_only or len(order) == 2
            swappable = [m for m in order if terms[m] > 0 and (free or _degree(m) == _degree(order[0]))]
            order.sort(key=lambda monomial: monomial != swappable[0] if swappable else False)
        return add(*(self.term(terms[monomial], monomial) for monomial in order))

    def term(self, coefficient: Fraction, monomial: Monomial) -> Tree:
        """One term, with its sign outside and factors of negative powers in a denominator."""
        size = abs(coefficient)
        size, above, below = self._split(size, monomial)
        bottom_number = size.denominator
        top: list[Tree] = []
        if self.decimals and size.denominator != 1 and (decimal := terminating_decimal(size, MOST_PLACES)):
            top, bottom_number = [number(decimal)], 1
        elif size.numerator != 1 or not above:
            top = [number(size.numerator)]
        top += [_factor_tree(base, exponent) for base, exponent in above]
        bottom = [number(bottom_number)] if bottom_number != 1 else []
        bottom += [_factor_tree(base, exponent) for base, exponent in below]
        tree = divide(multiply(*top), multiply(*bottom)) if bottom else multiply(*top)
        return neg(tree) if coefficient < 0 else tree

    def _split(self, size: Fraction, monomial: Monomial) -> tuple[Fraction, list[Factor], list[Factor]]:
        """Factors above and below the line; a root that the denominator is a multiple of goes below."""
        above: list[Factor] = []
        below: list[Factor] = []
        for base, exponent in monomial:
            root = literal_value(base) if exponent == HALF else None
            if root is not None and root > 1 and size.denominator % root == 0:
                size *= root
                below.append((base, exponent))
            elif isinstance(exponent, Fraction) and exponent < 0:
                below.append((base, -exponent))
            else:
                above.append((base, exponent))
        return size, above, below


def _is_power_of_names(monomial: Monomial) -> bool:
    """Whether the term is a number, constants and powers of names only."""
    return all(base.kind in {"name", "constant", "number"} and isinstance(exp, Fraction) for base, exp in monomial)


def _degree(monomial: Monomial) -> Fraction:
    """The sum of the exponents that are numbers, of names only."""
    return sum((exp for base, exp in monomial if base.kind == "name" and isinstance(exp, Fraction)), Fraction(0))


def _factor_tree(base: Tree, exponent: Exponent) -> Tree:
    """One power; a square root where the exponent is one half."""
    if isinstance(exponent, Tree):
        return power(base, exponent)
    if exponent == 1:
        return base
    return call("sqrt", base) if exponent == HALF else power(base, number(exponent))


class Algebra:
    """Sums, products and powers of terms, with like terms and like powers collected."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing

    def plain(self, tree: Tree) -> Terms:
        """A tree that is not taken apart any further."""
        return {((tree, Fraction(1)),): Fraction(1)}

    def number(self, value: Fraction) -> Terms:
        """A rational number."""
        return {(): value} if value else {}

    def sum(self, parts: Iterable[Terms]) -> Terms:
        """The sum; a bracket with coefficient 1 or -1 is opened."""
        total: Terms = {}
        for part in parts:
            for monomial, coefficient in part.items():
                total[monomial] = total.get(monomial, Fraction(0)) + coefficient
        brackets = [monomial for monomial, value in total.items() if abs(value) == 1 and _is_bracket(monomial)]
        if brackets:
            opened = [self.scale(self.apart(monomial[0][0]), total.pop(monomial)) for monomial in brackets]
            return self.sum((total, *opened))
        return {monomial: value for monomial, value in total.items() if value}

    def scale(self, terms: Terms, factor: Fraction) -> Terms:
        """Every coefficient times a number that is not zero."""
        return {monomial: value * factor for monomial, value in terms.items()}

    def single(self, terms: Terms) -> tuple[Fraction, Monomial]:
        """As one coefficient and factors; a sum of several terms becomes one bracket."""
        if len(terms) == 1:
            (monomial, coefficient), *_ = terms.items()
            return coefficient, monomial
        sign = Fraction(-1) if all(value < 0 for value in terms.values()) else Fraction(1)
        return sign, ((self.writing.tree(self.scale(terms, sign)), Fraction(1)),)

    def product(self, parts: Iterable[Terms]) -> Terms:
        """The product, like bases as one power; sums stay brackets."""
        listed = list(parts)
        if not all(listed):
            return {}
        several = [part for part in listed if part != {(): Fraction(1)}]
        if len(several) == 1:
            return several[0]
        if len(several) == 2:
            # A minus alone in front of a bracket changes the signs in it.
            for one, other in (several, several[::-1]):
                if one == {(): Fraction(-1)}:
                    return self.scale(other, Fraction(-1))
        coefficient = Fraction(1)
        exponents: dict[Tree, Exponent] = {}
        for part in several:
            size, monomial = self.single(part)
            coefficient *= size
            for base, exponent in monomial:
                self._keep(exponents, base, exponent)
        return self._gather(coefficient, exponents)

    def _add_exponents(self, one: Exponent, other: Exponent) -> Exponent:
        """The sum of two exponents, as a fraction where it is one."""
        if isinstance(one, Fraction) and isinstance(other, Fraction):
            return one + other
        return self.exponent(self.sum((self.exponent_terms(one), self.exponent_terms(other))))

    def exponent_terms(self, exponent: Exponent) -> Terms:
        """An exponent as terms; a tree in it is tidy already and taken apart one level."""
        return self.number(exponent) if isinstance(exponent, Fraction) else self.apart(exponent)

    def apart(self, tree: Tree) -> Terms:
        """The terms of a tree that this algebra wrote."""
        if (value := literal_value(tree)) is not None:
            return self.number(value)
        if tree.kind == "sum":
            return self.sum(self.apart(term) for term in tree.args)
        if tree.kind == "neg":
            return self.scale(self.apart(tree.args[0]), Fraction(-1))
        if tree.kind == "product":
            return self.product(self.apart(factor) for factor in tree.args)
        if tree.kind == "quotient":
            top, bottom = map(self.apart, tree.args)
            return self.product((top, self.power(bottom, Fraction(-1))))
        if tree.kind == "power":
            base, exponent = map(self.apart, tree.args)
            return self.power(base, self.exponent(exponent))
        if tree.kind == "call" and tree.value == "sqrt":
            return self.power(self.apart(tree.args[0]), HALF)
        return self.plain(tree)

    def exponent(self, terms: Terms) -> Exponent:
        """Terms as an exponent: a fraction where they are one."""
        if not terms:
            return Fraction(0)
        if len(terms) == 1 and () in terms:
            return terms[()]
        return self.writing.tree(terms)

    def _gather(self, coefficient: Fraction, exponents: dict[Tree, Exponent]) -> Terms:
        """One term from bases and their exponents, with powers of numbers folded."""
        zero = exponents.get(ZERO)
        if isinstance(zero, Fraction) and zero != 0:
            # Whatever stands beside a division by zero, there is no value.
            return {} if zero > 0 else {((ZERO, Fraction(-1)),): Fraction(1)}
        kept: dict[Tree, Exponent] = {}
        roots: dict[int, Fraction] = {}
        again: list[Terms] = []
        for base, exponent in _without_signs(exponents).items():
            if exponent == 0 and base != ZERO:
                continue
            if (folded := _folded_number(base, exponent)) is not None:
                index, value = folded
                roots[index] = roots.get(index, Fraction(1)) * value
            elif (inner := _comes_apart(base, exponent)) is not None:
                again.append(self.power(self.apart(inner), exponent))
            elif base.kind == "sum" and exponent == 1 and coefficient.denominator > 1:
                coefficient, bracket = self._cancelled(coefficient, base)
                self._keep(kept, bracket, exponent)
            else:
                self._keep(kept, base, exponent)
        coefficient *= self._fold_roots(roots, kept, again)
        if not coefficient:
            return {}
        monomial = tuple(sorted(kept.items(), key=self.writing.ordering.factor_key))
        terms: Terms = {monomial: coefficient}
        if again:
            return self.product([terms, *again])
        return self.sum((terms,)) if _is_bracket(monomial) else terms

    def _fold_roots(self, roots: dict[int, Fraction], kept: dict[Tree, Exponent], again: list[Terms]) -> Fraction:
        """What comes out of the roots of numbers; what stays under them goes to the other factors."""
        outside = Fraction(1)
        for index, inside in roots.items():
            radical = rational_power(inside, Fraction(1, index))
            if radical is None:
                self._keep(kept, number(inside), Fraction(1, index))
                continue
            outside *= radical.outside
            root, exponent = number(radical.inside), Fraction(1, radical.degree)
            if root in kept:
                again.append({((root, exponent),): Fraction(1)})
            elif radical.inside != 1:
                kept[root] = exponent
        return outside

    def _keep(self, kept: dict[Tree, Exponent], base: Tree, exponent: Exponent) -> None:
        """One more factor, with the exponent added where the base is there already."""
        kept[base] = self._add_exponents(kept[base], exponent) if base in kept else exponent

    def _cancelled(self, coefficient: Fraction, bracket: Tree) -> tuple[Fraction, Tree]:
        """Coefficient and bracket without a whole number that all terms share with the denominator."""
        inner = self.apart(bracket)
        content = gcd(*(value.numerator for value in inner.values()))
        shared = gcd(content, coefficient.denominator)
        if shared == 1 or any(value.denominator != 1 for value in inner.values()):
            return coefficient, bracket
        return coefficient * shared, self.writing.tree(self.scale(inner, Fraction(1, shared)))

    def power(self, base: Terms, exponent: Exponent) -> Terms:
        """The power, folded where that keeps its value wherever it had one."""
        if isinstance(exponent, Tree):
            return self._open_power(base, exponent)
        if not base:
            return {} if exponent > 0 else {((ZERO, Fraction(-1 if exponent else 0)),): Fraction(1)}
        if exponent == 0:
            return self.number(Fraction(1))
        if exponent == 1:
            return base
        coefficient, monomial = self.single(base)
        if exponent.denominator == 1:
            size = integer_power(coefficient, exponent.numerator)
            if size is None:
                return {((number(coefficient), exponent), *self._raised(monomial, exponent)): Fraction(1)}
            return self._gather(size, dict(self._raised(monomial, exponent)))
        return self._root(coefficient, monomial, exponent)

    def _raised(self, monomial: Monomial, exponent: Fraction) -> Monomial:
        """All exponents times a whole number."""
        return tuple((base, self._times(inner, exponent)) for base, inner in monomial)

    def _times(self, exponent: Exponent, factor: Fraction) -> Exponent:
        """An exponent times a number."""
        if isinstance(exponent, Fraction):
            return exponent * factor
        return self.exponent(self.product((self.number(factor), self.apart(exponent))))

    def _root(self, coefficient: Fraction, monomial: Monomial, exponent: Fraction) -> Terms:
        """A power that is not whole: only factors surely positive come out of the root."""
        if not monomial:
            radical = rational_power(coefficient, exponent)
            if radical is None:
                return {((number(coefficient), exponent),): Fraction(1)}
            rest: dict[Tree, Exponent] = {}
            if radical.inside != 1:
                rest[number(radical.inside)] = Fraction(1, radical.degree)
            return self._gather(radical.outside, rest)
        if coefficient == 1 and len(monomial) == 1:
            base, inside = monomial[0]
            # An even root below means that the base is not negative, so the exponents multiply.
            if isinstance(inside, Fraction) and inside.denominator % 2 == 0:
                return self._gather(Fraction(1), {base: inside * exponent})
        sign = -1 if coefficient < 0 else 1
        outside, left = _pull_root(abs(coefficient), exponent)
        outer: dict[Tree, Exponent] = {
            base: self._times(inside, exponent) for base, inside in monomial if _is_positive(base)
        }
        under = self._gather(sign * left, dict(factor for factor in monomial if not _is_positive(factor[0])))
        if len(under) == 1 and () in under:
            return self.product((self._gather(outside, outer), self._root(under[()], (), exponent)))
        return self._gather(outside, {**outer, self.writing.tree(under): exponent})

    def _open_power(self, base: Terms, exponent: Tree) -> Terms:
        """A power whose exponent is no number."""
        if base == {(): Fraction(1)}:
            return base
        if not base:
            return {((ZERO, exponent),): Fraction(1)}
        if len(base) == 1:
            (monomial, coefficient), *_ = base.items()
            if coefficient == 1 and len(monomial) == 1 and monomial[0][0] == E:
                inner = self.exponent_terms(monomial[0][1])
                return self.exponential(self.product((inner, self.apart(exponent))))
        return {((self.writing.tree(base), exponent),): Fraction(1)}

    def exponential(self, exponent: Terms) -> Terms:
        """The power of e; `e^(c ln u)` is `u^c`."""
        if len(exponent) == 1:
            (monomial, coefficient), *_ = exponent.items()
            if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].value == "ln":
                return self.power(self.apart(monomial[0][0].args[0]), coefficient)
        return {((E, self.exponent(exponent)),): Fraction(1)} if exponent else self.number(Fraction(1))


def _is_positive(base: Tree) -> bool:
    """Whether the base is e or a positive number, whose powers come out of any root."""
    return base == E or (literal_value(base) or Fraction(0)) > 0


def _is_bracket(monomial: Monomial) -> bool:
    """Whether the term is one sum in brackets and nothing else."""
    return len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].kind == "sum"


def _comes_apart(base: Tree, exponent: Exponent) -> Tree | None:
    """What to take apart in place of a base that is itself made of powers, under a whole exponent.

    Such a base stood under a root before. Absolute bars go where an even power makes them superfluous.
    """
    if not isinstance(exponent, Fraction) or exponent.denominator != 1:
        return None
    if base.kind == "call":
        if base.value == "abs" and exponent.numerator % 2 == 0:
            return base.args[0]
        return base if base.value == "sqrt" else None
    return base if base.kind in COMPOUND and literal_value(base) is None else None


def _without_signs(exponents: dict[Tree, Exponent]) -> dict[Tree, Exponent]:
    """The same with `sign(u)` times an odd power of `abs(u)` as that power of `u`."""
    result = dict(exponents)
    for base, exponent in exponents.items():
        if base.kind == "call" and base.value == "sign" and exponent == 1:
            bars = base._replace(value="abs")
            size = exponents.get(bars)
            inner = base.args[0]
            if isinstance(size, Fraction) and size.denominator == 1 and size.numerator % 2 and inner not in result:
                del result[base], result[bars]
                result[inner] = size
    return result


def _folded_number(base: Tree, exponent: Exponent) -> tuple[int, Fraction] | None:
    """Index and inside of the root that a power of a number is, if it has one that is short enough."""
    value = literal_value(base)
    if value is None or not value or not isinstance(exponent, Fraction):
        return None
    if value < 0 and exponent.denominator % 2 == 0:
        return None
    powered = integer_power(value, exponent.numerator)
    if powered is None or rational_power(powered, Fraction(1, exponent.denominator)) is None:
        return None
    return exponent.denominator, powered


def _pull_root(size: Fraction, exponent: Fraction) -> tuple[Fraction, Fraction]:
    """Outside and inside with (size * u)^exponent = outside * (inside * u)^exponent."""
    index = exponent.denominator
    root = Fraction(_whole_part(size.numerator, index), _whole_part(size.denominator, index))
    outside = integer_power(root, exponent.numerator)
    return (Fraction(1), size) if outside is None else (outside, size / root**index)


def _whole_part(value: int, index: int) -> int:
    """The largest found number whose power by the index divides the value."""
    radical = rational_power(Fraction(value), Fraction(1, index))
    return radical.outside.numerator if radical is not None else 1
