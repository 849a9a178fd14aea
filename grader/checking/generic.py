"""Stand-ins for declared unknown functions: smooth, positive, the same every time.

A counterexample for one function `f` is a counterexample for an answer that must hold for all of them.
"""

from __future__ import annotations

import random
import zlib
from functools import lru_cache
from typing import NamedTuple


class Term(NamedTuple):
    """One term of a sum of exponentials: factor * exp(rates · arguments)."""

    factor: int
    rates: tuple[int, ...]


RATES = (1, -2, 3, -1, 2, -3)


@lru_cache(maxsize=256)
def generic_function(name: str, arguments: int) -> tuple[Term, ...] | None:
    """The terms of the stand-in for `f`, or of its derivative for `f'`; None for primes on several arguments."""
    base = name.rstrip("'′")
    primes = len(name) - len(base)
    if primes and arguments != 1:
        return None
    draw = random.Random(zlib.crc32(base.encode()))
    terms = []
    for _ in range(2):
        factor = draw.randint(1, 5)
        rates = tuple(draw.choice(RATES) for _ in range(arguments))
        terms.append(Term(factor * rates[0] ** primes if arguments else factor, rates))
    return tuple(terms)


def describe(name: str, arguments: int) -> str:
    """The stand-in as text, for the point of a counterexample."""
    letters = ("t", "u", "v", "w")[:arguments]
    terms = generic_function(name, arguments) or ()
    parts = ("+".join(f"{rate}*{letter}" for rate, letter in zip(term.rates, letters, strict=False)) for term in terms)
    text = " + ".join(f"{term.factor}*exp({part})" for term, part in zip(terms, parts, strict=True))
    return text.replace("+-", "-")
