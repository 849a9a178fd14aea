"""Submissions: kept and committed first, judged after, recorded once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.answers.base import MOST_CHARACTERS
from grader.checking.verdict import Outcome
from grader.engine import present_engine
from grader.errors import CallerError, Conflict, GraderError, InvalidRequest, NotFound
from grader.grading import Result, require_known_parts
from grader.isolation import JudgeStopped
from grader.services import cluster_effects, gradings, policies, quarantine, ready_variants, verdicts
from grader.services.access import Actor, Clock, Membership, enter_attempt, enter_intake
from grader.services.fields import MAX_TITLE
from grader.services.gradings import Recorded
from grader.services.policies import Policy
from grader.store import attempts, consequences, submissions
from grader.store.database import writing
from grader.store.gradings import Grading, latest, with_latest
from grader.store.intake import Intake, intake
from grader.store.submissions import Submission, Work

LOG = logging.getLogger(__name__)
NO_SUBMISSION = "There is no such submission."


Grade = quarantine.Grade


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission.

    `result` is `Result.to_json()` of the latest grading, None while it waits for the judge.
    `score` is what was judged, before penalties; `counted` says whether it used up a try.
    `held`: whoever looks is told no more than that it was received.
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
    held: bool = False


class TakenIn(NamedTuple):
    """A submission that is kept, and who sent it; it is not new when it was sent before with its key.

    `work` is what judging it needs, `stored` what is to be seen of it until it is judged, `rules` those for it.
    """

    id: int
    is_new: bool
    membership: Membership
    rules: Policy
    work: Work
    stored: SubmissionView


class Judged(NamedTuple):
    """A submission that was judged just now."""

    at: datetime
    recorded: Recorded


NO_GRACE = timedelta(0)
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
    taken = store(session, clock(), actor, attempt_id, responses, key)
    judged = judge_or_leave(session, clock, grade, taken.id, work=taken.work) if taken.is_new else None
    return own_submission(session, clock, taken, judged)


def judge_or_leave(
    session: Session, clock: Clock, grade: Grade, submission_id: int, claims: int = 1, work: Work | None = None
) -> Judged | None:
    """Judge a submission that is claimed; what cannot be judged now is left to a worker, and None.

    Where the judge is just being stopped, another may begin at once.
    """
    try:
        return judge(session, clock, grade, submission_id, work)
    except JudgeStopped:
        session.rollback()
        leave(session, clock, submission_id, claims)
    except GraderError as error:
        session.rollback()
        LOG.warning("submission %d is left to the worker: %s", submission_id, error)
    return None


def leave(session: Session, clock: Clock, submission_id: int, claims: int = 1) -> None:
    """Hand a claimed submission to whoever takes it next, and tell the workers of it."""
    with writing(session):
        if submissions.hand_back(session, clock(), submission_id, claims):
            queue.ring(session, queue.SUBMISSION, submission_id)


def own_submission(session: Session, clock: Clock, taken: TakenIn, judged: Judged | None = None) -> SubmissionView:
    """What was just submitted, as the one who did it may see it; nothing is read of what was just judged."""
    if judged is None:
        return _shown_to(session, clock(), taken.membership, taken.id)
    result, kept, counted = judged.recorded
    view = replace(
        taken.stored,
        state="judged",
        judged=judged.at,
        result=kept,
        score=result.score,
        max_score=result.max_score,
        counted=counted,
        engine=result.engine,
    )
    return withheld(view) if policies.holds_back_from(taken.rules, judged.at, taken.membership) else view


def store(
    session: Session,
    now: datetime,
    actor: Actor,
    attempt_id: int,
    responses: Mapping[str, str],
    key: str | None = None,
) -> TakenIn:
    """Commit the responses, unjudged.

    Where nobody else has the attempt just now, it is locked and read by one statement. Else, and before anything is
    refused, it is locked first and then read, so that what was read is what holds.
    """
    typed = check_responses(responses)
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise InvalidRequest(f"An idempotency key has 1 to {LONGEST_KEY} characters, all of them printable.", "key")
    try:
        return _store(session, now, actor, attempt_id, typed, key, waits=False)
    except (CallerError, IntegrityError):
        return _store(session, now, actor, attempt_id, typed, key, waits=True)


def _store(
    session: Session,
    now: datetime,
    actor: Actor,
    attempt_id: int,
    typed: dict[str, str],
    key: str | None,
    *,
    waits: bool,
) -> TakenIn:
    with writing(session):
        present = intake(session, attempt_id, actor.user_id, present_engine(), waits=waits)
        found, membership = enter_intake(actor, present, "submissions:write")
        if found.parts is not None:  # versions kept before parts were
            require_known_parts(found.parts, typed)
        rules = policies.policy_of(found.rules, found.own)
        if key is not None and (earlier := submissions.by_key(session, attempt_id, key)):
            if earlier.responses != typed:
                raise Conflict("Other responses were sent with this idempotency key before.", "key")
            return TakenIn(earlier.id, False, membership, rules, _work(found, typed), _view(earlier, None))
        if refused := policies.refusal(found, rules, now, membership, found.sent, found.waiting):
            raise refused
        number = found.sent + 1
        added = submissions.add(session, now, LEASE, attempt_id, number, typed, submitted_by=actor.user_id, key=key)
        if found.has_draft:
            attempts.drop_draft(session, attempt_id)
        work = _work(found, typed)
    stored = SubmissionView(
        id=added,
        attempt_id=attempt_id,
        number=number,
        state="stored",
        responses=typed,
        created=now,
        judged=None,
        result=None,
        score=None,
        max_score=None,
        counted=False,
        engine=None,
    )
    return TakenIn(added, True, membership, rules, work, stored)


def _work(found: Intake, typed: dict[str, str]) -> Work:
    """What judging needs; the variant is put where the judge looks first."""
    if found.kept is not None:
        ready_variants.offer(found.version, found.seed, found.kept)
    return Work(
        problem_version_id=found.problem_version_id,
        source=found.source,
        seed=found.seed,
        responses=typed,
        attempt_id=found.attempt_id,
        course_id=found.course_id,
        one_variant=found.rules.one_variant,
        may_be_held=found.may_be_held,
    )


def judge(session: Session, clock: Clock, grade: Grade, submission_id: int, work: Work | None = None) -> Judged | None:
    """Judge a stored submission and record the result; `work` is what judging it needs, where that was read before.

    None when somebody else has recorded one meanwhile.
    """
    if work is None:
        work = submissions.work(session, submission_id)
    plain = verdicts.known(session, work)
    if plain is None:
        plain = quarantine.grade_unheld(session, grade, work)  # may take seconds, with no transaction open
    try:
        return _record(session, clock(), submission_id, work, plain)
    except _DecisionsHold:
        result = cluster_effects.with_effects(session, work, plain)
        return _record(session, clock(), submission_id, work, plain, result)


def judge_one(sessions: sessionmaker[Session], clock: Clock, grade: Grade, submission_id: int) -> bool:
    """Judge this submission if it still waits and nobody has it; whether it was judged."""
    with sessions() as session:
        with writing(session):
            claims = submissions.claim_one(session, clock(), LEASE, submission_id)
        return claims is not None and _judge_or_log(session, clock, grade, submission_id, claims)


def judge_stored(
    sessions: sessionmaker[Session],
    clock: Clock,
    grade: Grade,
    limit: int = 100,
    *,
    at_start: bool = False,
    grace: timedelta = NO_GRACE,
) -> int:
    """Judge submissions that were stored but not judged, each once; how many were.

    Only those are looked at that have waited for `grace`, in which workers that were told of them may begin.
    `at_start` of a server also takes those that were being judged when it ended; should another server be
    at them too, the second result is thrown away.
    """
    judged, last = 0, 0
    with sessions() as session:
        for _ in range(limit):
            if not submissions.is_any_waiting(session, clock() - grace, last, at_start=at_start):
                break
            with writing(session):
                claimed = submissions.claim(session, clock(), LEASE, last, at_start=at_start, grace=grace)
            if claimed is None:
                break
            last, claims = claimed
            judged += _judge_or_log(session, clock, grade, last, claims)
    return judged


def submission(session: Session, clock: Clock, actor: Actor, submission_id: int) -> SubmissionView:
    """One submission of the actor's own, or of a student of theirs, else NotFound."""
    row = session.get(Submission, submission_id)
    if row is None:
        raise NotFound(NO_SUBMISSION)
    try:
        _, membership = enter_attempt(session, actor, row.attempt_id, "results:read")
    except NotFound:
        raise NotFound(NO_SUBMISSION) from None
    return _shown_to(session, clock(), membership, submission_id)


