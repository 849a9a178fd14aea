"""A course full of made-up students whose answers are really judged: to look at, and to measure with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variants import make_variant
from grader.checking.verdict import Outcome, OutOfBudget, PersonReads
from grader.grading import PartResult, Result, grade, undecided
from grader.services import assignments, courses, users
from grader.services.access import STUDENT, Actor, Clock
from grader.services.assignments import ChosenProblem
from grader.services.crowd_names import made_up_name
from grader.services.policies import Policy
from grader.services.problems import ProblemSource
from grader.services.standings import MARKED, Mark, Standing, reckon
from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.database import writing
from grader.store.enrolments import Enrolment
from grader.store.gradings import Grading
from grader.store.problems import Problem as StoredProblem
from grader.store.quarantine import hash_of
from grader.store.submissions import Submission
from grader.store.users import User
from grader.store.variants import variant_id
from grader.store.waiting import UNDECIDED, WRITTEN, WaitingPart

TITLE = "A large course"
INSTRUCTOR_LOGIN = "professor"
PROBLEMS_EACH = 8
RULES = Policy(tries=20, penalty=Fraction(1, 20))
WRONG_SHEETS = 6
UNREADABLE = "2*("
NOTHING, HALF, WHOLE = Fraction(0), Fraction(1, 2), Fraction(1)
UNREAD_TEXTS = 0.2
"""The share of written answers that nobody has read yet."""
IN_WORDS = "written"
OUT_OF_TIME = ("the time for it was used up", "time")
BATCH = 200  # attempts in one transaction
SPAN, REST = timedelta(weeks=2), timedelta(hours=2)
MINUTES_EACH = 3


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: every student opens every problem and sends in `tries` answers on average.

    The judge could not decide the share `undecided` of what they sent in last.
    Variants are drawn from `seeds` for each problem, so that every answer can be judged beforehand.
    """

    students: int = 300
    problems: int = 40
    tries: int = 5
    seeds: int = 10
    undecided: float = 0.01


class Chosen(NamedTuple):
    """A problem of an assignment."""

    id: int
    problem_version_id: int
    problem_id: str
    course_id: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Responses to one variant with their result as it is stored, and why which parts wait for a person."""

    responses: Mapping[str, str]
    result: Mapping[str, Any]
    marks: tuple[Mark, ...]
    score: Fraction
    max_score: Fraction
    engine: str
    waits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The judged answers to one variant: the right one, wrong ones, and one that waits for a person.

    Of all students the share `waiting` have sent in that one last.
    """

    seed: int
    right: Sheet
    wrong: tuple[Sheet, ...]
    open: Sheet
    waiting: float


@dataclass(frozen=True, slots=True)
class _Tried:
    """An attempt of a student's: what was sent in from when on, and how it stands after that."""

    student_id: int
    variant_id: int
    begun: datetime
    sent: Sequence[Sheet]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Crowd:
    """The course that was made, and who teaches it."""

    course_id: int
    instructor: str
    submissions: int


Advance = Callable[[int], None]


def has_crowd(session: Session) -> bool:
    """Whether the large course was made before."""
    return users.find(session, INSTRUCTOR_LOGIN) is not None


def create_crowd(
    session: Session,
    clock: Clock,
    problems: Sequence[ProblemSource],
    size: Size,
    password: str,
    advance: Advance = lambda _: None,
) -> Crowd:
    """A new course of this size; `advance` is called with each number of attempts that are done."""
    rng = Random(f"{size.students} {size.problems}")
    chosen = _drawn(problems, size, rng)
    with writing(session):
        teacher = users.find(session, INSTRUCTOR_LOGIN)
        if teacher is None:
            users.register(session, clock, INSTRUCTOR_LOGIN, "Paula Professor", password, is_staff=True, is_demo=True)
        teacher = users.find(session, INSTRUCTOR_LOGIN)
        actor = Actor(0 if teacher is None else teacher.id)
        course = courses.create_course(session, clock, actor, TITLE)
        _set_assignments(session, clock, actor, course.id, chosen)
        students = _enrol(session, clock(), course.id, size.students, rng)
    sent = 0
    for row in _chosen(session, course.id):
        problem = load_problem(next(one.source for one in chosen if one.id == row.problem_id))
        sheets = [_sheets(problem, seed, size.undecided) for seed in range(1, size.seeds + 1)]
        difficulty = rng.gauss(0, 1)
        for start in range(0, len(students), BATCH):
            some = students[start : start + BATCH]
            sent += _attempts(session, clock(), row, sheets, some, size, rng, difficulty)
            advance(len(some))
    return Crowd(course.id, INSTRUCTOR_LOGIN, sent)


