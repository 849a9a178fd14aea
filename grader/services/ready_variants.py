"""Variants made before they are asked for, so that beginning an assignment costs reads only.

The seed of a student's variant follows from the course's secret, so it is known as soon as the student is. A job
makes what is missing: of an assignment that opens soon or is open for all students, of a later one for a few, so
that a problem that fails is known in time. What is not ready is made when it is asked for, and what another
engine has made is made anew.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.bank.compiling import version_of
from grader.bank.keeping import NotKept, unpack
from grader.bank.variant import Variant
from grader.bank.wording import ENGLISH
from grader.engine import present_engine
from grader.errors import BankError, BankErrors
from grader.services.access import Clock
from grader.services.seeds import EVERYBODY, seed_for
from grader.store import assignments, attempts, enrolments, problems, variants
from grader.store import ready_variants as store
from grader.store.assignments import DELETED, HIDDEN, Assignment, AssignmentProblem
from grader.store.database import writing
from grader.store.ready_variants import Made

LOG = logging.getLogger(__name__)
READY = "variants"
"""The kind of job that makes variants."""
LEAD = timedelta(days=3)
"""So long before an assignment opens its variants are made."""
SETTLING = timedelta(minutes=1)
"""So long is waited for more changes, and a process that has just begun serves people first."""
PROBED = 10
"""For so many students an assignment that opens later is tried."""
CHUNK = 25
"""After so many variants the worker looks whether something else has waited longer."""
MOST = 50_000
"""More than so many variants of one assignment are not made ahead."""
MOST_ASSIGNMENTS = 2000
MOST_FAULTS = 5
"""A problem that fails for so many seeds is left alone for a while."""
RETRY = timedelta(hours=1)
"""After so long another job tries once more what has failed: a time limit may have met a busy machine."""
LONGEST_FAULT = 1000

MOST_OFFERED = 512
_OFFERED: OrderedDict[tuple[str, int], bytes] = OrderedDict()
"""Packed variants by the version of their problem and their seed, of which they are functions."""
_OFFERING = Lock()

Make = Callable[[str, int], Mapping[str, bytes]]
"""(problem source, seed) -> the packed variant by language; in the product `isolation.pack_within`."""


class Wanted(NamedTuple):
    """A variant that is to be made."""

    version_id: int
    seed: int


@dataclass(frozen=True, slots=True)
class FaultyProblem:
    """A problem of which variants cannot be made, and why."""

    title: str
    reason: str


def ask(session: Session, now: datetime, row: Assignment) -> None:
    """Have the variants of an assignment made by the worker: soon, and once more shortly before it opens."""
    if row.is_pool or row.visibility == DELETED:
        return
    payload = {"assignment": row.id}
    queue.put(session, now, READY, payload, key=str(row.id), due=now + SETTLING)
    if row.opens is not None and now < row.opens - LEAD:
        queue.put(session, now, READY, payload, key=f"{row.id} {row.opens.isoformat()}", due=row.opens - LEAD)


def ask_for_course(session: Session, now: datetime, course_id: int) -> None:
    """Have the variants of people who have come into a course made by the worker."""
    queue.put(session, now, READY, {"course": course_id}, key=f"course {course_id}", due=now + SETTLING)


def ask_for_all(session: Session, clock: Clock) -> None:
    """Have the worker look at every assignment: there may be new code, whose variants are not those that are kept."""
    now = clock()
    with writing(session):
        queue.put(session, now, READY, {}, key="all", due=now + SETTLING)


def handler(clock: Clock, make: Make) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `READY`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        if "assignment" in payload:
            prepare(session, clock, make, int(payload["assignment"]))
        else:
            _ask_for_each(session, clock, payload.get("course"))

    return do


def prepare(session: Session, clock: Clock, make: Make, assignment_id: int) -> None:
    """Make some of the variants that an assignment lacks; `queue.Unfinished` where it lacks more.

    Everything is looked up anew each time, so it does not matter who stopped where.
    """
    row = assignments.with_course(session, assignment_id)
    now = clock()
    if row is None or row.is_pool or row.visibility == DELETED or (row.due is not None and row.due <= now):
        return
    missing = _first(_missing(session, now, row), CHUNK + 1)
    made: list[Made] = []
    try:
        for one in _made(session, make, missing[:CHUNK]):
            made.append(one)  # noqa: PERF402 - one by one: what came before a stop is kept
    finally:  # also when the judge is stopped half way
        with writing(session):
            variants.keep(session, [(one.problem_version_id, one.seed) for one in made if one.bodies])
            store.keep(session, now, present_engine(), made)
    if len(missing) > CHUNK:
        raise queue.Unfinished


def find(session: Session, source: str, seed: int, language: str = ENGLISH) -> Variant | None:
    """The variant of a problem's text at a seed, if it was made: in the language, else in English."""
    version = version_of(source)
    bodies = store.find(session, version, seed, present_engine(), {language, ENGLISH})
    body = bodies.get(language) or bodies.get(ENGLISH)
    return None if body is None else _checked(body, version, seed)


