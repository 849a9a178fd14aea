"""The examples of the page "How to type answers"; what they show is what the reader makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext
from markupsafe import Markup

from grader.reading.text import read
from grader.web.previews import typeset

Group = tuple[LazyString, tuple[tuple[str, LazyString], ...]]
"""What the examples are about, and each one: what is typed, and what is good to know."""

EXAMPLES: Sequence[Group] = (
    (
        lazy_gettext("Numbers"),
        (
            ("1/3", lazy_gettext("Fractions are exact; so is everything that is not rounded.")),
            ("1.5e-3", lazy_gettext("The number 0.0015. There are no commas inside a number.")),
            ("2/3 x", lazy_gettext("Divided first, then multiplied, as it stands: from left to right.")),
        ),
    ),
    (
        lazy_gettext("Powers and roots"),
        (
            ("-x^2", lazy_gettext("The power binds tighter than the minus.")),
            ("e^(2x)", lazy_gettext("Brackets keep an exponent together.")),
            ("sqrt(x^2 + 1)", lazy_gettext("Also cbrt(x) and root(x, n).")),
        ),
    ),
    (
        lazy_gettext("Products"),
        (
            ("2x sin(x)", lazy_gettext("The sign of multiplication may be left out.")),
            ("x*y", lazy_gettext("It may be written, too.")),
            ("(x + 1)(x - 1)", lazy_gettext("Brackets multiply.")),
        ),
    ),
    (
        lazy_gettext("Functions"),
        (
            ("ln(x)", lazy_gettext("log is the natural logarithm, too; log2, log10 and log(x, b) have their base.")),
            ("sin^2 x", lazy_gettext("The square of the sine, the same as sin(x)^2.")),
            ("|x - 1|", lazy_gettext("The absolute value; abs(x - 1) is the same.")),
            ("sigma(x)", lazy_gettext("The sigmoid. Greek letters are typed by name: alpha, lambda, eta.")),
        ),
    ),
    (
        lazy_gettext("Vectors, matrices, sets"),
        (
            ("[2x, 3]", lazy_gettext("A vector; round brackets do as well.")),
            ("[[1, 2], [3, 4]]", lazy_gettext("A matrix, row by row. [1 2; 3 4] and LaTeX are read, too.")),
            ("{1, -1}", lazy_gettext("A set: the order does not matter.")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class TypedExample:
    """What is typed, how it is read, and why."""

    typed: str
    mathml: Markup
    remark: str


def typed_examples(examples: Sequence[Group]) -> Iterator[tuple[str, tuple[TypedExample, ...]]]:
    """The examples by group, each one read."""
    for group, rows in examples:
        yield (
            str(group),
            tuple(TypedExample(typed, typeset(read(typed).tree), str(remark)) for typed, remark in rows),
        )
