"""Random expressions in x and y for property tests."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from grader.reading.tree import Tree, add, call, constant, divide, multiply, name, neg, number, power

FUNCTIONS = ("sin", "cos", "exp", "ln", "sqrt", "tanh", "sigmoid", "atan", "abs", "softplus", "erf", "cosh")
SMOOTH = tuple(function for function in FUNCTIONS if function != "abs")

LEAVES = st.one_of(
    st.sampled_from([name("x"), name("x"), name("y"), constant("pi"), constant("e")]),
    st.integers(-4, 6).map(number),
    st.fractions(min_value=-3, max_value=3, max_denominator=4).map(number),
)


def _larger(smaller: st.SearchStrategy[Tree], functions: tuple[str, ...]) -> st.SearchStrategy[Tree]:
    several = st.lists(smaller, min_size=2, max_size=3)
    exponents = st.sampled_from(
        [Fraction(n) for n in (-2, -1, 2, 3)] + [Fraction(1, 2), Fraction(2, 3), Fraction(-1, 2)]
    )
    return st.one_of(
        several.map(lambda terms: add(*terms)),
        several.map(lambda factors: multiply(*factors)),
        smaller.map(neg),
        st.tuples(smaller, smaller).map(lambda pair: divide(*pair)),
        st.tuples(smaller, exponents).map(lambda pair: power(pair[0], number(pair[1]))),
        st.tuples(st.sampled_from(functions), smaller).map(lambda pair: call(*pair)),
        smaller.map(lambda exponent: power(constant("e"), exponent)),
        smaller.map(lambda exponent: power(number(2), exponent)),
    )


def expressions(functions: tuple[str, ...] = FUNCTIONS, most: int = 9) -> st.SearchStrategy[Tree]:
    """Trees of arithmetic and functions; many have no value at some points, on purpose."""
    return st.recursive(LEAVES, lambda smaller: _larger(smaller, functions), max_leaves=most)
