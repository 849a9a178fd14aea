"""Stand-ins for declared unknown functions: smooth, the same every time, and none its own derivative.

A counterexample for one function `f` is a counterexample for an answer that must hold for all of them.
The first stand-in is positive, so that logarithms and roots of it have values; the second takes both
signs, and the third is its opposite.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import NamedTuple


class Term(NamedTuple):
    """One term of a sum of exponentials: factor * exp(rates · arguments)."""

    factor: int
    rates: tuple[int, ...]


# Of the two terms, in each of them another for each argument: the sizes differ, so that no derivative is
# the function, nor the function that with its arguments exchanged.
RATES = ((1, -1, 4, -4), (-2, 3, 2, -3))
OTHERS = (1, 2)
"""The turns of the stand-ins beside the first, 0."""


@lru_cache(maxsize=256)
def generic_function(name: str, arguments: int, turn: int = 0) -> tuple[Term, ...] | None:
    """The terms of a stand-in for `f`, or of its derivative for `f'`; None for primes on several arguments."""
    base = name.rstrip("'′")
    primes = len(name) - len(base)
    if primes and arguments != 1:
        return None
    draw = random.Random(f"{base}:{min(turn, 1)}")
    terms = []
    for place, choices in enumerate(RATES):
        sign = -1 if turn == 1 + place else 1
        factor = draw.randint(1, 5) * sign
        rates = draw.sample(choices, arguments) if arguments <= len(choices) else draw.choices(choices, k=arguments)
        terms.append(Term(factor * rates[0] ** primes if arguments else factor, tuple(rates)))
    return tuple(terms)


def describe(name: str, arguments: int, turn: int = 0) -> str:
    """The stand-in as text, for the point of a counterexample."""
    letters = ("t", "u", "v", "w")[:arguments]
    terms = generic_function(name, arguments, turn) or ()
    parts = ("+".join(f"{rate}*{letter}" for rate, letter in zip(term.rates, letters, strict=False)) for term in terms)
    text = " + ".join(f"{term.factor}*exp({part})" for term, part in zip(terms, parts, strict=True))
    return text.replace("+-", "-").replace("+ -", "- ")
