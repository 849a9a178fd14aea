"""What the answers to one problem of an assignment say of it: tries, times, variants, values, mistakes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services.access import Actor
from grader.services.analysis import (
    Counted,
    Head,
    Item,
    answers_to,
    common_version,
    entered,
    first_try,
    head_of,
    item,
    part_of,
)
from grader.services.drawn_values import SECONDS, drawn_values
from grader.services.fairness import Comparison, Tried, compare_all, groups_of_values
from grader.services.item_statistics import Quartiles, quartiles
from grader.services.standings import Mark
from grader.store import analysis as store
from grader.store import assignments
from grader.store.analysis import Sent, Work
from grader.store.assignments import AssignmentProblem

MOST_MINUTES = 180.0
"""A longer time counts as this much: who comes back the next day has not worked all night."""
MOST_TRIES_TOLD = 6
"""So many tries, or more, are told as one."""
MOST_MISTAKES = 12
NO_PROBLEM = "There is no such problem in this assignment."


@dataclass(frozen=True, slots=True)
class Success:
    """How students get to a right answer to a part, or with an empty id to all of the problem.

    `tries` says how many needed 1, 2, … tries, the last one that many or more; `minutes` lie between opening
    the problem and sending in what is right.
    """

    part: str
    tries: tuple[int, ...]
    unsolved: int
    minutes: tuple[float, ...]
    spread: Quartiles | None


@dataclass(frozen=True, slots=True)
class ValueTable:
    """Students compared by the value that a parameter has for them; `distinct` different ones there are."""

    name: str
    distinct: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Values:
    """The parameters, as far as their values are worked out: for `known` of `variants` variants."""

    tables: tuple[ValueTable, ...]
    known: int
    variants: int


@dataclass(frozen=True, slots=True)
class SeenMistake:
    """A recognised mistake in a part, with what some student was told, and how many made it how often."""

    part: str
    mistake: str
    sentences: tuple[str, ...]
    submissions: int
    students: int


@dataclass(frozen=True, slots=True)
class ProblemAnalysis:
    """One problem in numbers; `of_version` attempts of all have the version whose variants are compared."""

    head: Head
    counted: Counted
    item: Item
    successes: tuple[Success, ...]
    values: Values
    mistakes: tuple[SeenMistake, ...]
    of_version: int
    submissions: int


def problem_analysis(
    session: Session, actor: Actor, assignment_id: int, problem_id: str, seconds: float = SECONDS
) -> ProblemAnalysis:
    """The analysis of one problem, in nine statements (teachers); values of parameters as far as there is time."""
    row, membership = entered(session, actor, assignment_id)
    chosen = assignments.problems_of(session, [row.id])
    place = _place(chosen, problem_id)
    answers = answers_to(session, row, chosen)
    most = float(sum(one.points for one in chosen))
    mine = answers.first.get(chosen[place].id, [])
    sent = store.sent(session, row.course_id, row.id, chosen[place].id)
    found = item(chosen[place], place + 1, answers, most)
    version = common_version(mine)
    return ProblemAnalysis(
        head=head_of(row, membership),
        counted=Counted(store.students(session, row.course_id), len(mine), answers.left_out.get(chosen[place].id, 0)),
        item=found,
        successes=tuple(_successes(found, mine, sent)),
        values=_values(session, [one for one in mine if one.version_id == version], seconds),
        mistakes=_mistakes(sent, answers.students),
        of_version=sum(one.version_id == version for one in mine),
        submissions=sum(one.submissions for one in sent),
    )


def _place(chosen: Sequence[AssignmentProblem], problem_id: str) -> int:
    """Where the problem with this id is."""
    for place, one in enumerate(chosen):
        if one.problem.key == problem_id:
            return place
    raise NotFound(NO_PROBLEM)


def _successes(found: Item, work: Sequence[Work], sent: Sequence[Sent]) -> Iterator[Success]:
    """First of the whole problem, then of its parts."""
    took = {attempt: _minutes(rows) for attempt, rows in _by_attempt(sent).items()}
    whole = [(one.tries_used if one.is_solved else None, took.get(one.attempt_id, {}).get("")) for one in work]
    yield _success("", whole)
    for part in found.parts:
        seen = [(one, each) for one in work if (each := part_of(one, part.id)) is not None]
        rows = [
            (each.failed + 1 if each.is_right else None, took.get(one.attempt_id, {}).get(part.id))
            for one, each in seen
        ]
        yield _success(part.id, rows)


def _success(part: str, rows: Sequence[tuple[int | None, float | None]]) -> Success:
    counts = Counter(min(max(tries, 1), MOST_TRIES_TOLD) for tries, _ in rows if tries is not None)
    minutes = tuple(time for tries, time in rows if tries is not None and time is not None)
    tries = tuple(counts[number] for number in range(1, MOST_TRIES_TOLD + 1))
    return Success(part, tries, len(rows) - sum(tries), minutes, quartiles(minutes))


def _by_attempt(sent: Iterable[Sent]) -> Mapping[int, list[Sent]]:
    found: dict[int, list[Sent]] = {}
    for one in sent:
        found.setdefault(one.attempt_id, []).append(one)
    return found


def _minutes(rows: Sequence[Sent]) -> Mapping[str, float]:
    """How long each part of an attempt took until it was right, and under "" how long all did."""
    found: dict[str, float] = {}
    parts: set[str] = set()
    for row in rows:
        there, right = _marked(row.marks)
        parts |= there
        for part in right - found.keys():
            passed = (row.first - row.begun).total_seconds() / 60
            found[part] = min(max(passed, 0.0), MOST_MINUTES)
    return found | {"": max(found.values())} if parts and parts == found.keys() else found


@lru_cache(maxsize=8192)
def _marked(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The parts that were marked, and those that were right."""
    marks = [Mark.from_json(each) for each in json.loads(text)]
    return frozenset(mark.part for mark in marks), frozenset(mark.part for mark in marks if mark.is_right)


