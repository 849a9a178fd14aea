"""Functions that are a shorthand for others, written out as numbered nodes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from grader.checking.nodes import HALF, Nodes


def root_of(numbering: Nodes, of: int, degree: int) -> int:
    """The root of the degree."""
    return numbering.power(of, numbering.exact(Fraction(1, degree)))


def _ln(numbering: Nodes, of: int) -> int:
    return numbering.node("ln", (of,))


def _log_to_base(numbering: Nodes, of: int, base: int) -> int:
    return numbering.multiply((_ln(numbering, of), numbering.inverse(_ln(numbering, base))))


def _exp(numbering: Nodes, of: int) -> int:
    return numbering.power(numbering.node("constant", (), "e"), of)


def _over(function: str) -> Callable[[Nodes, int], int]:
    """One over the function: `sec`, `csch` and their like."""
    return lambda numbering, of: numbering.inverse(numbering.node(function, (of,)))


def _of_inverse(function: str) -> Callable[[Nodes, int], int]:
    """The function of one over the argument: `asec`, `acoth` and their like."""
    return lambda numbering, of: numbering.node(function, (numbering.inverse(of),))


def _quotient_of(top: str, bottom: str) -> Callable[[Nodes, int], int]:
    """The quotient of two functions: `cot` and `coth`."""
    return lambda numbering, of: numbering.multiply(
        (numbering.node(top, (of,)), numbering.inverse(numbering.node(bottom, (of,))))
    )


def _acot(numbering: Nodes, of: int) -> int:
    # The branch with values between 0 and pi, continuous everywhere, as calculus books have it.
    half_pi = numbering.multiply((numbering.node("constant", (), "pi"),), HALF)
    return numbering.difference(half_pi, numbering.node("atan", (of,)))


def _sigmoid(numbering: Nodes, of: int) -> int:
    return numbering.inverse(numbering.add((_exp(numbering, numbering.multiply((of,), -1)),), 1))


def _softplus(numbering: Nodes, of: int) -> int:
    return _ln(numbering, numbering.add((_exp(numbering, of),), 1))


def _phi(numbering: Nodes, of: int) -> int:
    square = numbering.power(of, numbering.exact(2))
    bell = _exp(numbering, numbering.multiply((square,), -HALF))
    width = root_of(numbering, numbering.multiply((numbering.node("constant", (), "pi"),), 2), 2)
    return numbering.multiply((bell, numbering.inverse(width)))


def _logsumexp(numbering: Nodes, *of: int) -> int:
    return _ln(numbering, numbering.add([_exp(numbering, entry) for entry in of]))


def _relu(numbering: Nodes, of: int) -> int:
    return numbering.node("max", tuple(sorted((of, numbering.exact(0)))))


# Functions that are a shorthand for others, by name and number of arguments.
SHORTHANDS: dict[tuple[str, int | None], Callable[..., int]] = {
    ("sqrt", 1): lambda numbering, of: root_of(numbering, of, 2),
    ("cbrt", 1): lambda numbering, of: root_of(numbering, of, 3),
    ("root", 2): lambda numbering, of, degree: numbering.power(of, numbering.inverse(degree)),
    ("exp", 1): _exp,
    ("ln", 1): _ln,
    ("log", 1): _ln,
    ("log", 2): _log_to_base,
    ("log2", 1): lambda numbering, of: _log_to_base(numbering, of, numbering.exact(2)),
    ("log10", 1): lambda numbering, of: _log_to_base(numbering, of, numbering.exact(10)),
    ("sec", 1): _over("cos"),
    ("csc", 1): _over("sin"),
    ("sech", 1): _over("cosh"),
    ("csch", 1): _over("sinh"),
    ("cot", 1): _quotient_of("cos", "sin"),
    ("coth", 1): _quotient_of("cosh", "sinh"),
    ("asec", 1): _of_inverse("acos"),
    ("acsc", 1): _of_inverse("asin"),
    ("acot", 1): _acot,
    ("asech", 1): _of_inverse("acosh"),
    ("acsch", 1): _of_inverse("asinh"),
    ("acoth", 1): _of_inverse("atanh"),
    ("sigmoid", 1): _sigmoid,
    ("softplus", 1): _softplus,
    ("relu", 1): _relu,
    ("gelu", 1): lambda numbering, of: numbering.multiply((of, numbering.node("Phi", (of,)))),
    ("phi", 1): _phi,
    ("logsumexp", None): _logsumexp,
}
