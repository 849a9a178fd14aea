"""Judging stored answers again with the present engine, to see which verdicts would come out otherwise.

What is compared is what the engine made of an answer, before and now: marks by people and late days stay out of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from grader.bank.variant import points_to_json
from grader.checking.verdict import Evidence
from grader.engine import present_engine
from grader.errors import GraderError
from grader.grading import PartResult, Result
from grader.isolation import JudgeStopped
from grader.services import cluster_effects
from grader.services.access import Clock
from grader.services.proofs import PROVED
from grader.services.quarantine import Grade
from grader.services.regrade_plans import scaled
from grader.services.standings import Mark
from grader.store import quarantine, replays
from grader.store.database import writing
from grader.store.gradings import Grading
from grader.store.replays import Answered, Replay, ReplayChange
from grader.store.submissions import Work

BATCH = 100
AHEAD = 4
"""Answers in hand for each judging process, so that none of them waits and memory stays bounded."""
JUDGED = "judged"
NO_VERDICT = "not judged"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which answers: those that came in from a moment on, those of one course, or all."""

    since: datetime | None = None
    course_id: int | None = None


@dataclass(frozen=True, slots=True)
class Judges:
    """The usual judge and the patient one, which looks again where a proof took longer than usual before."""

    grade: Grade
    prove: Grade


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict on a part: `why` is the evidence in words."""

    outcome: str
    score: str
    max_score: str
    engine: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {
            "outcome": self.outcome,
            "score": self.score,
            "max_score": self.max_score,
            "engine": self.engine,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a stored answer whose verdict comes out otherwise now."""

    answer: Answered
    part: str
    before: Said
    after: Said


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored answer, judged again; no changes: every verdict is what it was."""

    submission_id: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _InHand:
    answer: Answered
    own: Sequence[Grading]
    held: frozenset[str]
    result: Future[Result]


def replay(
    sessions: sessionmaker[Session], judges: Judges, scope: Scope, after: int = 0, jobs: int = 1
) -> Iterator[Replayed]:
    """Each stored answer with a later id than `after`, in order, judged again; nothing is written."""
    with ThreadPoolExecutor(jobs, thread_name_prefix="grader-replay") as pool:
        in_hand: deque[_InHand] = deque()
        try:
            for each in _answers(sessions, scope, after):
                in_hand.append(_begin(pool, judges, *each))
                if len(in_hand) >= jobs * AHEAD:
                    yield _compared(sessions, judges, in_hand.popleft())
            while in_hand:
                yield _compared(sessions, judges, in_hand.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def count(session: Session, scope: Scope, after: int = 0) -> int:
    """How many answers there are to judge."""
    return replays.count_answered(session, after, scope.since, scope.course_id)


def begin_record(session: Session, clock: Clock, scope: Scope) -> int:
    """A stored report without lines yet; its number."""
    with writing(session):
        row = Replay(
            engine=present_engine(),
            since=scope.since,
            course_id=scope.course_id,
            cursor=0,
            judged=0,
            begun=clock(),
            ended=None,
        )
        session.add(row)
        session.flush()
        return row.id


def unended_record(session: Session) -> tuple[int, Scope, int] | None:
    """The newest report with this engine that is not at its end: number, scope, and where it stands."""
    row = replays.unended(session, present_engine())
    return None if row is None else (row.id, Scope(row.since, row.course_id), row.cursor)


def record(session: Session, clock: Clock, record_id: int, done: Sequence[Replayed], *, at_end: bool) -> None:
    """Add what was judged to a stored report, with how far it has come, in one transaction."""
    with writing(session):
        row = session.get_one(Replay, record_id)
        for each in done:
            session.add_all(_row(record_id, change) for change in each.changes)
        row.judged += len(done)
        row.cursor = done[-1].submission_id if done else row.cursor
        row.ended = clock() if at_end else None


def _row(record_id: int, change: Change) -> ReplayChange:
    return ReplayChange(
        replay_id=record_id,
        submission_id=change.answer.submission_id,
        part=change.part,
        before=change.before.to_json(),
        after=change.after.to_json(),
    )


def _answers(
    sessions: sessionmaker[Session], scope: Scope, after: int
) -> Iterator[tuple[Answered, Sequence[Grading], frozenset[str]]]:
    """The stored answers with their gradings and the parts in quarantine, some at a time."""
    while True:
        with sessions(expire_on_commit=False) as session:
            batch = replays.answered(session, after, BATCH, scope.since, scope.course_id)
            own = replays.own_gradings(session, [each.submission_id for each in batch])
            found = [(each, own.get(each.submission_id, ()), _held(session, each)) for each in batch]
        yield from found
        if not batch:
            return
        after = batch[-1].submission_id


def _held(session: Session, answer: Answered) -> frozenset[str]:
    return frozenset(quarantine.held(session, answer.problem_version_id, answer.seed, answer.responses))


def _begin(
    pool: ThreadPoolExecutor, judges: Judges, answer: Answered, own: Sequence[Grading], held: frozenset[str]
) -> _InHand:
    typed = _typed(answer, held)
    return _InHand(answer, own, held, pool.submit(judges.grade, answer.source, answer.seed, typed))


def _typed(answer: Answered, held: frozenset[str]) -> dict[str, str]:
    """The responses without those in quarantine."""
    return {part: text for part, text in answer.responses.items() if part not in held}


def _compared(sessions: sessionmaker[Session], judges: Judges, each: _InHand) -> Replayed:
    """What has become of an answer's verdicts."""
    base = next((row for row in reversed(each.own) if row.cause in (JUDGED, PROVED)), None)
    if base is None:
        return Replayed(each.answer.submission_id, ())
    before = Result.from_json(base.result)
    stands = Result.from_json(each.own[-1].result)  # a regrade may have taken the new verdict already
    try:
        again = scaled(before, each.result.result())
        changed = _changed(sessions, each, (before, stands), again)
        if changed and base.cause == PROVED:
            again = scaled(before, judges.prove(each.answer.source, each.answer.seed, _typed(each.answer, each.held)))
            changed = _changed(sessions, each, (before, stands), again)
    except JudgeStopped:
        raise
    except GraderError as error:
        lost = tuple(_lost(each.answer, part, base.engine, str(error)) for part in before.parts)
        return Replayed(each.answer.submission_id, lost)
    old, new = _by_id(before), _by_id(again)
    changes = tuple(
        Change(each.answer, part, _said(old[part], base.engine), _said(new[part], again.engine)) for part in changed
    )
    return Replayed(each.answer.submission_id, changes)