def withheld(view: SubmissionView) -> SubmissionView:
    """The submission without a word of what it is worth, as students see it while an exam's marks are held back."""
    return replace(view, result=None, score=None, max_score=None, counted=True, engine=None, held=True)


def newest_of(session: Session, attempt_ids: Sequence[int]) -> Mapping[int, list[SubmissionView]]:
    """The newest submissions of each attempt, for services that have checked who asks."""
    rows = submissions.newest(session, attempt_ids, MOST_SHOWN)
    found = latest(session, [row.id for row in rows])
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


def _judge_or_log(session: Session, clock: Clock, grade: Grade, submission_id: int, claims: int) -> bool:
    """Judge one submission.

    A defect is logged and leaves it stored, so that all others are judged all the same.
    """
    try:
        return judge_or_leave(session, clock, grade, submission_id, claims) is not None
    except Exception:  # the outer edge of one submission: no caller waits who could be told
        session.rollback()
        LOG.exception("submission %d could not be judged", submission_id)
        return False


class _DecisionsHold(Exception):
    """Teachers have decided about answers such as this one, which is to be looked at once more before it counts."""


def _record(
    session: Session, now: datetime, submission_id: int, work: Work, plain: Result, result: Result | None = None
) -> Judged | None:
    """Keep the result and what follows from it for the attempt, unless there is one already.

    All in one transaction. `plain` is what the judge said, which others who send the same are told, too; `result` is
    what teachers' decisions make of it, None where nobody has looked whether there are any.
    """
    with writing(session):
        if not submissions.mark_judged(session, submission_id, work.attempt_id, now):
            return None
        about = consequences.of_result(session, submission_id, work.attempt_id)
        if result is None and about.has_decisions and any(part.outcome == Outcome.DIFFERENT for part in plain.parts):
            raise _DecisionsHold
        result = result or plain
        recorded = gradings.record(session, now, submission_id, work.attempt_id, "judged", result, about)
        gradings.follow_up(session, now, submission_id, work, result)
        verdicts.keep(session, now, work, plain)
    return Judged(now, recorded)


def _shown_to(session: Session, now: datetime, membership: Membership, submission_id: int) -> SubmissionView:
    """One submission with the grading that counts, as far as the actor may know it."""
    row, grading, assignment = with_latest(session, submission_id)
    view = _view(row, grading)
    rules = policies.policy_of(assignment)
    return withheld(view) if policies.holds_back_from(rules, now, membership) else view


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
