"""Problems that courses write themselves: each save is kept, sound ones become versions, broken ones stay drafts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from grader.bank.findings import Finding
from grader.bank.starting import slug_of
from grader.errors import BankError, Conflict, InvalidRequest, NotFound
from grader.services import problems as texts
from grader.services.access import INSTRUCTOR, Actor, Clock, Membership, enter
from grader.services.examining import Examination
from grader.services.fields import MAX_TITLE
from grader.services.problems import ProblemSource
from grader.store import audit, problem_saves, problems
from grader.store.database import writing
from grader.store.problem_saves import ProblemSave
from grader.store.problems import Problem

NO_PROBLEM = "There is no such problem in this course."
MOST_SAVES_SHOWN = 50
_ID_LINE = re.compile(r"^id:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OwnProblem:
    """A problem of a course with its newest text; `may_edit` says whether the actor may change it.

    `save_id` names the text: a change says from which it was made. While the newest text is a draft,
    `version` is that of the last sound one, which assignments get; None: there is none yet.
    """

    id: int
    key: str
    course_id: int
    course_title: str
    may_edit: bool
    title: str
    save_id: int
    source: str
    author: str
    saved: datetime
    is_draft: bool
    version: str | None


@dataclass(frozen=True, slots=True)
class SaveView:
    """One save of a problem; `version` None: a draft."""

    id: int
    author: str
    saved: datetime
    title: str
    is_draft: bool


class Stale(Conflict):
    """Somebody else has saved the problem since the text from which a change was made."""


def own_problem(session: Session, actor: Actor, course_id: int, key: str, save_id: int | None = None) -> OwnProblem:
    """A problem of a course that the actor teaches, in its newest text or that of an earlier save."""
    membership, row = _enter(session, actor, course_id, key)
    return _view(session, membership, row, save_id)


def saves(session: Session, actor: Actor, course_id: int, key: str) -> tuple[SaveView, ...]:
    """The newest saves of a problem, newest first."""
    _, row = _enter(session, actor, course_id, key)
    return tuple(
        SaveView(save.id, name, save.created, save.title, save.problem_version_id is None)
        for save, name in problem_saves.history(session, row.id, MOST_SAVES_SHOWN)
    )


def add_problem(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    source: str,
    seen: Examination,
    taken: Collection[str] = (),
) -> OwnProblem:
    """A new problem of a course (instructor) under the id in its text, which must be free; `taken` are the bank's."""
    membership = enter(session, actor, course_id, "courses:write")
    membership.require_instructor()
    key = id_in(source)
    if not key:
        raise InvalidRequest("The text has no id. Begin with a line such as `id: slope-of-a-line`.", "id")
    now = clock()
    with writing(session):
        if key in taken or problems.of_course(session, course_id, key) is not None:
            raise InvalidRequest(f"The id {key!r} is taken. Choose another one.", "id")
        row = problems.keep(session, now, key, course_id)
        _add_save(session, now, actor, row, source, seen)
        audit.note(session, now, actor.user_id, course_id, "problem.created", row.id, after={"id": key})
        session.flush()
        return _view(session, membership, row)


def save_problem(
    session: Session,
    clock: Clock,
    actor: Actor,
    course_id: int,
    key: str,
    source: str,
    base: int,
    seen: Examination,
) -> OwnProblem:
    """Keep a text as the newest of a problem (instructor); earlier ones stay.

    `base` is the save from which it was made. Stale where somebody else has saved meanwhile: nothing is
    kept then. A text under another id, or one with faults, is kept as a draft.
    """
    now = clock()
    with writing(session):
        membership, row = _enter(session, actor, course_id, key)
        membership.require_instructor()
        problem_saves.lock(session, row.id)
        before = _view(session, membership, row)
        if before.source == source:
            return before
        if before.save_id != base:
            raise Stale(f"{before.author} has saved this problem meanwhile.", "base")
        _add_save(session, now, actor, row, source, checked_id(seen, key), before.title)
        session.flush()
        after = _view(session, membership, row)
        audit.note(
            session,
            now,
            actor.user_id,
            course_id,
            "problem.saved",
            row.id,
            before={"save": before.save_id, "version": before.version},
            after={"save": after.save_id, "version": after.version, "draft": after.is_draft},
        )
        return after


