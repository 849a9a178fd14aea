"""Convex or concave by composition: sums, multiples and known functions of affine expressions."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from grader.calculus.signs import NOT_NEGATIVE, NOT_POSITIVE, POSITIVE, signs_of
from grader.checking.domain import Domain
from grader.reading.tree import Tree, literal_value, names_in


class Curvature(Enum):
    """What is proved of an expression in the chosen variables."""

    AFFINE = "affine"
    CONVEX = "convex"
    CONCAVE = "concave"
    UNKNOWN = "unknown"


AFFINE, CONVEX, CONCAVE, UNKNOWN = Curvature

# Convex functions that rise with their argument, and concave ones.
CONVEX_RISING = frozenset({"exp", "softplus", "relu"})
CONCAVE_RISING = frozenset({"ln", "log", "log2", "log10", "sqrt"})
# Convex functions that fall and rise again: only of affine arguments.
CONVEX_OF_AFFINE = frozenset({"cosh", "abs"})
LOGARITHMS = frozenset({"ln", "log", "log2", "log10"})


def curvature_of(tree: Tree, variables: frozenset[str], domain: Domain) -> Curvature:
    """What is proved; names that are not among the variables are constants of the domain."""
    return _Prover(variables, domain).of(tree)


class _Prover:
    """The rules of composition for one choice of variables and domain."""

    def __init__(self, variables: frozenset[str], domain: Domain) -> None:
        self.variables = variables
        self.domain = domain

    def is_constant(self, tree: Tree) -> bool:
        """Whether none of the variables occurs."""
        return not names_in(tree) & self.variables

    def of(self, tree: Tree) -> Curvature:
        """The curvature of any expression."""
        if self.is_constant(tree) or tree.kind == "name":
            return AFFINE
        match tree.kind:
            case "neg":
                return _flipped(self.of(tree.args[0]))
            case "sum":
                return _added([self.of(term) for term in tree.args])
            case "product":
                return self._product(tree)
            case "quotient":
                return self._quotient(*tree.args)
            case "power":
                return self._power(*tree.args)
            case "call":
                return self._call(tree)
        return UNKNOWN

    def _scaled(self, inner: Curvature, factor: Tree) -> Curvature:
        """A multiple by a constant."""
        signs = signs_of(factor, self.domain)
        if inner is AFFINE or signs <= NOT_NEGATIVE:
            return inner
        return _flipped(inner) if signs <= NOT_POSITIVE else UNKNOWN

    def _product(self, tree: Tree) -> Curvature:
        """At most one factor may hold the variables."""
        moving = [factor for factor in tree.args if not self.is_constant(factor)]
        if len(moving) != 1:
            return UNKNOWN
        curvature = self.of(moving[0])
        for factor in tree.args:
            if factor is not moving[0]:
                curvature = self._scaled(curvature, factor)
        return curvature

    def _quotient(self, top: Tree, bottom: Tree) -> Curvature:
        """Division by a constant, or a constant over something positive and concave."""
        if self.is_constant(bottom):
            return self._scaled(self.of(top), bottom)
        return self._scaled(self._fixed_power(bottom, Fraction(-1)), top) if self.is_constant(top) else UNKNOWN

    def _power(self, base: Tree, exponent: Tree) -> Curvature:
        """Powers with a constant exponent or base."""
        fixed = literal_value(exponent)
        if fixed is not None:
            return self._fixed_power(base, fixed)
        if self.is_constant(base) and signs_of(base, self.domain) == POSITIVE:
            inner = self.of(exponent)
            if inner is AFFINE or (inner is CONVEX and base == Tree("constant", (), "e")):
                return CONVEX
        return UNKNOWN

    def _fixed_power(self, base: Tree, exponent: Fraction) -> Curvature:
        """u^p by the size of p and the sign of u."""
        inner, signs = self.of(base), signs_of(base, self.domain)
        if exponent < 0:
            return CONVEX if signs == POSITIVE and inner in {AFFINE, CONCAVE} else UNKNOWN
        if exponent < 1:
            real = signs <= NOT_NEGATIVE or exponent.denominator % 2 == 0
            return CONCAVE if real and inner in {AFFINE, CONCAVE} else UNKNOWN
        if exponent == 1:
            return inner
        if inner is AFFINE and exponent.denominator % 2 and exponent.numerator % 2 == 0:
            return CONVEX
        return CONVEX if signs <= NOT_NEGATIVE and inner in {AFFINE, CONVEX} else UNKNOWN

    def _call(self, tree: Tree) -> Curvature:
        """Known functions."""
        function, inner = tree.value, tree.args[0]
        if function in {"max", "min"}:
            wanted = CONVEX if function == "max" else CONCAVE
            return wanted if all(self.of(arg) in {AFFINE, wanted} for arg in tree.args) else UNKNOWN
        if function in {"norm", "logsumexp"}:
            parts = tuple(part for arg in tree.args for part in (arg.args if arg.kind == "vector" else (arg,)))
            return CONVEX if all(self.of(part) is AFFINE for part in parts) else UNKNOWN
        if len(tree.args) != 1:
            return UNKNOWN
        if function in LOGARITHMS and (found := self._logarithm(inner)) is not UNKNOWN:
            return found
        curvature = self.of(inner)
        if function in CONVEX_RISING:
            return CONVEX if curvature in {AFFINE, CONVEX} else UNKNOWN
        if function in CONCAVE_RISING:
            return CONCAVE if curvature in {AFFINE, CONCAVE} else UNKNOWN
        if function in CONVEX_OF_AFFINE:
            return CONVEX if curvature is AFFINE else UNKNOWN
        return UNKNOWN

    def _logarithm(self, inner: Tree) -> Curvature:
        """The logarithm of a sum of exponentials, and of a sigmoid."""
        terms = inner.args if inner.kind == "sum" else (inner,)
        if all(self._is_exponential(term) for term in terms):
            return CONVEX
        calls = [term.args[0] if term.kind == "neg" else term for term in terms if literal_value(term) != 1]
        is_sigmoid = len(calls) == 1 and calls[0].kind == "call" and calls[0].value == "sigmoid"
        plain = len(terms) == 1 or (len(terms) == 2 and any(term.kind == "neg" for term in terms))
        return CONCAVE if is_sigmoid and plain and self.of(calls[0].args[0]) is AFFINE else UNKNOWN

    def _is_exponential(self, term: Tree) -> bool:
        """Whether the term is a positive constant times e to something affine."""
        factors = term.args if term.kind == "product" else (term,)
        for factor in factors:
            if self.is_constant(factor):
                if signs_of(factor, self.domain) != POSITIVE:
                    return False
            elif not self._is_power_of_e(factor):
                return False
        return True

    def _is_power_of_e(self, factor: Tree) -> bool:
        """Whether this is e to something affine."""
        if factor.kind == "power" and factor.args[0] == Tree("constant", (), "e"):
            return self.of(factor.args[1]) is AFFINE
        return factor.kind == "call" and factor.value == "exp" and self.of(factor.args[0]) is AFFINE


def _flipped(curvature: Curvature) -> Curvature:
    """The curvature of the opposite."""
    return {CONVEX: CONCAVE, CONCAVE: CONVEX}.get(curvature, curvature)


def _added(parts: list[Curvature]) -> Curvature:
    """The curvature of a sum."""
    kinds = set(parts) - {AFFINE}
    if not kinds:
        return AFFINE
    return kinds.pop() if len(kinds) == 1 else UNKNOWN
