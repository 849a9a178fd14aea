"""Proof by an exact normal form: quotients of polynomials over kernels such as exp(x), ln|x| or sqrt(x).

Every rewriting holds wherever both sides have values, so that a difference of zero proves equality
there. Where the response has values at all is the business of `equality`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from math import lcm
from typing import TypeVar

from grader.checking.domain import ANYTHING, Domain
from grader.checking.identical import Node
from grader.checking.kernel_table import Restart
from grader.checking.normal_forms import Assumed, Normal
from grader.checking.normal_rules import RULES
from grader.checking.polynomials import TooLarge

# How often kernels may be refined (exp(x) to exp(x/2)) before the proof is given up.
MOST_RESTARTS = 10
KERNEL_ROOM = (6, 16, 32)

T = TypeVar("T")


def is_proved(
    nodes: Sequence[Node], first: int, second: int, domain: Domain, *, deep: bool = False, assumed: Assumed = ()
) -> bool:
    """Whether two nodes are proved equal wherever both have values.

    `deep` takes more time: it writes inverse hyperbolic functions as logarithms, and uses what follows
    from both having a value at all. The nodes in `assumed` have the signs given there.
    """

    def question(normal: Normal) -> bool:
        if deep:
            normal.learn(first, second)
        return normal.agree(first, second)

    return bool(asked(nodes, domain, question, deep=deep, assumed=assumed))


def constant_of(nodes: Sequence[Node], number: int) -> Fraction | None:
    """The rational number that the node is wherever it has a value, whatever its variables are."""
    return asked(nodes, ANYTHING, lambda normal: normal.constant(number))


def asked(
    nodes: Sequence[Node],
    domain: Domain,
    question: Callable[[Normal], T],
    *,
    deep: bool = False,
    assumed: Assumed = (),
) -> T | None:
    """What the normal forms say, with as many and as fine kernels as it takes; None where that is too many."""
    units: dict[Hashable, int] = {}
    room = 0
    for _ in range(MOST_RESTARTS):
        normal = Normal(nodes, domain, RULES, (KERNEL_ROOM[room], units), deep=deep)
        try:
            normal.assume(assumed)
            return question(normal)
        except Restart as restart:
            if restart.unit is not None:
                key, degree = restart.unit
                units[key] = lcm(units.get(key, 1), degree)
            elif room + 1 < len(KERNEL_ROOM):
                room += 1
            else:
                return None
        except TooLarge:
            return None
    return None