def sources_of(session: Session, course_id: int, keys: Sequence[str]) -> dict[str, ProblemSource]:
    """The last sound texts of these problems of a course, for services and pages that have checked who asks."""
    found = {}
    for problem, version, source in problem_saves.present_versions(session, course_id, keys):
        found[problem.key] = ProblemSource(
            id=problem.key,
            version=version.version,
            title=version.title,
            topic=version.topic,
            level=version.level,
            source=source,
            max_score=version.max_score,
            parts=tuple(version.parts or ()),
            course_id=course_id,
            family=version.family or "",
            words="",
        )
    return found


def free_id(wished: str, taken: Collection[str]) -> str:
    """The id, with a number behind it where it is taken.

    >>> free_id("slope", {"slope", "slope-2"})
    'slope-3'
    """
    number, free = 1, wished
    while free in taken:
        number += 1
        free = f"{wished}-{number}"
    return free


def ids_of(session: Session, course_id: int) -> frozenset[str]:
    """The ids that are taken by problems of a course, for those who have checked who asks."""
    return frozenset(problems.keys_of_course(session, course_id))


def renamed(source: str, id: str) -> str:
    """The text under another id."""
    return _ID_LINE.sub(f"id: {id}", source, count=1)


def id_in(source: str) -> str:
    """The id in a text, as far as a line of it says so; "" where none does or it is none.

    >>> id_in("id: slope  # a remark"), id_in('id: "No id"')
    ('slope', '')
    """
    line = _ID_LINE.search(source)
    written = line[0].removeprefix("id:").partition("#")[0].strip().strip("\"'") if line else ""
    return written if slug_of(written) == written else ""


def checked_id(seen: Examination, key: str) -> Examination:
    """The examination with a finding where the text is under another id than the problem."""
    if seen.problem is None or seen.problem.id == key:
        return seen
    error = BankError(f"The id of this problem is {key!r} and stays so.", repair=f"Write `id: {key}`.")
    return replace(seen, findings=(Finding.of(error, "id"), *seen.findings))


def _enter(session: Session, actor: Actor, course_id: int, key: str) -> tuple[Membership, Problem]:
    """The problem of a course that the actor teaches, else NotFound, or Forbidden for its students."""
    membership = enter(session, actor, course_id, "problems:read")
    membership.require_teacher()
    row = problems.of_course(session, course_id, key)
    if row is None:
        raise NotFound(NO_PROBLEM)
    return membership, row


def _view(session: Session, membership: Membership, row: Problem, save_id: int | None = None) -> OwnProblem:
    found = problem_saves.one(session, row.id, save_id)
    if found is None:
        raise NotFound("There is no such save of this problem.")
    save, source, author = found
    version = problem_saves.present_version(session, row.id)
    return OwnProblem(
        id=row.id,
        key=row.key,
        course_id=membership.course_id,
        course_title=membership.course_title,
        may_edit=membership.role == INSTRUCTOR,
        title=save.title,
        save_id=save.id,
        source=source,
        author=author.name,
        saved=save.created,
        is_draft=save.problem_version_id is None,
        version=version.version if version else None,
    )


def _add_save(
    session: Session, now: datetime, actor: Actor, row: Problem, source: str, seen: Examination, called: str = ""
) -> None:
    """Keep the text; as a version, too, where it is sound. What has no title that can be read is `called` as before."""
    version_id = None
    if seen.problem is not None and seen.is_sound and seen.problem.id == row.key:
        kept = texts.keep(session, now, [replace(seen.problem, course_id=row.course_id)])
        version_id = kept[row.key].id
    title = seen.problem.title if seen.problem is not None else called or row.key
    session.add(
        ProblemSave(
            problem_id=row.id,
            problem_version_id=version_id,
            title=title[:MAX_TITLE],
            source=source,
            author_id=actor.user_id,
            created=now,
        )
    )
