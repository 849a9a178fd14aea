"""Submissions: kept and committed first, judged after, recorded once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from grader.answers.base import MOST_CHARACTERS
from grader.errors import Conflict, GraderError, InvalidRequest, NotFound
from grader.grading import Result, require_known_parts
from grader.services import policies
from grader.services.access import Actor, Clock, enter_attempt
from grader.services.fields import MAX_TITLE
from grader.services.standings import Mark, reckon
from grader.store import assignments, attempts, gradings, submissions
from grader.store.attempts import Attempt
from grader.store.database import writing
from grader.store.gradings import Grading
from grader.store.submissions import Submission

LOG = logging.getLogger(__name__)
NO_SUBMISSION = "There is no such submission."


Grade = Callable[[str, int, Mapping[str, str]], Result]
"""(problem source, seed, responses) -> result; in the product `isolation.grade_within` with its limits bound."""


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission.

    `result` is `Result.to_json()` of the latest grading, None while it waits for the judge.
    `score` is what was judged, before penalties; `counted` says whether it used up a try.
    """

    id: int
    attempt_id: int
    number: int
    state: str  # "stored" or "judged"
    responses: Mapping[str, str]
    created: datetime
    judged: datetime | None
    result: Mapping[str, Any] | None
    score: Fraction | None
    max_score: Fraction | None
    counted: bool
    engine: str | None


LEASE = timedelta(seconds=20)
"""How long a submission belongs to the one who judges it first; should it take longer, a second result is dropped."""
MOST_PARTS = 100
LONGEST_RESPONSE = MOST_CHARACTERS
LONGEST_KEY = 200
MOST_SHOWN = 50


def submit(
    session: Session,
    clock: Clock,
    grade: Grade,
    actor: Actor,
    attempt_id: int,
    responses: Mapping[str, str],
    key: str | None = None,
) -> SubmissionView:
    """Store the responses and commit, judge them with no transaction open, record the result.

    `key` makes it idempotent: the same key and responses give the first submission again, the same key
    with others is a Conflict. Raises NotFound, Closed, NoTriesLeft, InvalidRequest before anything is stored;
    what cannot be judged now comes back as "stored", and the worker judges it.
    """
    submission_id, is_new = store(session, clock(), actor, attempt_id, responses, key)
    if is_new:
        try:
            judge(session, clock, grade, submission_id)
        except GraderError as error:
            LOG.warning("submission %d is left to the worker: %s", submission_id, error)
    return _view_of(session, submission_id)


def store(
    session: Session,
    now: datetime,
    actor: Actor,
    attempt_id: int,
    responses: Mapping[str, str],
    key: str | None = None,
) -> tuple[int, bool]:
    """Commit the responses, unjudged: the submission's id, and whether it is new.

    It is not new when it was sent before with this key.
    """
    typed = check_responses(responses)
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise InvalidRequest(f"An idempotency key has 1 to {LONGEST_KEY} characters, all of them printable.", "key")
    with writing(session):
        attempts.lock(session, attempt_id)
        attempt, membership = enter_attempt(session, actor, attempt_id, "submissions:write")
        if (known := attempt.variant.problem_version.parts) is not None:  # versions kept before parts were
            require_known_parts(known, typed)
        if key is not None and (earlier := submissions.by_key(session, attempt_id, key)):
            if earlier.responses != typed:
                raise Conflict("Other responses were sent with this idempotency key before.", "key")
            return earlier.id, False
        sent, waiting = submissions.tally(session, [attempt_id]).get(attempt_id, (0, 0))
        policy = policies.policy_of(attempt.assignment_problem.assignment)
        if refused := policies.refusal(attempt, policy, now, membership, sent, waiting):
            raise refused
        row = Submission(
            attempt_id=attempt_id,
            number=sent + 1,
            key=key,
            responses=typed,
            submitted_by=actor.user_id,
            created=now,
            state="stored",
            counted=False,
            claims=1,
            claimed_until=now + LEASE,
        )
        session.add(row)
        attempts.drop_draft(session, attempt_id)
        session.flush()
        return row.id, True


def judge(session: Session, clock: Clock, grade: Grade, submission_id: int) -> bool:
    """Judge a stored submission and record the result.

    False when somebody else has recorded one meanwhile.
    """
    source, seed, responses = submissions.work(session, submission_id)
    session.commit()  # judging may take seconds, in which no transaction is open
    result = grade(source, seed, responses)
    return _record(session, clock(), submission_id, result)


