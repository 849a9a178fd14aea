"""What can be wrong with one variant: its key, its prints, the marks of its examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, Protocol

from grader.answers import BY_NAME
from grader.bank.drawings import drawing_of
from grader.bank.findings import WARNING, Finding
from grader.bank.key_checks import check_faults
from grader.bank.keys import key_faults
from grader.bank.near_misses import given_away, near_misses
from grader.bank.own_mistakes import right_mistakes
from grader.bank.printing import Awkward, render
from grader.bank.problem import Example, KnownCase, Problem
from grader.bank.source import Path
from grader.bank.values import Values
from grader.bank.variant import Variant, VariantPart
from grader.checking.bounding import MissingName, NotScalar, NoValue, Unclear, value_at
from grader.checking.domain import Domain
from grader.errors import AnswerError, BankError, GraderError
from grader.reading.tree import Tree, literal_value, names_in, walk

LONGEST_NUMBER = 12
LARGEST_DENOMINATOR = 10_000
POINTS = 20


class Graded(Protocol):
    """What is needed of a result."""

    @property
    def parts(self) -> Sequence[Any]:
        """The results of the parts."""


Grade = Callable[[Variant, Mapping[str, str]], Graded]
"""Responses to a variant judged: `grading.grade`, which this layer may not import."""


def inspect(problem: Problem, values: Values, variant: Variant, grade: Grade) -> Iterator[Finding]:
    """All that is wrong with the keys of a variant."""
    yield from _keys(problem, values)
    yield from _retyped(problem, variant, grade)
    for part in variant.parts:
        yield from _degenerate(problem, part)
    for fault in right_mistakes(problem, variant):
        yield Finding.of(fault, "mistake", problem=problem.id)
    for fault in near_misses(problem, values, variant):
        yield Finding.of(fault, "near-miss", WARNING, problem.id)
    for fault in given_away(problem, values, variant):
        yield Finding.of(fault, "given-away", problem=problem.id)
    yield from _empty_figures(problem, variant)


def _empty_figures(problem: Problem, variant: Variant) -> Iterator[Finding]:
    """Figures whose functions have no values where they are to be drawn."""
    plans = (*problem.figures, *problem.solution_figures)
    for plan, figure in zip(plans, (*variant.figures, *variant.solution_figures), strict=True):
        if figure.kind == "graph":
            continue
        try:
            drawing_of(figure, is_trial=True)
        except AnswerError as error:
            repair = error.repair or "Change the range, or exclude such numbers with `where`."
            yield Finding.of(problem.document.error(plan.path, error.message, repair), "figure", problem=problem.id)


def _keys(problem: Problem, values: Values) -> Iterator[Finding]:
    for fault in (*key_faults(problem, values), *check_faults(problem, values)):
        yield Finding.of(fault, "key", problem=problem.id)


def _retyped(problem: Problem, variant: Variant, grade: Grade) -> Iterator[Finding]:
    """The printed key, typed by a student, scores full marks."""
    typed = {part.id: part.answer_text for part in variant.parts if has_key(part)}
    result = grade(variant, typed)
    points = {part.id: part.points for part in variant.parts}
    for graded in result.parts:
        if graded.id in typed and graded.score != points[graded.id]:
            said = str(graded.evidence) if graded.outcome == "undecided" else " ".join(graded.feedback)
            text = next(part.answer_text for part in variant.parts if part.id == graded.id)
            message = f"The key {text[:120]!r} typed by a student is judged {graded.outcome}: {said}".strip()
            yield _at_part(problem, graded.id, "key-retyped", message)


def has_key(part: VariantPart) -> bool:
    """Whether there is an answer to show: a witness may do without a sample."""
    return BY_NAME[part.type].needs_key or part.key.kind != "empty"


def _at_part(problem: Problem, id: str, kind: str, message: str, repair: str = "", **options: Any) -> Finding:
    part = problem.part(id)
    path: Path = (*part.path, "answer") if part else ("parts",)
    return Finding.of(problem.document.error(path, message, repair), kind, problem=problem.id, **options)


def _degenerate(problem: Problem, part: VariantPart) -> Iterator[Finding]:
    """Keys that make the question pointless or unfair, and options that look the same."""
    if part.type == "choice":
        yield from _same_options(problem, part)
        return
    if part.type not in {"number", "table"} and _is_zero(part.key):
        repair = "Exclude it with `where`."
        yield _at_part(problem, part.id, "trivial", "The answer is zero.", repair)
    elif not all(_has_value(leaf, part.domain) for leaf in _leaves(part.key)):
        message = f"The answer {part.answer_text[:120]} has no real value anywhere."
        yield _at_part(problem, part.id, "undefined", message, "Exclude it with `where`, or narrow the domain.")
    longest = max((len(node.value) for node in walk(part.key) if node.kind == "number"), default=0)
    if "tolerance" not in part.settings and (longest > LONGEST_NUMBER or _is_odd_fraction(part.key)):
        what = f"a number of {longest} digits" if longest > LONGEST_NUMBER else "a fraction far from hand arithmetic"
        message = f"The answer holds {what}."
        yield _at_part(problem, part.id, "unwieldy", message, "Choose smaller parameters.", severity=WARNING)


def _is_odd_fraction(key: Tree) -> bool:
    """Whether a fraction in the key has a large denominator that is no power of 2 or of 10."""
    values = (literal_value(node) for node in walk(key) if node.kind == "quotient")
    denominators = (value.denominator for value in values if value is not None)
    return any(each > LARGEST_DENOMINATOR and each & (each - 1) and 10**12 % each for each in denominators)


def _same_options(problem: Problem, part: VariantPart) -> Iterator[Finding]:
    """Options that a student could not tell apart."""
    first: dict[str, str] = {}
    for option, text in part.options:
        other = first.setdefault(text.strip(), option)
        if other != option:
            found = problem.part(part.id)
            path: Path = (*found.path, "options", option) if found else ("parts",)
            message = f"The options {other!r} and {option!r} read the same."
            error = problem.document.error(path, message, "Give each its own text, or exclude this with `where`.")
            yield Finding.of(error, "same-options", problem=problem.id)


def _is_zero(tree: Tree) -> bool:
    if tree.kind in {"vector", "matrix", "row"}:
        return all(_is_zero(arg) for arg in tree.args)
    return literal_value(tree) == 0


def _leaves(tree: Tree) -> Iterator[Tree]:
    """The scalars that a key consists of; sets of numbers and equations have no value of their own."""
    if tree.kind in {"interval", "union", "relation", "and", "or"}:
        return
    if tree.kind in {"vector", "matrix", "row", "set", "list"}:
        for arg in tree.args:
            yield from _leaves(arg)
    else:
        yield tree


def _has_value(tree: Tree, domain: Domain) -> bool:
    """Whether there may be a real value at one of the first points of the domain."""
    for point in islice(domain.points(names_in(tree)), POINTS):
        try:
            value_at(tree, point, 5)
        except NoValue:
            continue
        except (Unclear, NotScalar, MissingName):
            return True
        return True
    return False


def reads_badly(problem: Problem, path: Path, found: Awkward) -> Finding:
    """A print such as `1x`, or of LaTeX outside of a formula, at its place in the file."""
    message, repair = f"This reads {found.text!r}.", "Print the whole expression, as in {{ a*x + b }}."
    if found.is_outside:
        message = f"Outside of $…$ this prints the LaTeX {found.text!r}."
        repair = "Put it between $ signs, or print plain notation with `| text`."
    error = problem.document.error(path, message, repair, offset=found.start)
    return Finding.of(error, "awkward", WARNING, problem.id)


def check_example(
    problem: Problem, example: Example, values: Values, variant: Variant, grade: Grade
) -> Iterator[Finding]:
    """An example's responses get the marks that it says."""
    try:
        responses = {part: render(template, values, "text").text for part, template in example.responses.items()}
    except BankError as error:
        yield Finding.of(error, "example", problem=problem.id)
        return
    except GraderError as error:
        yield Finding.of(values.fault((*example.path, "responses"), error), "example", problem=problem.id)
        return
    scores = {part.id: part for part in grade(variant, responses).parts}
    for part, marks in example.marks.items():
        graded = scores[part]
        if graded.score != marks:
            said = " ".join(graded.feedback)
            message = (
                f"{responses.get(part, '')!r} gets {_plain(graded.score)} points, not {_plain(marks)}:"
                f" it is judged {graded.outcome}. {said}"
            )
            path = (*example.path, "marks", part)
            yield Finding.of(problem.document.error(path, message.strip()), "example", problem=problem.id)


def check_known_case(problem: Problem, case: KnownCase, variant: Variant, grade: Grade) -> Iterator[Finding]:
    """The answers of a known case are right for its parameters."""
    points = {part.id: part.points for part in variant.parts}
    keys = {part.id: part.answer_text for part in variant.parts}
    for graded in grade(variant, case.answers).parts:
        if graded.id in case.answers and graded.score != points[graded.id]:
            message = f"The known case gives {case.answers[graded.id]!r}, but the key is {keys[graded.id]!r}."
            path = (*case.path, "answers", graded.id)
            yield Finding.of(problem.document.error(path, message), "known-case", problem=problem.id)


def _plain(points: Fraction) -> str:
    return f"{float(points):g}"
