"""Marking by people: points and comments for any part of a submission, which count until they are withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from grader.checking.verdict import Outcome
from grader.errors import Conflict, InvalidRequest, NotFound
from grader.grading import PartResult, Result
from grader.services import gradings
from grader.services.access import Actor, Clock, Membership, enter_attempt
from grader.services.standings import MARKED
from grader.services.submissions import NO_SUBMISSION
from grader.store import attempts, audit, manual_marks, submissions
from grader.store.database import writing
from grader.store.gradings import all_of, latest_judged
from grader.store.manual_marks import ManualMark
from grader.store.submissions import Submission

WITHDRAWN = "withdrawn"
"""The cause of a grading after a person's mark was withdrawn."""
LONGEST_COMMENT = 2000
LONGEST_REASON = 500
MOST_CRITERIA = 20
_POINTS = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,6})|/([1-9][0-9]{0,5}))?")


class ReasonMissing(InvalidRequest):
    """Points other than the judge's are entered, and no reason for the record."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person enters for one part; where all is empty the part is left as it is.

    Without `points` the comment stands beside what the judge says. `criteria` are places in the rubric.
    The student reads `comment`; `reason` is for the record, and needed where the judge has decided the part.
    """

    points: str = ""
    comment: str = ""
    reason: str = ""
    criteria: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is entered."""
        return not (self.points.strip() or self.comment.strip() or self.criteria)


@dataclass(frozen=True, slots=True)
class MarkView:
    """One mark by a person; it counts as long as it is not `ended`."""

    part: str
    points: Fraction | None
    max_points: Fraction
    comment: str
    criteria: tuple[int, ...]
    reason: str
    author: str
    created: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class GradingView:
    """One grading of a submission; `author` is "" for the judge's own."""

    cause: str
    author: str
    score: Fraction
    max_score: Fraction
    engine: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Marking:
    """What people have marked in a submission, and what they may mark.

    `parts` are all that can be marked, none while the submission is being judged; `left_open` those of them
    that the judge has not decided. `marks` and `gradings` are all there were, the first one first.
    """

    parts: tuple[str, ...] = ()
    left_open: tuple[str, ...] = ()
    marks: tuple[MarkView, ...] = ()
    gradings: tuple[GradingView, ...] = ()

    @property
    def present(self) -> Mapping[str, MarkView]:
        """The marks that count, by part."""
        return {mark.part: mark for mark in self.marks if mark.ended is None}


Check = Callable[[Marking], None]


def marking_of(session: Session, submission_id: int) -> Marking:
    """The marking of a submission, for services that have checked who asks."""
    judged = latest_judged(session, submission_id)
    if judged is None:
        return Marking()
    parts = Result.from_json(judged.result).parts
    return Marking(
        parts=tuple(part.id for part in parts),
        left_open=tuple(part.id for part in parts if part.outcome == Outcome.UNDECIDED),
        marks=tuple(_view(mark, author) for mark, author in manual_marks.of_submission(session, submission_id)),
        gradings=tuple(GradingView(*row) for row in all_of(session, submission_id)),
    )


def marking(session: Session, actor: Actor, submission_id: int) -> Marking:
    """The marking of a submission (teachers), else NotFound or Forbidden."""
    row = session.get(Submission, submission_id)
    if row is None:
        raise NotFound(NO_SUBMISSION)
    _member(session, actor, row.attempt_id, "results:read")
    return marking_of(session, submission_id)


def mark(
    session: Session,
    clock: Clock,
    actor: Actor,
    submission_id: int,
    given: Mapping[str, Given],
    check: Check | None = None,
) -> None:
    """Give points and comments for parts of a submission (teachers); earlier gradings and marks stay in the record.

    `check` sees the marking before, and refuses by raising; nobody changes it in between.
    Raises NotFound, Forbidden, InvalidRequest, or Conflict where the submission is still being judged.
    """
    with writing(session):
        attempt_id, course_id = _enter(session, actor, submission_id)
        judged = latest_judged(session, submission_id)
        if judged is None:
            raise Conflict("The submission is still being judged.")
        if check is not None:
            check(marking_of(session, submission_id))
        parts = {part.id: part for part in Result.from_json(judged.result).parts}
        new = _changed(session, submission_id, _checked(parts, given))
        now = clock()
        for row in new:
            manual_marks.end(session, now, submission_id, row.part, actor.user_id)
            row.submission_id, row.author_id, row.created = submission_id, actor.user_id, now
            session.add(row)
            session.flush()
        gradings.remark(session, now, submission_id, attempt_id, MARKED, actor.user_id)
        points = {row.part: None if row.points is None else str(row.points) for row in new}
        audit.note(session, now, actor.user_id, course_id, "submission.marked", submission_id, points=points)


