"""Practice by topic: fresh variants without end, at the level that fits what the student commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import InvalidRequest, NotFound
from grader.services import problems as texts
from grader.services.access import Actor, Clock, Membership, acting_for, enter, enter_attempt
from grader.services.mastery import LEVELS, Answered, Mastery, credit, mastery, nearest_level
from grader.services.policies import ShowSolution, holds_back_from, policy_of
from grader.services.problems import ProblemSource
from grader.services.seeds import seed_for
from grader.services.standings import PartStanding
from grader.store import assignments, attempts
from grader.store import practice as store
from grader.store.assignments import Assignment
from grader.store.attempts import Start
from grader.store.database import writing
from grader.store.practice import Begun
from grader.store.problems import ProblemVersion

POOL_TITLE = "Practice"
MOST_LOOKED_AT = 500
"""So many of a student's newest attempts are looked at; older ones weigh nothing."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A problem that may be given: the bank's, by its text, or one of the course's own, as it is kept."""

    key: str
    topic: str
    level: str
    source: ProblemSource | None = None
    version: ProblemVersion | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic with the student's mastery; `level` is that of the problems that are given next."""

    topic: str
    mastery: Mastery
    level: str
    problems: int
    last: datetime | None = None
    begun: int | None = None
    """The attempt at a practice problem that is not finished."""


@dataclass(frozen=True, slots=True)
class PracticeView:
    """What a student can practise in a course."""

    course_id: int
    course_title: str
    role: str
    student_id: int
    topics: tuple[Topic, ...]


def practice(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    sources: Sequence[ProblemSource],
    student_id: int | None = None,
) -> PracticeView:
    """The topics of a course by name with the student's mastery; `sources` are the problems of the bank."""
    membership = enter(session, actor, course_id, "results:read")
    student = acting_for(session, membership, student_id)
    rows = assignments.of_course(session, course_id)
    found = told(store.begun(session, student, [course_id], MOST_LOOKED_AT), rows, clock(), membership)
    topics = topics_of(found, candidates_of(session, rows, sources)[course_id])
    return PracticeView(course_id, membership.course_title, membership.role, student, topics)


def topics_of(begun: Sequence[Begun], candidates: Iterable[Candidate]) -> tuple[Topic, ...]:
    """The topics of these problems by name; `begun` are the student's attempts, the newest first."""
    levels: dict[str, list[str]] = {}
    for candidate in candidates:
        levels.setdefault(candidate.topic, []).append(candidate.level)
    return tuple(_topic(topic, levels[topic], [one for one in begun if one.topic == topic]) for topic in sorted(levels))


def told(begun: Sequence[Begun], rows: Sequence[Assignment], now: datetime, membership: Membership) -> Sequence[Begun]:
    """The attempts without those whose marks are held back: mastery must not tell what they are worth."""
    held = {row.id for row in rows if holds_back_from(policy_of(row), now, membership)}
    return [one for one in begun if one.assignment_id not in held]


def candidates_of(
    session: Session, rows: Sequence[Assignment], sources: Sequence[ProblemSource]
) -> Mapping[int, Sequence[Candidate]]:
    """By course, what may be practised there: the bank's problems, and those of its own that it has set for practice.

    `rows` are the assignments of the courses.
    """
    shipped = [Candidate(one.id, one.topic, one.level, source=one) for one in sources]
    own: dict[int, list[Candidate]] = {}
    for chosen in assignments.problems_of(session, [row.id for row in rows if row.practice]):
        if (course_id := chosen.problem.course_id) is not None:
            version = chosen.problem_version
            own.setdefault(course_id, []).append(
                Candidate(chosen.problem.key, version.topic, version.level, version=version)
            )
    return defaultdict(lambda: shipped, {course_id: [*shipped, *found] for course_id, found in own.items()})


