"""One student's whole history in a course: attempts, submissions, hints, marks by people, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services.access import Actor, enter
from grader.services.courses import students_of
from grader.store import histories
from grader.store.histories import AttemptLine, MarkLine
from grader.store.histories import Event as Sent

PAGE = 50
ORDER = {"begun": 0, "hint": 1, "sent": 2, "marked": 3}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `kind` is "begun", "sent", "marked" or "hint".

    `outcomes` are those of the parts of a submission; `points` None while it waits for the judge.
    `author` is the person who gave the marks, `words` the comment for the student; of a mark `counted` says
    whether it counts still.
    """

    kind: str
    at: datetime
    assignment_title: str
    problem_title: str
    attempt_id: int
    variant: int
    submission_id: int | None = None
    number: int = 0
    points: Fraction | None = None
    max_points: Fraction | None = None
    counted: bool = False
    outcomes: tuple[str, ...] = ()
    author: str = ""
    words: str = ""
    reason: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """One page of a student's history, the newest first."""

    events: tuple[Event, ...]
    submissions: int
    page: int
    pages: int


def history(
    session: Session, actor: Actor, course_id: int, student_id: int, page: int = 1, size: int = PAGE
) -> History:
    """What a student has done in a course, so many submissions a page, with what happened beside them (teachers)."""
    enter(session, actor, course_id, "results:read").require_teacher()
    if not students_of(session, course_id, student_id):
        raise NotFound("There is no such student in this course.", "student_id")
    number = histories.count_events(session, course_id, student_id)
    pages = max(1, -(-number // size))
    page = min(max(1, page), pages)
    skipped = (page - 1) * size
    sent = list(histories.events(session, course_id, student_id, size + bool(skipped), max(0, skipped - 1)))
    before = sent.pop(0).created if skipped else None  # what happened since belongs to the page before
    behind = None if page == pages else sent[-1].created
    begun = {row.id: row for row in histories.attempts_of(session, course_id, student_id)}
    found = [_begun(row) for row in begun.values()]
    hints = histories.hints_of(session, course_id, student_id)
    found += [_hint(begun[attempt], place, opened) for attempt, place, opened in hints if attempt in begun]
    kept = [
        event for event in found if (before is None or event.at <= before) and (behind is None or event.at > behind)
    ]
    by_id = {row.id: row for row in sent}
    marks = histories.marks_of(session, course_id, student_id)
    kept += [_mark(by_id[row.submission_id], row) for row in marks if row.submission_id in by_id]
    kept += [_sent(row) for row in sent]
    kept.sort(key=lambda event: (event.at, ORDER[event.kind]), reverse=True)
    return History(tuple(kept), number, page, pages)


def _begun(row: AttemptLine) -> Event:
    return Event("begun", row.created, row.assignment_title, row.problem_title, row.id, row.number)


def _hint(row: AttemptLine, place: int, opened: datetime) -> Event:
    return Event("hint", opened, row.assignment_title, row.problem_title, row.id, row.number, number=place)


def _sent(row: Sent) -> Event:
    return Event(
        "sent",
        row.created,
        row.assignment_title,
        row.problem_title,
        row.attempt_id,
        row.attempt_number,
        submission_id=row.id,
        number=row.number,
        points=row.score,
        max_points=row.max_score,
        counted=row.counted,
        outcomes=tuple(outcome for _, _, _, outcome in row.marks or ()),
        author=row.author,
    )


def _mark(sent: Sent, row: MarkLine) -> Event:
    return Event(
        "marked",
        row.created,
        sent.assignment_title,
        sent.problem_title,
        sent.attempt_id,
        sent.attempt_number,
        submission_id=sent.id,
        number=sent.number,
        points=row.points,
        max_points=row.max_points,
        counted=row.ended is None,
        author=row.author,
        words=row.comment,
        reason=row.reason,
        part=row.part,
    )