def _values(session: Session, work: Sequence[Work], seconds: float) -> Values:
    """The parameters of these attempts, which are all of one version."""
    seeds = {one.seed for one in work}
    if not work:
        return Values((), 0, 0)
    version = work[0].version_id
    known = drawn_values(version, store.source(session, version), sorted(seeds), seconds)
    names = dict.fromkeys(name for drawn in known.values() for name in drawn)
    texts = {name: {seed: drawn[name] for seed, drawn in known.items() if name in drawn} for name in names}
    groups = {name: groups_of_values(found) for name, found in texts.items() if len(set(found.values())) > 1}
    tables = [
        [Tried(found[one.seed], first_try(one), one.is_solved) for one in work if one.seed in found]
        for found in groups.values()
    ]
    compared = zip(groups, compare_all(tables), strict=True)
    shown = tuple(ValueTable(name, len(set(texts[name].values())), each) for name, each in compared)
    return Values(shown, len(known), len(seeds))


def _mistakes(sent: Sequence[Sent], students: Mapping[int, int]) -> tuple[SeenMistake, ...]:
    """The recognised mistakes, those that most students made first."""
    times: Counter[tuple[str, str]] = Counter()
    people: dict[tuple[str, str], set[int]] = {}
    told: dict[tuple[str, str], tuple[str, ...]] = {}
    read: dict[str, Sequence[tuple[str, str, Sequence[str]]]] = {}
    for row in sent:
        if row.result is None:
            continue
        if row.result not in read:
            read[row.result] = _named(row.result)
        for part, mistake, sentences in read[row.result]:
            key = part, mistake
            times[key] += row.submissions
            people.setdefault(key, set()).add(students[row.attempt_id])
            told.setdefault(key, tuple(sentences))
    found = [SeenMistake(*key, told[key], times[key], len(people[key])) for key in times]
    return tuple(sorted(found, key=lambda one: (-one.students, -one.submissions, one.mistake))[:MOST_MISTAKES])


def _named(result: str) -> Sequence[tuple[str, str, Sequence[str]]]:
    """The parts of a result in which a mistake is recognised, with it and what the student was told."""
    return [(part["id"], part["mistake"], part["feedback"]) for part in json.loads(result)["parts"] if part["mistake"]]
