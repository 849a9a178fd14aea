"""The completed square: `a(x - h)^2 + k`, or one square for each of several variables."""

from __future__ import annotations

from grader.checking.atoms import Atoms, NotPolynomial
from grader.checking.writing import factors_of, shown, terms_of, whole_exponent
from grader.reading.tree import Tree, names_in

# Other letters are parameters, unless the problem names the variables.
_VARIABLES = frozenset("xyzuvwst")


def completed_square(tree: Tree, variables: tuple[str, ...]) -> str:
    """Why the square is not completed; empty where every variable stands in one square only."""
    names = names_in(tree)
    wanted = variables or tuple(sorted(name for name in names if name[0] in _VARIABLES and name[1:2] in {"", "_"}))
    if not wanted and len(names) == 1:
        wanted = tuple(names)
    for name in wanted:
        terms = [term for term in terms_of(tree) if name in names_in(term)]
        if len(terms) > 1:
            return f"{name} occurs in more than one term, not in one square"
        if terms and not _is_square(terms[0], name):
            return f"{shown(terms[0])} is not a number times one square"
    return ""


def _is_square(term: Tree, name: str) -> bool:
    """Whether the term is free of the name but for one square of `c*x^k + d`."""
    factors = factors_of(term)
    holding = [each for each in factors.above if name in names_in(each)]
    if len(holding) != 1 or any(name in names_in(each) for each in factors.below):
        return False
    exponent = whole_exponent(holding[0])
    if exponent is None or exponent <= 0 or exponent % 2:
        return False
    base = holding[0].args[0]
    if exponent > 2:
        return base.kind == "name"
    atoms = Atoms(base)
    place = atoms.place(name)
    try:
        polynomial = atoms.polynomial(base)
    except NotPolynomial:
        return False
    if place is None or any(name in names_in(each) for index, each in enumerate(atoms.trees) if index != place):
        return False
    return len({monomial[place] for monomial, _ in atoms.field.terms(polynomial) if monomial[place]}) == 1