def mark_alike(
    session: Session, clock: Clock, actor: Actor, submission_ids: Sequence[int], part: str, given: Given
) -> None:
    """Give the same for the same part of several submissions: all of them or none."""
    with writing(session):
        submissions.lock_attempts(session, submission_ids)  # in one order, whichever of them was looked at
        for submission_id in sorted(set(submission_ids)):
            mark(session, clock, actor, submission_id, {part: given})


def withdraw(
    session: Session,
    clock: Clock,
    actor: Actor,
    submission_id: int,
    part: str,
    check: Check = lambda _: None,
) -> None:
    """Take a person's mark back (teachers), so that what the judge says of the part counts again."""
    with writing(session):
        attempt_id, course_id = _enter(session, actor, submission_id)
        check(marking_of(session, submission_id))
        now = clock()
        if not manual_marks.end(session, now, submission_id, part, actor.user_id):
            raise NotFound("No mark by a person counts for this part.", "part")
        gradings.remark(session, now, submission_id, attempt_id, WITHDRAWN, actor.user_id)
        audit.note(session, now, actor.user_id, course_id, "submission.mark-withdrawn", submission_id, part=part)


def _enter(session: Session, actor: Actor, submission_id: int) -> tuple[int, int]:
    """The attempt, locked, and the course of a submission, if the actor teaches it, else NotFound or Forbidden."""
    row = session.get(Submission, submission_id)
    if row is None:
        raise NotFound(NO_SUBMISSION)
    attempts.lock(session, row.attempt_id)
    return row.attempt_id, _member(session, actor, row.attempt_id, "results:write").course_id


def _member(session: Session, actor: Actor, attempt_id: int, scope: str) -> Membership:
    """The actor as a teacher of the attempt's student."""
    try:
        _, membership = enter_attempt(session, actor, attempt_id, scope)
    except NotFound:
        raise NotFound(NO_SUBMISSION) from None
    membership.require_teacher()
    return membership


def _checked(parts: Mapping[str, PartResult], given: Mapping[str, Given]) -> list[ManualMark]:
    """What was entered as marks; InvalidRequest where it cannot be taken."""
    for part in given:
        if part not in parts:
            raise InvalidRequest("There is no such part.", part[:40])
    rows = [_row(parts[part], one) for part, one in given.items() if not one.is_empty]
    if not rows:
        raise InvalidRequest("No points and no comment are entered.")
    return rows


def _row(part: PartResult, given: Given) -> ManualMark:
    """A mark as it will be kept."""
    comment, reason = given.comment.strip().replace("\r\n", "\n"), given.reason.strip()
    if len(comment) > LONGEST_COMMENT:
        raise InvalidRequest(f"A comment has at most {LONGEST_COMMENT} characters.", part.id)
    if len(reason) > LONGEST_REASON:
        raise InvalidRequest(f"A reason has at most {LONGEST_REASON} characters.", part.id)
    if any(not 0 <= place < MOST_CRITERIA for place in given.criteria):
        raise InvalidRequest("There is no such criterion.", part.id)
    points = read_points(given.points, part.max_score, part.id) if given.points.strip() else None
    if points is None and given.criteria:
        raise InvalidRequest("Enter the points that the criteria earn.", part.id)
    if points is not None and not reason and part.outcome != Outcome.UNDECIDED:
        raise ReasonMissing("The judge has decided this part. Say for the record why you give other points.", part.id)
    criteria = sorted(set(given.criteria))
    return ManualMark(
        part=part.id, points=points, max_points=part.max_score, comment=comment, reason=reason, criteria=criteria
    )


def _changed(session: Session, submission_id: int, rows: Iterable[ManualMark]) -> list[ManualMark]:
    """Those that are not what counts already."""
    present = {row.part: row for row in manual_marks.present(session, [submission_id])}
    changed = [row for row in rows if row.part not in present or _content(row) != _content(present[row.part])]
    if not changed:
        raise InvalidRequest("This is what counts already. Nothing has changed.")
    return changed


def _content(row: ManualMark) -> tuple[object, ...]:
    return row.points, row.max_points, row.comment, row.reason, row.criteria


def read_points(text: str, most: Fraction, part: str) -> Fraction:
    """The points as typed: `2`, `1.5`, `1,5` or `1/3`, and no more than there are."""
    found = _POINTS.fullmatch(text.strip())
    if found is None:
        raise InvalidRequest("Points are a number such as 2, 1.5 or 1/3.", part)
    whole, decimals, below = found.groups()
    points = Fraction(int(whole), int(below)) if below else Fraction(f"{whole}.{decimals or 0}")
    if points > most:
        raise InvalidRequest(f"This part has at most {most} points.", part)
    return points


def _view(row: ManualMark, author: str) -> MarkView:
    return MarkView(
        part=row.part,
        points=row.points,
        max_points=row.max_points,
        comment=row.comment,
        criteria=tuple(row.criteria),
        reason=row.reason,
        author=author,
        created=row.created,
        ended=row.ended,
    )
