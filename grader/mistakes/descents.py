"""Tables of a gradient descent, or the last point of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from grader.answers.grids import Grid, grid_of
from grader.answers.literals import evaluate
from grader.mistakes.descending import CANNOT_COMPUTE, Course, Field, cells, course_of
from grader.mistakes.gradients import mistaken_gradients, right_gradient
from grader.mistakes.points import has_angles, in_degrees, wrong_points
from grader.mistakes.probing import Probe
from grader.mistakes.questions import Question
from grader.reading.tree import ZERO, Tree

MOST_ROWS = 700
MOST_SINGLE_STEPS = 6
MOST_STEPS = 60
TOO_MANY = 3
OF_DESCENTS = frozenset(
    {
        "ascent",
        "rate-forgotten",
        "sequential-update",
        "momentum-sign",
        "gradient-not-updated",
        "step-too-many",
        "step-too-few",
    }
)
Table = tuple[tuple[Probe, ...], ...]


def find_in_descent(question: Question, response: Tree, _key: Tree, probe: Callable[[Tree], Probe]) -> set[str]:
    """The mistakes in a descent; the error of one step carries on."""
    rows = given_rows(question, response)
    if rows is None or question.steps > MOST_STEPS:
        return set()
    table = tuple(tuple(map(probe, row)) for row in rows)
    try:
        right = course_of(question, right_gradient(question.functions[0], question.variables))
        found = _other_lengths(question, table, right)
    except CANNOT_COMPUTE:
        return set()
    found |= _of_the_result(question, table, right)
    allowed = MOST_ROWS
    for courses in (_courses(question, right), _with_wrong_gradients(question, right)):
        if found & OF_DESCENTS:
            break
        allowed = _search(question, table, courses, found, allowed)
    return found


def _search(
    question: Question, table: Table, courses: Iterator[tuple[str, Course]], found: set[str], allowed: int
) -> int:
    """Add the mistakes of the courses that explain the table; gives how many rows may still be computed."""
    for mistake, course in courses:
        if mistake in found or allowed <= 0:
            continue
        try:
            matched, seen = _matches(question, table, course)
        except CANNOT_COMPUTE:
            continue
        allowed -= seen + 1
        if matched:
            found.add(mistake)
    return allowed


def given_rows(question: Question, response: Tree) -> tuple[tuple[Tree, ...], ...] | None:
    """The rows of a table; a last point is one row."""
    tree = evaluate(response)
    grid = grid_of(Tree("vector", tree.args) if tree.kind == "list" else tree) or Grid(((tree,),))
    if len(grid.entries) == 0:
        return None
    width = _width(question)
    if grid.flat and width > 1:
        return (grid.entries,) if len(grid.entries) == width else None
    if width == 1 and len(grid.rows) == 1:
        return tuple((entry,) for entry in grid.entries)
    if len(grid.rows[0]) != width:
        return (grid.entries,) if len(grid.entries) == width and grid.is_vector else None
    return grid.rows


def is_last_point(question: Question, response: Tree) -> bool:
    """Whether the response is one row where the table would have several, or a point written as a column."""
    rows = given_rows(question, response)
    if rows is None or len(rows) != 1:
        return False
    grid = grid_of(evaluate(response))
    return question.steps > 1 or (grid is not None and len(grid.rows) > 1 and not grid.flat)


def _width(question: Question) -> int:
    count = len(question.variables)
    return sum({"x": count, "gradient": count}.get(column, 1) for column in question.columns)


def _matches(question: Question, table: Table, course: Course) -> tuple[bool, int]:
    """Whether the table is that of a course, and how many rows were computed to see it."""
    steps = question.steps
    if len(table) == steps + 1:
        return _follows(question, table, course, 0)
    if len(table) == steps and (steps > 1 or _is_row(question, table[0], course, 1)):
        return _follows(question, table, course, 1)
    if len(table) == 1:
        return _follows(question, table, course, steps)
    return False, 0


def _follows(question: Question, table: Table, course: Course, first: int) -> tuple[bool, int]:
    """Whether the rows of the table are those of the course from some step on."""
    for seen, (place, (point, slope)) in enumerate(
        zip(range(first + len(table)), course.rows(), strict=False), start=1
    ):
        if place < first:
            continue
        values = cells(course, point, slope, question.columns)
        if not all(probe.has_value(each) for probe, each in zip(table[place - first], values, strict=True)):
            return False, seen
    return True, first + len(table)


def _is_row(question: Question, row: Sequence[Probe], course: Course, place: int) -> bool:
    return _follows(question, (tuple(row),), course, place)[0]


def _other_lengths(question: Question, table: Table, right: Course) -> set[str]:
    """Right rows, but more or fewer of them than asked for."""
    steps, rows = question.steps, len(table)
    if rows == 1:
        if _is_row(question, table[0], right, steps + 1):
            return {"step-too-many"}
        is_early = any(_is_row(question, table[0], right, place) for place in range(1, steps))
        return {"step-too-few"} if is_early or (steps == 1 and _is_row(question, table[0], right, 0)) else set()
    starts = _is_row(question, table[0], right, 0)
    taken = rows - 1 if starts else rows
    if taken == steps or taken > steps + TOO_MANY or not _follows(question, table, right, 0 if starts else 1)[0]:
        return set()
    return {"step-too-many" if taken > steps else "step-too-few"}


def _of_the_result(question: Question, table: Table, right: Course) -> set[str]:
    """A whole table with the other sign."""
    first = {question.steps: 1, question.steps + 1: 0, 1: question.steps}.get(len(table))
    if first is None:
        return set()
    wanted = islice(right.rows(), first, first + len(table))
    values = [each for point, slope in wanted for each in cells(right, point, slope, question.columns)]
    probes = [probe for row in table for probe in row]
    negative = [replace(each, value=-each.value) for each in values]
    return {"sign-flipped"} if all(p.has_value(v) for p, v in zip(probes, negative, strict=True)) else set()


def _courses(question: Question, right: Course) -> Iterator[tuple[str, Course]]:
    """The descent with one thing wrong, in every step or in one."""
    changes = [("ascent", replace(right, sign=-1)), ("rate-forgotten", replace(right, rated=False))]
    if len(question.variables) > 1 and question.momentum == ZERO:
        changes.append(("sequential-update", replace(right, sequential=True)))
    if question.momentum != ZERO:
        changes.append(("momentum-sign", replace(right, turn=-1)))
    yield from changes
    if question.steps > 1:
        yield "gradient-not-updated", replace(right, frozen=True)
    for step in range(1, min(question.steps, MOST_SINGLE_STEPS) + 1):
        yield from ((mistake, replace(course, only=step)) for mistake, course in changes)
    for start in dict.fromkeys(wrong_points(question.start)):
        if start != question.start:
            yield "wrong-point", replace(right, start=tuple(Field((entry,)).at(())[0] for entry in start))
    gradient = right_gradient(question.functions[0], question.variables)
    if any(map(has_angles, gradient)):
        yield "degrees", replace(right, slope=Field(tuple(map(in_degrees, gradient)), question.variables))


def _with_wrong_gradients(question: Question, right: Course) -> Iterator[tuple[str, Course]]:
    """The descent with one mistake in the gradient, which is made in every step."""
    for mistake, slopes in mistaken_gradients(question.functions[0], question.variables, of_value=True):
        yield mistake, replace(right, slope=Field(slopes, question.variables))
