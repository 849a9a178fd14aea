"""The steps of a regrade, done by the worker: a few attempts at a time, each step as good twice as once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from grader.bank.cluster_rules import parameters_at
from grader.bank.variant import points_to_json
from grader.errors import GraderError
from grader.grading import Result
from grader.services import cluster_effects, events, gradings
from grader.services.access import Clock
from grader.services.policies import Policy, policy_of
from grader.services.quarantine import Grade, grade_unheld
from grader.services.regrade_plans import Judgement, Plan, RegradePolicy, plan, scaled
from grader.services.regrades import Basis, counts_of, step
from grader.services.restanding import standing_of
from grader.services.standings import Mark, Standing
from grader.store import assignments, attempts, audit, extensions, manual_marks, regrades, submissions
from grader.store import gradings as stored
from grader.store.attempts import Attempt
from grader.store.database import writing
from grader.store.gradings import Grading, Judged
from grader.store.problems import ProblemVersion
from grader.store.regrades import APPLIED, APPLYING, READY, RUNNING, UNDOING, UNDONE, Regrade, RegradeChange
from grader.store.submissions import Work

BATCH = 20
REGRADED, RESTORED = "regraded", "restored"
"""The causes of gradings that a regrade adds, and that undoing it adds."""
PLANNED, DONE, OUTDATED, CHANGED = "planned", "applied", "outdated", "changed"


def handler(clock: Clock, grade: Grade) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `regrades.REGRADE`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        take_step(session, clock, grade, int(payload["regrade"]))

    return do


def take_step(session: Session, clock: Clock, grade: Grade, regrade_id: int) -> None:
    """The next step of a regrade, whatever state it is in; the step after it is asked for."""
    row = session.get(Regrade, regrade_id, populate_existing=True)
    if row is None:
        return
    if row.state == RUNNING:
        _look(session, clock, grade, row)
    elif row.state == APPLYING:
        _go_through(session, clock, row, PLANNED, partial(_apply, session, clock))
    elif row.state == UNDOING:
        _go_through(session, clock, row, DONE, partial(_undo, session, clock))


@dataclass(frozen=True, slots=True)
class Looked:
    """An attempt with its submissions judged anew: the grading that was looked at, and the new result."""

    attempt: Attempt
    results: dict[str, Any]
    plan: Plan


def _look(session: Session, clock: Clock, grade: Grade, row: Regrade) -> None:
    """Judge the submissions of the next attempts anew, and note what would change."""
    before = row.cursor
    batch = regrades.attempts_of(session, row.assignment_id, before, BATCH)
    found = [looked for each in batch if (looked := _judged_anew(session, grade, row, each)) is not None]
    now = clock()
    with writing(session):
        if not batch:
            if regrades.turn(session, row.id, RUNNING, READY):
                _note(session, now, row, "regrade.ready", None)
            return
        if not regrades.advance(session, row.id, before, batch[-1].id, len(batch)):
            return  # somebody else has done this step
        for looked in found:
            session.add(_change(row, looked))
        session.refresh(row)
        step(session, now, row, str(row.cursor))


def _change(row: Regrade, looked: Looked) -> RegradeChange:
    return RegradeChange(
        regrade_id=row.id,
        attempt_id=looked.attempt.id,
        state=PLANNED,
        before=looked.plan.before.score,
        after=looked.plan.after.score,
        max_score=looked.plan.before.max_score,
        lines=[line.to_json() for line in looked.plan.lines],
        results=looked.results,
        applied={},
    )


def _judged_anew(session: Session, grade: Grade, row: Regrade, attempt: Attempt) -> Looked | None:
    """What the regrade would do to an attempt; None where that is nothing."""
    judged = stored.judged(session, [attempt.id]).get(attempt.id, [])
    results: dict[str, Any] = {}
    for one in judged:
        base = stored.latest_judged(session, one.submission_id)
        if base is None:
            continue
        work = submissions.work(session, one.submission_id)
        before = Result.from_json(base.result)
        after, given_by = _judge(session, grade, row, attempt, work, before)
        results[str(one.submission_id)] = {"base": base.id, "result": after.to_json(), "given_by": given_by}
    planned = _plan(session, row, attempt, judged, results)
    return Looked(attempt, results, planned) if planned.lines else None


def _judge(
    session: Session, grade: Grade, row: Regrade, attempt: Attempt, work: Work, before: Result
) -> tuple[Result, dict[str, int]]:
    """The result of a submission by what the regrade judges with, and what teachers' decisions gave."""
    after = before
    if row.basis != Basis.CLUSTERS:
        again = _work_again(session, row, attempt, work)
        after = before if again is None else scaled(before, _graded(session, grade, again, before))
    course_id = assignments.of_problem(session, attempt.assignment_problem_id).course_id
    rules = cluster_effects.effective(session, course_id, work.problem_version_id)
    session.commit()
    found, given_by = cluster_effects.applied(rules, work, after)
    return found, dict(given_by)


