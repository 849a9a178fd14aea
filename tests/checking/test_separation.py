"""The separation bound lies below every number that is not zero, and above none that is."""

from fractions import Fraction
from math import isqrt, log2, sqrt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.checking.balls import Ball, NoValue, Unclear
from grader.checking.bounding import program_of
from grader.checking.identical import Numbering
from grader.checking.separation import NotAlgebraic, Separation, is_zero
from grader.reading.text import read

LEAVES = st.sampled_from(["2", "3", "1/2", "5", "7/3", "1", "(-2)", "cos(pi/5)", "sin(pi/7)", "tan(pi/8)"])
PATTERNS = ("({} + {})", "({} - {})", "({})*({})", "({})/({})")


def numbered(text: str) -> tuple[Numbering, int]:
    numbering = Numbering()
    return numbering, numbering.of(read(text).tree)


@settings(max_examples=150)
@given(
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.builds(str.format, st.sampled_from(PATTERNS), inner, inner),
            st.builds(str.format, st.sampled_from(["sqrt({})", "cbrt({})"]), inner),
        ),
        max_leaves=6,
    )
)
def test_a_number_above_the_bound_is_not_zero(text: str) -> None:
    numbering, root = numbered(text)
    program = program_of(numbering)
    try:
        value = program.at({}, 15_000).value(root)
        bits = Separation(numbering, program).bits(root)
    except (NoValue, Unclear, NotAlgebraic):
        assume(False)
    assert value.contains(0) or abs(value) > Ball(2) ** -bits
    assert is_zero(numbering, root, program) is bool(value.contains(0))


@given(st.lists(st.integers(1, 400), min_size=3, max_size=3), st.sampled_from([1, 7, 113, 1_000_003, 10**14]))
def test_a_near_miss_is_not_zero(radicands: list[int], below: int) -> None:
    assume(any(isqrt(each) ** 2 != each for each in radicands))
    near = Fraction(round(sum(sqrt(each) for each in radicands) * below), below)
    numbering, root = numbered(" + ".join(f"sqrt({each})" for each in radicands) + f" - {near}")
    program = program_of(numbering)
    bits = Separation(numbering, program).bits(root)
    assert not is_zero(numbering, root, program)
    assert -log2(float(abs(program.at({}, 2000).value(root)))) <= bits


@pytest.mark.parametrize("text", ["pi - 3", "e^2", "ln(2)", "sin(1)", "x"])
def test_what_is_not_algebraic_has_no_bound(text: str) -> None:
    numbering, root = numbered(text)
    with pytest.raises(NotAlgebraic):
        Separation(numbering, program_of(numbering)).bits(root)
