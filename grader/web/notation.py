"""The examples of the page "How to type answers"; what they show is what the reader makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from grader.reading.text import read
from grader.web.previews import typeset

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Numbers": (
        ("1/3", "Fractions are exact; so is everything that is not rounded."),
        ("1.5e-3", "The number 0.0015. There are no commas inside a number."),
        ("2/3 x", "Divided first, then multiplied, as it stands: from left to right."),
    ),
    "Powers and roots": (
        ("-x^2", "The power binds tighter than the minus."),
        ("e^(2x)", "Brackets keep an exponent together."),
        ("sqrt(x^2 + 1)", "Also cbrt(x) and root(x, n)."),
    ),
    "Products": (
        ("2x sin(x)", "The sign of multiplication may be left out."),
        ("x*y", "It may be written, too."),
        ("(x + 1)(x - 1)", "Brackets multiply."),
    ),
    "Functions": (
        ("ln(x)", "log is the natural logarithm, too; log2, log10 and log(x, b) have their base."),
        ("sin^2 x", "The square of the sine, the same as sin(x)^2."),
        ("|x - 1|", "The absolute value; abs(x - 1) is the same."),
        ("sigma(x)", "The sigmoid. Greek letters are typed by name: alpha, lambda, eta."),
    ),
    "Vectors, matrices, sets": (
        ("[2x, 3]", "A vector; round brackets do as well."),
        ("[[1, 2], [3, 4]]", "A matrix, row by row. [1 2; 3 4] and LaTeX are read, too."),
        ("{1, -1}", "A set: the order does not matter."),
    ),
}


@dataclass(frozen=True, slots=True)
class TypedExample:
    """What is typed, how it is read, and why."""

    typed: str
    mathml: Markup
    remark: str


def typed_examples(
    examples: Mapping[str, tuple[tuple[str, str], ...]],
) -> Iterator[tuple[str, tuple[TypedExample, ...]]]:
    """The examples by group, each one read."""
    for group, rows in examples.items():
        yield group, tuple(TypedExample(typed, typeset(read(typed).tree), remark) for typed, remark in rows)
