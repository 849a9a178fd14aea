"""Proof by cases: cut the domain where an absolute value, a maximum or a piecewise changes its formula.

On each cell the normal form knows the signs of what is cut at, so that `{x if x > 0; 0 otherwise}`
and `relu(x)` are x on the one and 0 on the other. What happens at the cuts themselves, which are
single points, is not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from grader.checking.agreeing import Comparison
from grader.checking.breakpoints import switches_of
from grader.checking.domain import Domain
from grader.checking.normal import asked, is_proved
from grader.checking.normal_forms import Assumed, Normal
from grader.checking.polynomials import used_generators
from grader.checking.sampling import Interval, VariableDomain
from grader.checking.turning_signs import turning_signs
from grader.checking.value_ranges import has_empty_range

MOST_CELLS = 40
DEEPEST = 6


class Cut(NamedTuple):
    """A value of a variable, or a node that may have either sign."""

    name: str
    at: Fraction
    node: int


class Cell(NamedTuple):
    """A part of the domain: where the variables lie, and the signs of nodes there."""

    domain: Domain
    assumed: Assumed = ()


def is_proved_on_cells(comparison: Comparison) -> bool:
    """Whether both sides are proved equal on every cell of the domain, where there is more than one."""
    if any(comparison.domain.variable(name).integer for name in comparison.names):
        return False
    return on_every_cell(comparison, lambda cell: _is_proved_on(comparison, cell), is_tried_whole=True)


def holds_on_cells(comparison: Comparison, question: Callable[[Normal], bool]) -> bool:
    """Whether the normal forms say so on the whole domain, or on every cell of it."""

    def holds(cell: Cell) -> bool:
        return bool(asked(comparison.nodes, cell.domain, question, deep=True, assumed=cell.assumed))

    return on_every_cell(comparison, holds, is_tried_whole=False)


def on_every_cell(
    comparison: Comparison, holds: Callable[[Cell], bool], *, is_tried_whole: bool, divisors: Sequence[int] = ()
) -> bool:
    """Whether it holds on the domain, cut where it does not; `is_tried_whole`: on the whole it is known not to.

    It is also cut where the `divisors` change their signs.
    """
    switches = [*switches_of(comparison), *divisors]
    cells = [(Cell(comparison.domain), 0)]
    looked_at = 0
    while cells:
        cell, depth = cells.pop()
        looked_at += 1
        if not (is_tried_whole and depth == 0) and holds(cell):
            continue
        cut = _first_cut(comparison, switches, cell) if depth < DEEPEST and looked_at < MOST_CELLS else None
        if cut is None:
            return False
        cells += [(part, depth + 1) for part in _parts(cell, cut)]
    return True


def _is_proved_on(comparison: Comparison, cell: Cell) -> bool:
    both = (comparison.response, comparison.answer)
    known = turning_signs(comparison.nodes, *both, cell.domain)
    return is_proved(comparison.nodes, *both, cell.domain, deep=True, assumed=(*cell.assumed, *known)) or any(
        has_empty_range(comparison.nodes, side, cell.domain) for side in both
    )


def _first_cut(comparison: Comparison, switches: list[int], cell: Cell) -> Cut | None:
    """Where the first switch that may have either sign on the cell changes it."""

    def question(normal: Normal) -> Cut | None:
        # Where a variable is cut the signs of other switches may follow, so that comes first.
        cuts = [cut for switch in switches if (cut := _cut_at(normal, switch)) is not None]
        return next((cut for cut in cuts if cut.name), cuts[0] if cuts else None)

    return asked(comparison.nodes, cell.domain, question, assumed=cell.assumed)


def _cut_at(normal: Normal, switch: int) -> Cut | None:
    form = normal.field.reduced(normal.of(switch))
    if form.top.is_zero() or normal.is_complex(form):
        return None
    unknown = [f for f, times in normal.field.factors(form)[1] if times % 2 and not normal.kernels.sign(f)]
    for factor in unknown:
        used = used_generators(factor)
        if len(used) == 1 and normal.kernels.is_name(*used) and factor.total_degree() == 1:
            return Cut(str(normal.kernels.key_of(*used)[1]), _root(normal, factor), switch)
    return Cut("", Fraction(0), switch) if len(unknown) == 1 else None


def _root(normal: Normal, line: Any) -> Fraction:
    """The zero of a polynomial of degree one in one variable."""
    constant, slope = Fraction(0), Fraction(1)
    for monomial, times in normal.field.terms(line):
        if any(monomial):
            slope = times
        else:
            constant = times
    return -constant / slope


def _parts(cell: Cell, cut: Cut) -> Iterator[Cell]:
    """The cell on both sides of a cut."""
    domain, assumed = cell
    if not cut.name:
        yield from (Cell(domain, (*assumed, (cut.node, sign))) for sign in (1, -1))
        return
    for lower, upper in pairwise((None, cut.at, None)):
        met = [one.meet(Interval(lower, upper)) for one in domain.variable(cut.name).intervals]
        inside = tuple(one for one in met if one is not None)
        if inside:
            variables = {**domain.variables, cut.name: VariableDomain(inside)}
            yield Cell(Domain(variables, domain.declared, domain.functions), assumed)