def _graded(session: Session, grade: Grade, work: Work, before: Result) -> Result:
    """The result now; what cannot be judged now stays as it was."""
    try:
        return grade_unheld(session, grade, work)
    except GraderError:
        return before


def _work_again(session: Session, row: Regrade, attempt: Attempt, work: Work) -> Work | None:
    """The work with the text to judge by; None where that asks other numbers of this student."""
    version_id = row.versions.get(str(attempt.assignment_problem_id))
    if row.basis != Basis.VERSION or version_id is None or version_id == work.problem_version_id:
        return work
    source = session.query(ProblemVersion.source).filter_by(id=version_id).one()[0]
    session.commit()
    mine, new = parameters_at(work.source, work.seed), parameters_at(source, work.seed)
    if mine is None or new is None or mine[0] != new[0]:
        return None
    known = {part: text for part, text in work.responses.items() if part in new[1]}
    return work._replace(source=source, responses=known)


def _plan(
    session: Session, row: Regrade, attempt: Attempt, judged: Sequence[Judged], results: Mapping[str, Any]
) -> Plan:
    """The plan for an attempt from the results that were found, with people's marks over them."""
    judgements = []
    for one in judged:
        base = stored.latest_judged(session, one.submission_id)
        if base is None:
            continue
        marks = manual_marks.present(session, [one.submission_id])
        found = results.get(str(one.submission_id))
        before = Result.from_json(base.result)
        judgements.append(
            Judgement(
                submission_id=one.submission_id,
                created=one.created,
                before=before,
                after=Result.from_json(found["result"]) if found else before,
                marked=frozenset(mark.part for mark in marks if mark.points is not None),
                overlay=partial(gradings.overlaid, marks=marks),
                given_by=found["given_by"] if found else None,
            )
        )
    assignment = assignments.of_problem(session, attempt.assignment_problem_id)
    rules = policy_of(assignment, extensions.of_student(session, assignment.id, attempt.student_id))
    return plan(judgements, RegradePolicy(row.policy), partial(_standing, rules))


def _standing(rules: Policy, sent: Sequence[tuple[datetime, Result]]) -> Standing:
    judged = [
        Judged(0, place, False, [Mark.of(part).to_json() for part in result.parts], created)
        for place, (created, result) in enumerate(sent)
    ]
    return standing_of(rules, judged)


def _go_through(session: Session, clock: Clock, row: Regrade, state: str, act: Callable[[Regrade, int], None]) -> None:
    """Do the next changes in this state, each in a transaction of its own, or close the matter."""
    batch = regrades.in_state(session, row.id, state, BATCH)
    for change_id in batch:
        act(row, change_id)
    now = clock()
    with writing(session):
        if batch:
            session.refresh(row)
            step(session, now, row, f"after {batch[-1]}")
        elif row.state == APPLYING and regrades.turn(session, row.id, APPLYING, APPLIED, applied=now):
            _note(session, now, row, "regrade.applied", row.applied_by)
        elif row.state == UNDOING and regrades.turn(session, row.id, UNDOING, UNDONE, undone=now):
            _note(session, now, row, "regrade.undone", row.undone_by)