def begin(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    topic: str,
    sources: Sequence[ProblemSource],
    level: str | None = None,
    leave: int | None = None,
) -> int:
    """The attempt to go on with in a topic: the one that is not finished, or a fresh variant.

    `level` None: the one that fits. `leave` is an attempt to be given up for another problem.
    """
    now = clock()
    if level is not None and level not in LEVELS:
        raise InvalidRequest(f"A level is one of {', '.join(LEVELS)}.", "level")
    with writing(session):
        if leave is not None:
            _leave(session, now, actor, leave)
        membership = enter(session, actor, course_id, "attempts:write")
        store.lock(session, course_id, actor.user_id)
        rows = assignments.of_course(session, course_id)
        begun = told(store.begun(session, actor.user_id, [course_id], MOST_LOOKED_AT), rows, now, membership)
        candidates = [one for one in candidates_of(session, rows, sources)[course_id] if one.topic == topic]
        if not candidates:
            raise NotFound("There is nothing to practise on this topic.", "topic")
        (present,) = topics_of(begun, candidates)
        unfinished = _unfinished(begun, topic, level)
        if unfinished is not None:
            return unfinished.id
        wanted = nearest_level(level or present.level, {one.level for one in candidates})
        pool = _pool(session, now, membership)
        chosen = _choose(pool, actor.user_id, begun, [one for one in candidates if one.level == wanted])
        return _give(session, now, pool, actor.user_id, chosen)


def _topic(topic: str, levels: Sequence[str], begun: Sequence[Begun]) -> Topic:
    """One topic from the student's attempts at it, the newest first."""
    answered = [
        Answered(one.level, credit(PartStanding.from_json(part) for part in one.parts))
        for one in reversed(begun)
        if one.tries_used
    ]
    known = mastery(answered)
    unfinished = _unfinished(begun, topic, None)
    return Topic(
        topic=topic,
        mastery=known,
        level=nearest_level(known.level, levels),
        problems=len(levels),
        last=max((one.touched for one in begun if one.tries_used), default=None),
        begun=unfinished.id if unfinished else None,
    )


def _unfinished(begun: Sequence[Begun], topic: str, level: str | None) -> Begun | None:
    """The newest practice problem of a topic (and level) that is open and not solved."""
    return next(
        (
            one
            for one in begun
            if one.is_pool
            and one.topic == topic
            and one.state == "open"
            and not one.is_solved
            and level in (None, one.level)
        ),
        None,
    )


def _leave(session: Session, now: datetime, actor: Actor, attempt_id: int) -> None:
    """Close an attempt at a practice problem of one's own; one that is closed already stays so."""
    attempts.lock(session, attempt_id)
    row, _ = enter_attempt(session, actor, attempt_id, "attempts:write")
    if row.student_id != actor.user_id or not row.assignment_problem.assignment.is_pool:
        raise InvalidRequest("Only a practice problem of your own can be left for another.", "leave")
    if row.state == "open":
        row.state, row.closed = "closed", now
        session.flush()


def _pool(session: Session, now: datetime, membership: Membership) -> Assignment:
    """Where the course keeps what is practised."""
    found = assignments.pool(session, membership.course_id)
    if found is not None:
        return found
    values = {
        "title": POOL_TITLE,
        "penalty": Fraction(0),
        "practice": True,
        "show_solution": ShowSolution.DONE.value,
        "created": now,
    }
    return store.keep_pool(session, membership.course_id, values)


def _choose(pool: Assignment, student_id: int, begun: Sequence[Begun], among: Sequence[Candidate]) -> Candidate:
    """The problem that the student has had least often; of several one by a draw that stays the same."""
    times: dict[str, int] = {}
    for one in begun:
        times[one.problem_key] = times.get(one.problem_key, 0) + 1

    def rank(candidate: Candidate) -> tuple[int, int]:
        draw = seed_for(pool.course.secret, student_id, pool.id, candidate.key, 0)
        return times.get(candidate.key, 0), draw

    return min(among, key=rank)


def _give(session: Session, now: datetime, pool: Assignment, student_id: int, chosen: Candidate) -> int:
    """A fresh variant of the problem: the id of its attempt."""
    version = chosen.version
    if chosen.source is not None:
        version = texts.keep(session, now, [chosen.source])[chosen.source.id]
    assert version is not None  # noqa: S101 - a candidate has the one or the other
    set_as = store.put_in_pool(session, pool.id, version)
    number = store.close(session, now, student_id, set_as.id) + 1
    seed = seed_for(pool.course.secret, student_id, pool.id, chosen.key, number)
    attempts.add(session, now, student_id, [Start(set_as, number, seed)])
    return store.present(session, student_id, set_as.id)