def _changed(sessions: sessionmaker[Session], each: _InHand, known: tuple[Result, Result], again: Result) -> list[str]:
    """The parts with a verdict that is neither the engine's own of before nor the one that stands now."""
    parts = [part for part in _differing(known, again) if part not in each.held]
    if not parts:
        return []
    with sessions() as session:
        rules = cluster_effects.effective(session, each.answer.course_id, each.answer.problem_version_id)
        session.commit()
    with_rules, _ = cluster_effects.applied(rules, _work(each.answer), again)
    left = set(_differing(known, with_rules))  # points that a teacher gives for a wrong answer are no new verdict
    return [part for part in parts if part in left]


def _differing(known: tuple[Result, Result], again: Result) -> list[str]:
    marks = [{part.id: Mark.of(part) for part in result.parts} for result in known]
    return [part.id for part in again.parts if all(found.get(part.id) != Mark.of(part) for found in marks)]


def _work(answer: Answered) -> Work:
    variant = (answer.problem_version_id, answer.source, answer.seed)
    return Work(*variant, answer.responses, answer.attempt_id, answer.course_id)


def _by_id(result: Result) -> Mapping[str, PartResult]:
    return {part.id: part for part in result.parts}


def _said(part: PartResult, engine: str) -> Said:
    why: Evidence | str = part.evidence or " ".join(part.feedback)
    score, most = points_to_json(part.score), points_to_json(part.max_score)
    return Said(str(Mark.of(part).outcome), str(score), str(most), engine, str(why))


def _lost(answer: Answered, part: PartResult, engine: str, reason: str) -> Change:
    after = Said(NO_VERDICT, "0", str(points_to_json(part.max_score)), present_engine(), reason)
    return Change(answer, part.id, _said(part, engine), after)
