"""Answers made of derivatives, one in each entry: a derivative, gradient, Jacobian or Hessian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations

from grader.mistakes.breaking import derivative
from grader.mistakes.points import has_angles, in_degrees, other_points
from grader.mistakes.probing import Probe
from grader.mistakes.questions import Question
from grader.mistakes.results import result_mistakes
from grader.mistakes.slopes import CANNOT, Slope
from grader.reading.tree import ZERO, Tree, multiply, names_in, number

MOST_PERMUTED = 3
FEW_TERMS = 2
"""Of more terms, and of one alone, a number is soon left by chance."""
OF_ALL_ENTRIES = frozenset({"not-differentiated", "order-too-low", "integrated-instead"})
"""What is done to a whole answer: where some entries are right, the others show something else."""
Rows = tuple[tuple[Slope, ...], ...]
Prober = Callable[[Tree], Probe]


OF_WHOLE_ORDER = frozenset({"wrong-variable"})
"""What is known only by all entries together where each by itself is soon met by chance."""


OF_THE_WHOLE = frozenset({"wrong-point", "wrong-variable", "sign-flipped", "transposed", "hessian-off-diagonal"})


def slopes_of(question: Question, variables: Sequence[str] = (), at: Mapping[str, Tree] | None = None) -> Rows:
    """The derivatives that are asked for, row by row; a gradient is one row."""
    names = tuple(variables) or question.variables
    point = question.at if at is None else at
    functions = question.functions
    match question.form:
        case "derivative":
            return ((Slope(functions[0], question.orders, point),),)
        case "hessian":
            return tuple(tuple(Slope(functions[0], (one, other), point) for other in names) for one in names)
    return tuple(tuple(Slope(function, (name,), point) for name in names) for function in functions)


def find_in_sheet(question: Question, given: tuple[tuple[Tree, ...], ...], probe: Prober) -> set[str]:
    """The mistakes that each explain the whole response on their own."""
    rows = slopes_of(question)
    if _shape(rows) != _shape(given):
        return _of_another_shape(question, rows, given, probe)
    probes = [probe(entry) for row in given for entry in row]
    slopes = [slope for row in rows for slope in row]
    right = [slope.right for slope in slopes]
    is_right = [each.equals(tree) for each, tree in zip(probes, right, strict=True)]
    if all(is_right):
        return set()
    found = result_mistakes(probes, right, question.functions)
    found |= set(_wholes(question, rows, probes, right))
    if question.form == "hessian" and _is_off_diagonal(rows, probes, is_right):
        found.add("hessian-off-diagonal")
        return found if _is_symmetric(rows, probes, is_right) else found & {"transposed"}
    wrong = [pair for pair, fits in zip(zip(probes, slopes, strict=True), is_right, strict=True) if not fits]
    of_entries = _plausible(question, _in_entries(wrong), wrong, len(probes))
    found |= of_entries
    if question.at and len(probes) == 1 and len(found) > 1:
        # Nobody is asked for the value of an antiderivative: that it fits is chance where something else does.
        found.discard("integrated-instead")
    if any(is_right):
        found -= OF_ALL_ENTRIES
    if "wrong-point" in found and len(wrong) > 1:
        # Another point explains several entries at once, which a rule does by chance.
        found &= OF_THE_WHOLE
    if question.form == "hessian":
        # Two entries are one derivative: a rule that is broken for one of them only is none that can be named.
        return found - {"wrong-variable"} if _is_symmetric(rows, probes, is_right) else found & {"transposed"}
    # With its coordinates exchanged a point often gives the entries in the other order.
    return found - {"wrong-variable"} if len(probes) > 1 and "wrong-point" in found else found


def _plausible(question: Question, found: set[str], wrong: Sequence[tuple[Probe, Slope]], entries: int) -> set[str]:
    """What explains the wrong entries, without what they show by chance."""
    if (question.at and entries > 1) or len(question.variables) > MOST_PERMUTED:
        found = found - OF_WHOLE_ORDER
    if question.at and question.form == "hessian":
        found = found - {"constant-kept"}
    if question.at and entries > 1 and len(wrong) == 1 and _terms(wrong[0][1].lower[-1]) != FEW_TERMS:
        found = found - {"term-missing"}
    if all(probe.tree == ZERO for probe, _ in wrong):
        # Nothing is left of what was kept.
        found = found - {"constant-kept"}
        is_list_of_slopes = question.form in {"gradient", "jacobian"} and not question.at
        if is_list_of_slopes and len(wrong) < entries and all(_terms(slope.function) > 1 for _, slope in wrong):
            found = found | {"term-missing"}
    return found


def _terms(tree: Tree) -> int:
    return len(tree.args) if tree.kind == "sum" else 1


def _is_symmetric(rows: Rows, probes: Sequence[Probe], is_right: Sequence[bool]) -> bool:
    """Whether what stands in two mirrored places is right or wrong alike, and the same."""
    size = len(rows)
    mirrored = ((i * size + j, j * size + i) for i in range(size) for j in range(i))
    return all(
        is_right[one] == is_right[other] and (is_right[one] or probes[one].equals(probes[other].tree))
        for one, other in mirrored
    )


def _shape(rows: Sequence[Sequence[object]]) -> tuple[int, int]:
    return len(rows), len(rows[0]) if rows else 0


def _in_entries(wrong: Sequence[tuple[Probe, Slope]]) -> set[str]:
    """The mistakes of which each alone explains every entry that is wrong."""
    common: set[str] | None = None
    for probe, slope in wrong:
        found = {
            variant.mistake
            for variant in slope.all_variants()
            if (common is None or variant.mistake in common) and probe.equals(variant.tree)
        }
        if _is_antiderivative(probe, slope):
            found.add("integrated-instead")
        common = found if common is None else common & found
        if not common:
            return set()
    return common or set()


def _is_antiderivative(probe: Probe, slope: Slope) -> bool:
    """Whether differentiating the response leads back to the function, whatever the constant."""
    variable = slope.orders[-1]
    if slope.at or not probe.is_scalar or variable not in names_in(probe.tree) or len(set(slope.orders)) > 1:
        return False
    try:
        return probe.for_another(derivative(probe.tree, (variable,))).equals(slope.function)
    except CANNOT:
        return False


def _wholes(question: Question, rows: Rows, probes: Sequence[Probe], right: Sequence[Tree]) -> Iterator[str]:
    """Mistakes made in all entries alike."""
    if (
        len(rows) > 1
        and _all_equal(probes, [slope.right for column in zip(*rows, strict=True) for slope in column])
        and len(rows) == len(rows[0])
    ):
        yield "transposed"
    names = question.variables
    if 2 <= len(names) <= MOST_PERMUTED:
        for order in permutations(names):
            if order != names and _fits(slopes_of(question, order), probes):
                yield "wrong-variable"
                break
    if question.at:
        yield from _at_points(question, rows, probes, right)


def _at_points(question: Question, rows: Rows, probes: Sequence[Probe], right: Sequence[Tree]) -> Iterator[str]:
    slopes = [slope for row in rows for slope in row]
    in_other_units = [slope.placed(in_degrees(slope.lower[-1])) for slope in slopes]
    is_in_degrees = any(has_angles(slope.lower[-1]) for slope in slopes) and _all_equal(probes, in_other_units)
    if is_in_degrees:
        yield "degrees"
    # One coordinate for all is soon met by chance where little else differs.
    several = sum(not probe.equals(tree) for probe, tree in zip(probes, right, strict=True)) > 1
    for at in other_points(question.at, with_one_for_all=several):
        elsewhere = [Slope(each.function, each.orders, at).placed(each.lower[-1]) for each in slopes]
        if _all_equal(probes, elsewhere):
            # A small angle is near to zero: of both that which is nearer.
            if not is_in_degrees or not _all_nearer(probes, in_other_units, elsewhere):
                yield "wrong-point"
            break
    if any(names_in(probe.tree) & set(question.at) for probe in probes):
        pairs = zip(probes, slopes, right, strict=True)
        if all(_is_partly_placed(probe, slope) or probe.equals(value) for probe, slope, value in pairs):
            yield "not-evaluated"


def _all_nearer(probes: Sequence[Probe], trees: Sequence[Tree], others: Sequence[Tree]) -> bool:
    """Whether no number is nearer to that of the others."""
    return all(
        probe.distance(one) <= probe.distance(other) for probe, one, other in zip(probes, trees, others, strict=True)
    )


def _is_partly_placed(probe: Probe, slope: Slope) -> bool:
    """Whether the point was put in for none, or only for some, of the variables."""
    left = names_in(probe.tree)
    some = {name: value for name, value in slope.at.items() if name not in left}
    unplaced = slope.lower[-1]
    return probe.equals(unplaced) or probe.equals(Slope(slope.function, slope.orders, some).placed(unplaced))


def _fits(rows: Rows, probes: Sequence[Probe]) -> bool:
    return _all_equal(probes, [slope.right for row in rows for slope in row])


def _all_equal(probes: Sequence[Probe], trees: Sequence[Tree]) -> bool:
    return all(probe.equals(tree) for probe, tree in zip(probes, trees, strict=True))


def _is_off_diagonal(rows: Rows, probes: Sequence[Probe], is_right: Sequence[bool]) -> bool:
    """Whether the diagonal is right and the mixed derivatives are missing, halved, doubled or multiplied."""
    size = len(rows)
    places = [(i, j) for i in range(size) for j in range(size)]
    right = dict(zip(places, is_right, strict=True))
    if not all(right[i, i] for i in range(size)):
        return False
    wrong = [(place, probe) for place, probe in zip(places, probes, strict=True) if not right[place]]
    forms = (_missing, _halved, _doubled, _multiplied, _pure)
    return any(all(probe.equals(form(rows, *place)) for place, probe in wrong) for form in forms)


def _missing(_rows: Rows, _i: int, _j: int) -> Tree:
    return ZERO


def _halved(rows: Rows, i: int, j: int) -> Tree:
    return multiply(number(Fraction(1, 2)), rows[i][j].right)


def _doubled(rows: Rows, i: int, j: int) -> Tree:
    return multiply(number(2), rows[i][j].right)


def _multiplied(rows: Rows, i: int, j: int) -> Tree:
    return multiply(*(rows[k][k].placed(rows[k][k].lower[1]) for k in (i, j)))


def _pure(rows: Rows, i: int, _j: int) -> Tree:
    return rows[i][i].right


def _of_another_shape(question: Question, rows: Rows, given: tuple[tuple[Tree, ...], ...], probe: Prober) -> set[str]:
    """A response that would be right for another question: turned, or with too few derivatives."""
    probes = [probe(entry) for row in given for entry in row]
    if _shape(given) == _shape(rows)[::-1] and len(rows) > 1:
        turned = [slope.right for column in zip(*rows, strict=True) for slope in column]
        return {"transposed"} if _all_equal(probes, turned) else set()
    entries = [slope for row in rows for slope in row]
    if question.form == "hessian" and len(probes) == len(rows):
        first = [Slope(row[0].function, row[0].orders[:1], row[0].at).right for row in rows]
        return {"order-too-low"} if _all_equal(probes, first) else set()
    functions = [entries[0].placed(function) for function in question.functions]
    if len(probes) == len(functions) and _all_equal(probes, functions):
        return {"not-differentiated"}
    return set()