def _apply(session: Session, clock: Clock, row: Regrade, change_id: int) -> None:
    """Let one attempt's new results count, unless it was graded anew since they were looked at."""
    now = clock()
    with writing(session):
        change = regrades.locked(session, change_id)
        if change.state != PLANNED:
            return
        attempts.lock(session, change.attempt_id)
        attempt = session.get_one(Attempt, change.attempt_id, populate_existing=True)
        if any(not _is_latest(session, int(key), found["base"]) for key, found in change.results.items()):
            change.state = OUTDATED
            return
        judged = stored.judged(session, [attempt.id]).get(attempt.id, [])
        planned = _plan(session, row, attempt, judged, change.results)
        before = attempt.score
        added = {}
        for submission_id, result in planned.results.items():
            gradings.record(session, now, submission_id, attempt.id, REGRADED, result)
            added[str(submission_id)] = _newest(session, submission_id)
        session.flush()
        change.state, change.applied = DONE, added
        change.before, change.after = before, attempt.score
        change.lines = [line.to_json() for line in planned.lines]
        _tell(session, now, row, change, attempt)


def _undo(session: Session, clock: Clock, row: Regrade, change_id: int) -> None:
    """Give one attempt the results back that it had, unless it was graded or marked since."""
    now = clock()
    with writing(session):
        change = regrades.locked(session, change_id)
        if change.state != DONE:
            return
        attempts.lock(session, change.attempt_id)
        attempt = session.get_one(Attempt, change.attempt_id, populate_existing=True)
        if any(_newest(session, int(key)) != ids for key, ids in change.applied.items()):
            change.state = CHANGED
            return
        for key in change.applied:
            base = session.get_one(Grading, change.results[key]["base"])
            gradings.record(session, now, int(key), attempt.id, RESTORED, Result.from_json(base.result))
        session.flush()
        change.state = UNDONE
        if change.after != attempt.score:
            _emit(session, now, row, change, attempt, change.after)


def _is_latest(session: Session, submission_id: int, grading_id: int) -> bool:
    found = stored.latest_judged(session, submission_id)
    return found is not None and found.id == grading_id


def _newest(session: Session, submission_id: int) -> list[int]:
    """The judge's newest grading of a submission, and the one that counts."""
    judged, counts = stored.latest_judged(session, submission_id), stored.latest(session, [submission_id])
    return [judged.id if judged else 0, counts[submission_id].id]


def _tell(session: Session, now: datetime, row: Regrade, change: RegradeChange, attempt: Attempt) -> None:
    """Tell the outbox of changed marks."""
    if change.before != change.after:
        _emit(session, now, row, change, attempt, change.before)


def _emit(session: Session, now: datetime, row: Regrade, change: RegradeChange, attempt: Attempt, before: Any) -> None:
    assignment = assignments.of_problem(session, attempt.assignment_problem_id)
    payload = {
        "course_id": assignment.course_id,
        "assignment_id": assignment.id,
        "attempt_id": attempt.id,
        "student_id": attempt.student_id,
        "score_before": points_to_json(before),
        "score_after": points_to_json(attempt.score),
        "max_score": points_to_json(change.max_score),
        "cause": "regrade",
        "regrade_id": row.id,
    }
    events.emit(session, now, assignment.course_id, events.GRADE_CHANGED, payload)


def _note(session: Session, now: datetime, row: Regrade, action: str, by: int | None) -> None:
    """Write into the log what a regrade has come to, and tell the outbox where marks were given or taken back."""
    counts = counts_of(session, row.id)
    told = {name: getattr(counts, name) for name in counts.__slots__}
    assignment = assignments.with_course(session, row.assignment_id)
    if assignment is None:
        return
    about = {"policy": row.policy, "basis": row.basis, **told}
    audit.note(session, now, by or row.author_id, assignment.course_id, action, row.id, **about)
    if action != "regrade.ready":
        payload = {
            "course_id": assignment.course_id,
            "assignment_id": row.assignment_id,
            "regrade_id": row.id,
            "reason": row.reason,
            **about,
        }
        events.emit(session, now, assignment.course_id, action, payload)