def judge_stored(
    sessions: sessionmaker[Session], clock: Clock, grade: Grade, limit: int = 100, *, at_start: bool = False
) -> int:
    """Judge submissions that were stored but not judged, each once; how many were.

    `at_start` of a server also takes those that were being judged when it ended; should another server be
    at them too, the second result is thrown away.
    """
    judged, last = 0, 0
    with sessions() as session:
        for _ in range(limit):
            if not submissions.is_any_waiting(session, clock(), last, at_start=at_start):
                break
            with writing(session):
                claimed = submissions.claim(session, clock(), LEASE, last, at_start=at_start)
            if claimed is None:
                break
            last = claimed
            judged += _judge_or_log(session, clock, grade, claimed)
    return judged


def submission(session: Session, actor: Actor, submission_id: int) -> SubmissionView:
    """One submission of the actor's own, or of a student of theirs, else NotFound."""
    row = session.get(Submission, submission_id)
    if row is None:
        raise NotFound(NO_SUBMISSION)
    try:
        enter_attempt(session, actor, row.attempt_id, "results:read")
    except NotFound:
        raise NotFound(NO_SUBMISSION) from None
    return _view_of(session, submission_id)


def newest_of(session: Session, attempt_ids: Sequence[int]) -> Mapping[int, list[SubmissionView]]:
    """The newest submissions of each attempt, for services that have checked who asks."""
    rows = submissions.newest(session, attempt_ids, MOST_SHOWN)
    found = gradings.latest(session, [row.id for row in rows])
    views: dict[int, list[SubmissionView]] = {}
    for row in rows:
        views.setdefault(row.attempt_id, []).append(_view(row, found.get(row.id)))
    return views


def check_responses(responses: Mapping[str, str]) -> dict[str, str]:
    """The responses as they will be kept.

    InvalidRequest when there are too many or one is too long.
    """
    if len(responses) > MOST_PARTS:
        raise InvalidRequest(f"No problem has more than {MOST_PARTS} parts.", "responses")
    for part, text in responses.items():
        if len(part) > MAX_TITLE or len(text) > LONGEST_RESPONSE:
            message = f"The answer is longer than {LONGEST_RESPONSE} characters. Shorten it; nothing was sent."
            raise InvalidRequest(message, part[:MAX_TITLE])
    return dict(responses)


def _judge_or_log(session: Session, clock: Clock, grade: Grade, submission_id: int) -> bool:
    """Judge one submission.

    A defect is logged and leaves it stored, so that all others are judged all the same.
    """
    try:
        return judge(session, clock, grade, submission_id)
    except Exception:  # the outer edge of one submission: no caller waits who could be told
        session.rollback()
        LOG.exception("submission %d could not be judged", submission_id)
        return False


def _record(session: Session, now: datetime, submission_id: int, result: Result) -> bool:
    """Keep the result and what follows from it for the attempt, unless there is one already.

    All in one transaction.
    """
    marks = [Mark.of(part) for part in result.parts]
    with writing(session):
        attempt_id = session.get_one(Submission, submission_id).attempt_id
        attempts.lock(session, attempt_id)
        if not submissions.mark_judged(session, submission_id, now):
            return False
        session.add(
            Grading(
                submission_id=submission_id,
                cause="judged",
                result=result.to_json(),
                marks=[mark.to_json() for mark in marks],
                score=result.score,
                max_score=result.max_score,
                engine=result.engine,
                created=now,
            )
        )
        session.flush()
        _restand(session, attempt_id)
        return True


def _restand(session: Session, attempt_id: int) -> None:
    """Bring the attempt's tries and marks in line with the latest gradings.

    The caller holds its lock.
    """
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    rows = gradings.latest_marks(session, attempt_id)
    penalty = assignments.penalty_of(session, attempt.assignment_problem_id)
    standing = reckon(([Mark.from_json(mark) for mark in marks] for _, _, marks in rows), penalty)
    attempt.parts = [part.to_json() for part in standing.parts]
    attempt.tries_used = standing.tries_used
    attempt.score = standing.score
    attempt.max_score = standing.max_score
    attempt.is_solved = standing.is_solved
    for (submission_id, before, _), counts in zip(rows, standing.counted, strict=True):
        if counts != before:
            session.get_one(Submission, submission_id).counted = counts


def _view_of(session: Session, submission_id: int) -> SubmissionView:
    """One submission with the grading that counts."""
    row = session.get_one(Submission, submission_id)
    return _view(row, gradings.latest(session, [submission_id]).get(submission_id))


def _view(row: Submission, grading: Grading | None) -> SubmissionView:
    """One submission from its rows."""
    return SubmissionView(
        id=row.id,
        attempt_id=row.attempt_id,
        number=row.number,
        state=row.state,
        responses=row.responses,
        created=row.created,
        judged=row.judged,
        result=grading.result if grading else None,
        score=grading.score if grading else None,
        max_score=grading.max_score if grading else None,
        counted=row.counted,
        engine=grading.engine if grading else None,
    )
