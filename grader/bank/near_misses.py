"""Wrong answers that a variant would accept: what a tolerance is too wide for, and keys that the prompt gives away."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from grader.answers import BY_NAME
from grader.answers.base import Answer, Context, judge_response
from grader.answers.wording import NOT_SCALAR
from grader.bank.following import values_for
from grader.bank.problem import Options, Part, Problem, Task
from grader.bank.tasks import solve_task
from grader.bank.templates import Print
from grader.bank.values import Values
from grader.bank.variant import Variant, VariantPart
from grader.bank.variants import settings_of
from grader.calculus.literal_matrices import reduce_literals
from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, value_at
from grader.checking.verdict import Outcome
from grader.errors import BankError, GraderError
from grader.reading.printing import to_text
from grader.reading.tree import Tree, literal_value, names_in, neg, number, walk

FLAT = frozenset({"vector", "matrix", "row", "set", "list"})
SAME_DIGITS = 25
LONGEST_SHOWN = 40
FEWEST_NODES = 6
"""Of a key that counts as given away: shorter ones stand in many prompts by chance."""


def near_misses(problem: Problem, values: Values, variant: Variant) -> Iterator[BankError]:
    """For each part with a tolerance the first wrong answer that it accepts."""
    for made in variant.parts:
        part = problem.part(made.id)
        if part is None or "tolerance" not in made.settings or not _is_numeric(made.key):
            continue
        settings = settings_of(part, dict(made.options), made.settings)
        context = Context(made.domain, made.vocabulary)
        for wrong, meaning in _candidates(problem, values, variant, part, made):
            if _is_same(wrong, made.key):
                continue
            verdict = judge_response(BY_NAME[made.type], Answer(wrong), made.key, settings, context).verdict
            if verdict.outcome is Outcome.EQUAL:
                message = f"{_shown(made.key)} is accepted, and so is {_shown(wrong)}, {meaning}."
                repair = "Narrow the tolerance, or exclude such numbers with `where`."
                yield problem.document.error((*part.path, "tolerance"), message, repair)
                break


def _candidates(
    problem: Problem, values: Values, variant: Variant, part: Part, made: VariantPart
) -> Iterator[tuple[Tree, str]]:
    """Wrong answers that students give, each with what it is."""
    yield from _miscounted(problem, values, part)
    for other in variant.parts:
        if other.id != made.id and _is_of_kind(other.key, made.key):
            yield other.key, f"the answer to the part {other.id!r}"
    for name, found in values.found().items():
        if isinstance(found.value, Tree) and _is_of_kind(found.value, made.key):
            yield found.value, f"the value of {name!r}"
    if made.key.kind not in FLAT:
        yield neg(made.key), "the answer with the other sign"
        yield number(0), "nothing at all"
        for factor in (Fraction(2), Fraction(1, 2)):
            yield Tree("product", (number(factor), made.key)), f"{factor} times the answer"


def _miscounted(problem: Problem, values: Values, part: Part) -> Iterator[tuple[Tree, str]]:
    """A descent with one step too few or too many, where only its last point is asked for."""
    if isinstance(part.answer, Options):
        return
    found = values_for(part, values).solve(part.answer)
    task = found.task
    if not isinstance(task, Task) or task.kind != "descent" or found.trees is None:
        return
    steps = found.trees.get("steps", 1)
    count = literal_value(steps) if isinstance(steps, Tree) else Fraction(steps)
    for more, words in ((-1, "the answer after one step too few"), (1, "the answer after one step too many")):
        if count is None or count + more < 1:
            continue
        try:
            solved = solve_task(task, {**found.trees, "steps": number(count + more)}, problem.domain)
        except GraderError:
            continue  # what cannot be computed is no answer that a student gives
        if isinstance(solved.key, Tree):
            yield solved.key, words


def _is_of_kind(wrong: Tree, key: Tree) -> bool:
    """Whether both are numbers, or both vectors and so on, of numbers."""
    is_same_kind = wrong.kind == key.kind if wrong.kind in FLAT or key.kind in FLAT else wrong.kind not in NOT_SCALAR
    return is_same_kind and _is_numeric(wrong)


def _is_numeric(tree: Tree) -> bool:
    return not names_in(tree) and all(node.kind != "empty" for node in walk(tree))


def _is_same(wrong: Tree, key: Tree) -> bool:
    """Whether the two have equal values to many digits: then it is not wrong."""
    if wrong.kind in FLAT or key.kind in FLAT:
        if wrong.kind != key.kind or len(wrong.args) != len(key.args):
            return False
        return all(_is_same(*pair) for pair in zip(wrong.args, key.args, strict=True))
    try:
        return value_at(wrong, {}, SAME_DIGITS).overlaps(value_at(key, {}, SAME_DIGITS))
    except (NoValue, Unclear, NotScalar, MissingName):
        return wrong == key


def _shown(tree: Tree) -> str:
    if literal_value(tree) is None and tree.kind not in FLAT:
        try:
            return f"{float(value_at(tree, {}, SAME_DIGITS)):.6g}"
        except (NoValue, Unclear, NotScalar, MissingName):
            return to_text(tree)[:LONGEST_SHOWN]
    return to_text(tree)[:LONGEST_SHOWN]


def given_away(problem: Problem, values: Values, variant: Variant) -> Iterator[BankError]:
    """The parts whose key the prompt or the question prints by itself."""
    for made in variant.parts:
        part = problem.part(made.id)
        is_long = sum(1 for _ in walk(made.key)) >= FEWEST_NODES and bool(names_in(made.key))
        if part is None or made.type in {"choice", "written", "shape"} or not is_long:
            continue
        for place, template in (("prompt", problem.prompt), ("question", part.ask)):
            printed = [piece.tree for piece in template.pieces if isinstance(piece, Print)]
            if any(_value(tree, values) == made.key for tree in printed):
                message = f"The {place} prints the answer {to_text(made.key)[:LONGEST_SHOWN]}."
                yield problem.document.error((*part.path, "answer"), message, "Exclude such numbers with `where`.")
                break


def _value(tree: Tree, values: Values) -> object:
    return values.value(tree.value) if tree.kind == "name" else reduce_literals(values.put_in(tree))