def _checked(body: bytes, version: str, seed: int) -> Variant | None:
    """The variant that was packed, if it is what it should be."""
    try:
        variant = _unpacked(body)
    except NotKept as error:
        LOG.error("a kept variant is made anew: %s", error)  # noqa: TRY400 - the message says all
        return None
    return variant if (variant.version, variant.seed) == (version, seed) else None


def offer(version: str, seed: int, body: bytes) -> None:
    """Have a variant at hand that was read along with something else, so that it is not asked for again."""
    with _OFFERING:
        _OFFERED[version, seed] = body
        _OFFERED.move_to_end((version, seed))
        if len(_OFFERED) > MOST_OFFERED:
            _OFFERED.popitem(last=False)


def _offered(version: str, seed: int) -> bytes | None:
    with _OFFERING:
        return _OFFERED.get((version, seed))


def shelf(sessions: sessionmaker[Session], most: int = 512) -> Callable[[str, int], Variant | None]:
    """Finds variants that were made, for the judge; the last ones are at hand."""

    @lru_cache(maxsize=most)
    def kept(source: str, seed: int) -> Variant:
        version = version_of(source)
        body = _offered(version, seed)
        found = None if body is None else _checked(body, version, seed)
        if found is None:
            with sessions() as session:
                found = find(session, source, seed)
        if found is None:
            raise LookupError
        return found

    def look(source: str, seed: int) -> Variant | None:
        try:
            return kept(source, seed)
        except LookupError:  # nothing is remembered: it may be ready soon
            return None

    return look


def faulty_among(session: Session, titles: Mapping[str, str]) -> tuple[FaultyProblem, ...]:
    """Which of the problems with these versions, given with their titles, fail for some students.

    For whoever has checked who asks: teachers are told.
    """
    reasons = store.faults(session, list(titles), present_engine())
    return tuple(FaultyProblem(title, reasons[version]) for version, title in titles.items() if version in reasons)


def _ask_for_each(session: Session, clock: Clock, course_id: int | None) -> None:
    now = clock()
    with writing(session):
        for row in assignments.awaited(session, now, course_id, MOST_ASSIGNMENTS):
            ask(session, now, row)


def _missing(session: Session, now: datetime, row: Assignment) -> Iterator[Wanted]:
    """The variants that students will be given and that are not made, problem by problem."""
    is_early = row.visibility == HIDDEN or (row.opens is not None and now < row.opens - LEAD)
    students, since, left = enrolments.student_ids(session, row.course_id), now - RETRY, MOST
    for chosen in assignments.problems_of(session, [row.id]):
        version_id = chosen.problem_version_id
        whose = _whose(session, row, chosen, students)[: PROBED if is_early else left]
        left -= len(whose)
        if store.number_faulty(session, version_id, present_engine(), since) >= MOST_FAULTS:
            continue
        seeds = [seed_for(row.course.secret, one, row.id, chosen.problem.key, 1) for one in whose]
        known = store.known(session, version_id, seeds, present_engine(), since)
        yield from (Wanted(version_id, seed) for seed in seeds if seed not in known)


def _whose(session: Session, row: Assignment, chosen: AssignmentProblem, students: Sequence[int]) -> Sequence[int]:
    """Whose variants of a problem are wanted; where there is nobody yet, those of some who do not exist."""
    if row.one_variant:
        return [EVERYBODY]
    if not students:
        return range(-PROBED, 0)
    begun = attempts.begun_by(session, chosen.id)
    return [one for one in students if one not in begun]


def _first(wanted: Iterator[Wanted], most: int) -> list[Wanted]:
    return [one for one, _ in zip(wanted, range(most), strict=False)]


def _made(session: Session, make: Make, wanted: Sequence[Wanted]) -> Iterator[Made]:
    """What comes of making these, with no transaction open; a problem that fails again and again is left."""
    failed: dict[int, int] = {}
    texts = {version: problems.text_of(session, version) for version in {one.version_id for one in wanted}}
    session.commit()
    for one in wanted:
        if failed.get(one.version_id, 0) >= MOST_FAULTS:
            continue
        try:
            yield Made(*one, make(texts[one.version_id], one.seed))
        except (BankError, BankErrors) as error:
            failed[one.version_id] = failed.get(one.version_id, 0) + 1
            yield Made(*one, {}, str(error)[:LONGEST_FAULT])
        except NotKept as error:  # a defect of ours; students get it made on the spot
            LOG.error("variant %d of version %d is not kept: %s", one.seed, one.version_id, error)  # noqa: TRY400
            yield Made(*one, {})


@lru_cache(maxsize=512)
def _unpacked(body: bytes) -> Variant:
    return unpack(body)
