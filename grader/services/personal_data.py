"""All that is kept about one student in a course, for the student to read or take along."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.grading import for_student
from grader.services.access import Actor, Clock, enter
from grader.services.holding import held_back
from grader.services.people import NOBODY
from grader.store import attempts, audit, enrolments, histories
from grader.store.database import writing
from grader.store.users import User

FORMAT = 1
FIRST_YEAR = 1980  # of a zip file
README = """This archive holds what the grader keeps about one student in one course.
data.json is plain text in JSON: the person, the enrolment, every attempt with its problem and version (and, for
teachers, the seed, from which the answers can be worked out),
every submission word for word with the moment it came in, every grading with its result, every mark by a person,
and what was typed but not submitted. Moments are in UTC; points are exact fractions.
"""


def export_student(session: Session, clock: Clock, actor: Actor, course_id: int, person_id: int) -> dict[str, Any]:
    """The data as JSON (an instructor, or the student themself); the act is noted."""
    membership = enter(session, actor, course_id, "results:read")
    if person_id != actor.user_id:
        membership.require_instructor()
    enrolment = enrolments.ever_in(session, course_id, [person_id]).get(person_id)
    person = session.get(User, person_id)
    if enrolment is None or person is None:
        raise NotFound(NOBODY)
    now = clock()
    begun = histories.attempts_of(session, course_id, person_id)
    sent = histories.submissions_of(session, course_id, person_id)
    given = histories.gradings_of(session, course_id, person_id)
    drafts = attempts.drafts(session, [row.id for row in begun])
    teaches = membership.teaches
    held = frozenset() if teaches else held_back(session, now, course_id)
    hidden = {row.id for row in begun if row.assignment_id in held}
    untold = {row.id for row in sent if row.attempt_id in hidden}
    data = {
        "format": FORMAT,
        "exported": _said(now),
        "course": {"id": course_id, "title": membership.course_title},
        "person": {
            "id": person.id,
            "login": person.login,
            "name": person.name,
            "email": person.email,
            "created": _said(person.created),
        },
        "enrolment": {"role": enrolment.role, "begun": _said(enrolment.created), "ended": _said(enrolment.ended)},
        "attempts": [_attempt(row, held=row.id in hidden, whole=teaches) for row in begun],
        "submissions": [_plain(row._asdict()) for row in sent],
        "gradings": [_grading(row, whole=teaches) for row in given if row.submission_id not in untold],
        "marks": [
            _mark(row, whole=teaches)
            for row in histories.marks_of(session, course_id, person_id)
            if row.submission_id not in untold
        ],
        "drafts": [{"attempt": number, "responses": dict(draft.responses)} for number, draft in drafts.items()],
    }
    with writing(session):
        audit.note(session, now, actor.user_id, course_id, "person.exported", person_id)
    return data


def as_archive(data: Mapping[str, Any]) -> bytes:
    """The data as a zip file."""
    out = io.BytesIO()
    moment = datetime.fromisoformat(data["exported"])
    stamp = (max(moment.year, FIRST_YEAR), moment.month, moment.day, moment.hour, moment.minute, moment.second)
    texts = {"data.json": json.dumps(data, ensure_ascii=True, indent=2), "README.txt": README}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _attempt(row: histories.AttemptLine, *, held: bool, whole: bool) -> dict[str, Any]:
    """An attempt, without what it is worth where the marks of an exam are held back.

    Whoever has the seed of a problem that is known can work out its key, so students do not read it.
    """
    left_out = {*(["score"] if held else []), *([] if whole else ["seed"])}
    return _plain({name: value for name, value in row._asdict().items() if name not in left_out})


def _mark(row: histories.MarkLine, *, whole: bool) -> dict[str, Any]:
    """A mark by a person; the note for the record is for teachers."""
    return _plain({name: value for name, value in row._asdict().items() if whole or name != "reason"})


def _grading(row: histories.GradingLine, *, whole: bool) -> dict[str, Any]:
    """A grading; details of the evidence may hold the key, so students read the result without them."""
    return _plain({**row._asdict(), "result": row.result if whole else for_student(row.result)})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON has them."""
    return {name: _value(value) for name, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return _said(value)
    if value is None or isinstance(value, bool | int | str | Mapping | Sequence):
        return value
    return str(value)


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