def _drawn(problems: Sequence[ProblemSource], size: Size, rng: Random) -> list[ProblemSource]:
    """So many of the problems; where there are more than a few, one of them is answered in words."""
    mixed = rng.sample(list(problems), len(problems))
    chosen, rest = mixed[: size.problems], mixed[size.problems :]
    if len(chosen) >= PROBLEMS_EACH and not any(map(_asks_for_words, chosen)):
        chosen[-1] = next(filter(_asks_for_words, rest), chosen[-1])
    return chosen


def _asks_for_words(problem: ProblemSource) -> bool:
    return any(part.type == IN_WORDS for part in load_problem(problem.source).parts)


def _set_assignments(
    session: Session, clock: Clock, actor: Actor, course_id: int, problems: Sequence[ProblemSource]
) -> None:
    """The problems in assignments of a few each."""
    for week, start in enumerate(range(0, len(problems), PROBLEMS_EACH), 1):
        some = [ChosenProblem(problem) for problem in problems[start : start + PROBLEMS_EACH]]
        assignments.create_assignment(session, clock, actor, course_id, f"Week {week}", some, RULES)


def _enrol(session: Session, now: datetime, course_id: int, count: int, rng: Random) -> list[tuple[int, float]]:
    """New people as students: their ids, each with an ability."""
    known = session.scalars(select(User.id).order_by(User.id.desc()).limit(1)).first() or 0
    rows = [_person(now, known + number, rng) for number in range(1, count + 1)]
    ids = list(session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), rows))
    enrolled = [{"course_id": course_id, "user_id": user, "role": STUDENT, "created": now} for user in ids]
    session.execute(insert(Enrolment), enrolled)
    return [(user, rng.gauss(0, 1)) for user in ids]


def _person(now: datetime, number: int, rng: Random) -> Mapping[str, Any]:
    """Somebody who cannot log in."""
    name = made_up_name(rng)
    return {"login": f"student-{number}", "name": name, "is_staff": False, "created": now}


def _chosen(session: Session, course_id: int) -> Sequence[Chosen]:
    """All problems of the course's assignments."""
    rows = session.execute(
        select(AssignmentProblem.id, AssignmentProblem.problem_version_id, StoredProblem.key, Assignment.course_id)
        .join(AssignmentProblem.assignment)
        .join(AssignmentProblem.problem)
        .where(Assignment.course_id == course_id)
        .order_by(AssignmentProblem.id)
    )
    return [Chosen(*row) for row in rows]


def _sheets(problem: Problem, seed: int, share_undecided: float) -> Sheets:
    """The right answer to the variant, and wrong ones: those that are right for other seeds, and one unreadable."""
    variants = [make_variant(problem, seed + step * 1000) for step in range(WRONG_SHEETS)]
    texts = [{part.id: part.answer_text for part in variant.parts} for variant in variants]
    right = grade(variants[0], texts[0])
    candidates = [_sheet(each, _read_by_a_person(grade(variants[0], each), HALF)) for each in texts[1:]]
    wrong = [sheet for sheet in candidates if sheet.score < sheet.max_score]
    unread = dict.fromkeys(texts[0], UNREADABLE)
    is_written = _is_open(right)
    return Sheets(
        seed,
        right=_sheet(texts[0], _read_by_a_person(right, WHOLE)),
        wrong=(*wrong, _sheet(unread, _read_by_a_person(grade(variants[0], unread), NOTHING))),
        open=_sheet(texts[0], right if is_written else _given_up(right)),
        waiting=UNREAD_TEXTS if is_written else share_undecided,
    )


def _sheet(responses: Mapping[str, str], result: Result) -> Sheet:
    """Responses with what became of them."""
    marks = tuple(Mark.of(part) for part in result.parts)
    waits = {part.id: _kind(part) for part in result.parts if part.outcome == Outcome.UNDECIDED}
    return Sheet(responses, result.to_json(), marks, result.score, result.max_score, result.engine, waits)


def _is_open(result: Result) -> bool:
    return any(part.outcome == Outcome.UNDECIDED for part in result.parts)


def _kind(part: PartResult) -> str:
    return WRITTEN if isinstance(part.evidence, PersonReads) else UNDECIDED


def _read_by_a_person(result: Result, share: Fraction) -> Result:
    """The result where a person has given this share of the points for what the judge leaves open."""
    parts = [
        replace(part, outcome=MARKED, score=part.max_score * share, evidence=None, feedback=())
        if part.outcome == Outcome.UNDECIDED
        else part
        for part in result.parts
    ]
    return Result.of(tuple(parts))


def _given_up(result: Result) -> Result:
    """The result where the time for the first part was used up, as it happens on a busy machine."""
    first, *others = result.parts
    return Result.of((undecided(first.id, first.max_score, OutOfBudget(*OUT_OF_TIME)), *others))


