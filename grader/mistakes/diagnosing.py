"""From a question, its key and a wrong response to the one mistake that explains the response."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from grader.answers.base import Context
from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.answers.tolerance import Tolerance
from grader.errors import GraderError
from grader.mistakes.beside import find_beside_key
from grader.mistakes.catalogue import MISTAKES, Mistake
from grader.mistakes.descents import find_in_descent
from grader.mistakes.directions import find_along, find_in_value
from grader.mistakes.matrices import find_in_product, find_in_unit
from grader.mistakes.polynomials import find_in_polynomial
from grader.mistakes.probing import Probe
from grader.mistakes.questions import Question
from grader.mistakes.recipes import Recipe, entries_of
from grader.mistakes.retracing import find_in_recipe
from grader.mistakes.sheets import find_in_sheet
from grader.reading.tree import Tree, names_in, walk

MOST_NODES = 600
MOST_ENTRIES = 64


@dataclass(frozen=True, slots=True)
class Wrong:
    """A response that was judged to be wrong, with the key and what it was judged against.

    `is_list` where what is asked for are quantities of their own, one after the other.
    """

    response: Tree
    key: Tree
    context: Context
    tolerance: Tolerance | None = None
    is_list: bool = False

    @property
    def is_small(self) -> bool:
        """Whether there is little enough of it to look for mistakes in it."""
        return all(sum(1 for _ in walk(tree)) <= MOST_NODES for tree in (self.response, self.key))


def diagnose(question: Question, wrong: Wrong) -> Mistake | None:
    """The mistake that explains a response which was judged to be wrong; None where none does alone."""
    finder = _FINDERS.get(question.form)
    if finder is None:
        return None
    names = frozenset[str](question.variables).union(*map(names_in, question.functions))
    return _looked_for(wrong, names, lambda probe: finder(question, wrong.response, wrong.key, probe))


def retrace(recipe: Recipe, wrong: Wrong) -> Mistake | None:
    """The mistake in an answer that is worked out from other quantities; None where none explains it alone."""
    return _looked_for(wrong, frozenset(), lambda probe: find_in_recipe(recipe, wrong.response, probe))


def compare_with_key(wrong: Wrong) -> Mistake | None:
    """What can be said of any response beside its key: the other sign, a length that is not one, a lost factor."""
    return _looked_for(wrong, frozenset(), lambda probe: _beside_key(wrong, probe))


def _beside_key(wrong: Wrong, probe: Callable[[Tree], Probe]) -> set[str]:
    given, right = entries_of(wrong.response), entries_of(wrong.key)
    if len(given) != len(right) or wrong.key.kind == "set":
        return set()
    found = find_beside_key([probe(entry) for entry in given], right, probe)
    return found & {"sign-flipped"} if wrong.is_list else found


def _looked_for(
    wrong: Wrong, names: frozenset[str], find: Callable[[Callable[[Tree], Probe]], set[str]]
) -> Mistake | None:
    known = names.union(names_in(wrong.response), names_in(wrong.key))
    if known & wrong.context.domain.shapes.keys() or not wrong.is_small:
        return None

    def probe(tree: Tree) -> Probe:
        return Probe(tree, known, wrong.tolerance, wrong.context)

    try:
        return _first(find(probe))
    except GraderError:
        # Something has no derivative, no value or is too long to be looked at: then nothing is known of it.
        return None


def _first(found: Collection[str]) -> Mistake | None:
    """The one to be told of those that fit."""
    return next((mistake for mistake in MISTAKES if mistake.id in found), None)


def _find_in_sheet(question: Question, response: Tree, _key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    tree = evaluate(response)
    grid = grid_of(Tree("vector", tree.args) if tree.kind == "list" else tree) or Grid(((tree,),))
    if len(grid.entries) > MOST_ENTRIES:
        return set()
    is_one_row = question.form == "gradient" or (question.form == "jacobian" and len(question.functions) == 1)
    rows = (grid.entries,) if is_one_row and grid.is_vector else grid.rows
    return find_in_sheet(question, rows, probe)


Finder = Callable[[Question, Tree, Tree, Callable[[Tree], Probe]], set[str]]
_FINDERS: Mapping[str, Finder] = {
    "derivative": _find_in_sheet,
    "gradient": _find_in_sheet,
    "jacobian": _find_in_sheet,
    "hessian": _find_in_sheet,
    "directional": find_along,
    "value": find_in_value,
    "taylor": find_in_polynomial,
    "descent": find_in_descent,
    "matmul": find_in_product,
    "transpose": find_in_product,
    "unit": find_in_unit,
}