def _attempts(
    session: Session,
    now: datetime,
    row: Chosen,
    sheets: Sequence[Sheets],
    students: Sequence[tuple[int, float]],
    size: Size,
    rng: Random,
    difficulty: float,
) -> int:
    """One attempt for each of these students; how many submissions that were."""
    with writing(session):
        seeds = {each.seed: variant_id(session, row.problem_version_id, each.seed) for each in sheets}
        drawn = [rng.choice(sheets) for _ in students]
        sent = [
            list(_sent(each, ability - difficulty, size.tries, rng))
            for each, (_, ability) in zip(drawn, students, strict=True)
        ]
        tried = [
            _Tried(student, seeds[each.seed], now - REST - SPAN * rng.random(), some, _standing(some))
            for (student, _), each, some in zip(students, drawn, sent, strict=True)
        ]
        keys = insert(Attempt).returning(Attempt.id, sort_by_parameter_order=True)
        ids = session.scalars(keys, [_attempt_row(row.id, each) for each in tried]).all()
        return _submissions(session, row, zip(ids, tried, strict=True))


def _submissions(session: Session, row: Chosen, attempts: Iterable[tuple[int, _Tried]]) -> int:
    """What was sent in the attempts, judged, with what waits for a person; how many that were."""
    sent = [
        (_submission_row(attempt, tried, number, counted=counted), sheet, tried)
        for attempt, tried in attempts
        for number, (sheet, counted) in enumerate(zip(tried.sent, tried.standing.counted, strict=True), 1)
    ]
    keys = insert(Submission).returning(Submission.id, sort_by_parameter_order=True)
    ids = session.scalars(keys, [values for values, *_ in sent]).all()
    kept = [(number, *each) for number, each in zip(ids, sent, strict=True)]
    session.execute(
        insert(Grading), [_grading_row(number, values["judged"], sheet) for number, values, sheet, _ in kept]
    )
    waits = [line for each in kept for line in _waiting_rows(*each, row)]
    if waits:
        session.execute(insert(WaitingPart), waits)
    return len(sent)


def _standing(sent: Sequence[Sheet]) -> Standing:
    return reckon((sheet.marks for sheet in sent), RULES.penalty)


def _sent(sheets: Sheets, strength: float, tries: int, rng: Random) -> Iterator[Sheet]:
    """What a student sends in: wrong answers, and the right one at last where they find it."""
    count = rng.randint(1, 2 * tries - 1)
    for _ in range(count - 1):
        yield rng.choice(sheets.wrong)
    if rng.random() < sheets.waiting:
        yield sheets.open
        return
    finds_it = rng.random() < 1 / (1 + math.exp(-strength - 1))
    yield sheets.right if finds_it else rng.choice(sheets.wrong)


def _attempt_row(row: int, tried: _Tried) -> Mapping[str, Any]:
    standing = tried.standing
    return {
        "assignment_problem_id": row,
        "student_id": tried.student_id,
        "variant_id": tried.variant_id,
        "number": 1,
        "state": "open",
        "tries_used": standing.tries_used,
        "score": standing.score,
        "max_score": standing.max_score,
        "is_solved": standing.is_solved,
        "parts": [part.to_json() for part in standing.parts],
        "created": tried.begun,
    }


def _submission_row(attempt: int, tried: _Tried, number: int, *, counted: bool) -> dict[str, Any]:
    sent = tried.begun + timedelta(minutes=MINUTES_EACH * number)
    return {
        "attempt_id": attempt,
        "number": number,
        "responses": dict(tried.sent[number - 1].responses),
        "submitted_by": tried.student_id,
        "created": sent,
        "state": "judged",
        "judged": sent,
        "counted": counted,
        "claims": 1,
        "claimed_until": sent,
    }


def _waiting_rows(
    submission: int, values: Mapping[str, Any], sheet: Sheet, tried: _Tried, row: Chosen
) -> Iterator[Mapping[str, Any]]:
    """A line of the queue for each part that waits for a person, and is not right by another answer."""
    right = {part.id for part in tried.standing.parts if part.is_right}
    for part, kind in sheet.waits.items():
        if part in right:
            continue
        yield {
            "submission_id": submission,
            "part": part,
            "kind": kind,
            "response_hash": hash_of(sheet.responses[part].strip()),
            "since": values["created"],
            "attempt_id": values["attempt_id"],
            "variant_id": tried.variant_id,
            "assignment_problem_id": row.id,
            "course_id": row.course_id,
        }


def _grading_row(submission: int, judged: datetime, sheet: Sheet) -> Mapping[str, Any]:
    return {
        "submission_id": submission,
        "cause": "judged",
        "result": sheet.result,
        "marks": [mark.to_json() for mark in sheet.marks],
        "score": sheet.score,
        "max_score": sheet.max_score,
        "engine": sheet.engine,
        "created": judged,
    }
