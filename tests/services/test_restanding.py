"""Rules that change under many attempts: they hold at once, and marks follow, some attempts at a time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.services import assignment_edits, assignments, background, extensions, restanding, submissions
from grader.services.access import Actor
from grader.services.assignment_edits import AssignmentGiven
from grader.services.assignments import KeptProblem
from grader.services.attempts import AttemptView
from grader.services.restanding import BATCH, RESTAND
from grader.store.attempts import Attempt
from grader.store.audit import AuditEntry
from grader.store.database import writing
from grader.store.gradings import Grading
from grader.store.jobs import Job
from grader.store.submissions import Submission
from grader.worker import EmbeddedWorker
from tests.factories import Scene, SteadyClock, grade_words

OTHERS = 2 * BATCH
WORTH = 3
"""What the right answer of the second try is worth without a penalty."""


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def send(scene: Scene, who: Actor, attempt: AttemptView, word: str) -> None:
    submissions.submit(scene.session, scene.clock, grade_words, who, attempt.id, {"a": word, "b": word})


def tried_twice(scene: Scene) -> tuple[Actor, AttemptView]:
    """A student who was wrong first and right then."""
    ada = scene.add_person()
    attempt = scene.open(ada)
    send(scene, ada, attempt, "wrong")
    send(scene, ada, attempt, "right")
    return ada, attempt


def columns(row: Any, *left_out: str) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in row.__table__.columns if one.name not in ("id", *left_out)}


def multiply(scene: Scene, attempt: AttemptView) -> None:
    """Earlier attempts of the same student at the same problem, each with the same answers and results."""
    session = scene.session
    with writing(session):
        like = columns(session.get_one(Attempt, attempt.id), "number", "state")
        rows = [{**like, "number": number, "state": "closed"} for number in range(2, OTHERS + 2)]
        new = session.scalars(insert(Attempt).returning(Attempt.id), rows).all()
        for sent in session.scalars(select(Submission).where(Submission.attempt_id == attempt.id)).all():
            grading = session.scalars(select(Grading).where(Grading.submission_id == sent.id)).one()
            rows = [{**columns(sent, "attempt_id"), "attempt_id": each} for each in new]
            ids = session.scalars(insert(Submission).returning(Submission.id), rows).all()
            session.execute(insert(Grading), [{**columns(grading), "submission_id": each} for each in ids])


def given(scene: Scene, assignment_id: int, session: Session, **rules: Any) -> AssignmentGiven:
    view = assignments.assignment(session, scene.clock, scene.teacher, assignment_id)
    kept = [KeptProblem(line.problem_id) for line in view.problems]
    return AssignmentGiven(view.title, kept, replace(view.policy, **rules), view.setting)


def edit(scene: Scene, assignment_id: int, session: Session | None = None, **rules: Any) -> None:
    session = session or scene.session
    changed = given(scene, assignment_id, session, **rules)
    assignment_edits.edit_assignment(session, scene.clock, scene.teacher, assignment_id, changed)


def work(scene: Scene, sessions: sessionmaker[Session]) -> None:
    jobs = background.handlers(scene.clock, grade_words)
    EmbeddedWorker(sessions, scene.clock, grade_words, jobs).run_once()


def scores(scene: Scene) -> dict[Fraction, int]:
    """How many attempts have which marks."""
    scene.session.commit()
    found = scene.session.execute(select(Attempt.score, func.count(Attempt.id)).group_by(Attempt.score))
    return dict(found.all())


def waiting(scene: Scene) -> int:
    scene.session.commit()
    return scene.session.scalar(select(func.count(Job.id)).where(Job.kind == RESTAND)) or 0


def test_few_attempts_are_in_line_at_once(scene: Scene) -> None:
    _, attempt = tried_twice(scene)
    edit(scene, attempt.assignment_id, penalty=Fraction(1, 4))
    assert scores(scene) == {WORTH * Fraction(3, 4): 1}
    assert waiting(scene) == 0
    assert not restanding.is_under_way(scene.session, attempt.assignment_id)


def test_of_many_attempts_the_request_takes_some_and_the_worker_the_rest(
    scene: Scene, sessions: sessionmaker[Session]
) -> None:
    _, attempt = tried_twice(scene)
    multiply(scene, attempt)
    edit(scene, attempt.assignment_id, penalty=Fraction(1, 4), exam=True)
    late, before = WORTH * Fraction(3, 4), scores(scene)
    assert before[late] == BATCH, "no more are locked while somebody waits"
    assert restanding.is_under_way(scene.session, attempt.assignment_id)
    assert not restanding.is_under_way(scene.session, attempt.assignment_id + 1)
    work(scene, sessions)
    assert scores(scene) == {late: OTHERS + 1}
    assert waiting(scene) == 0
    counted = select(func.count()).select_from(Submission).where(Submission.counted)
    assert scene.session.scalar(counted) == 2 * (OTHERS + 1)


def test_what_is_changed_again_meanwhile_is_what_holds_in_the_end(
    scene: Scene, sessions: sessionmaker[Session]
) -> None:
    ada, attempt = tried_twice(scene)
    multiply(scene, attempt)
    edit(scene, attempt.assignment_id, penalty=Fraction(1, 4))
    edit(scene, attempt.assignment_id, penalty=Fraction(1, 8))
    step = queue.take(scene.session, scene.clock(), [RESTAND])
    assert step is not None
    restanding.handler(scene.clock)(scene.session, step.payload)
    edit(scene, attempt.assignment_id, penalty=Fraction(1, 3))  # while the worker is at this step
    queue.finish(scene.session, scene.clock(), step)
    send(scene, ada, attempt, "right")
    work(scene, sessions)
    assert scores(scene) == {WORTH * Fraction(2, 3): OTHERS + 1}
    assert waiting(scene) == 0


def test_a_request_that_dies_after_its_rules_are_stored_is_made_up_for(
    scene: Scene, sessions: sessionmaker[Session]
) -> None:
    _, attempt = tried_twice(scene)
    with pytest.raises(KeyboardInterrupt):
        assignment_edits.edit_assignment(
            scene.session,
            Stopping(scene.clock, 1),
            scene.teacher,
            attempt.assignment_id,
            given(scene, attempt.assignment_id, scene.session, penalty=Fraction(1, 4)),
        )
    scene.session.rollback()
    changes = select(func.count(AuditEntry.id)).where(AuditEntry.action == "assignment.changed")
    assert scene.session.scalar(changes) == 1
    assert restanding.is_under_way(scene.session, attempt.assignment_id)
    scene.session.commit()
    scene.clock.advance(minutes=3)
    work(scene, sessions)
    assert scores(scene) == {WORTH * Fraction(3, 4): 1}
    assert waiting(scene) == 0


class Stopping:
    """A clock that stands for a process which ends when the clock is looked at once too often."""

    def __init__(self, clock: SteadyClock, looks: int) -> None:
        self.clock, self.looks = clock, looks

    def __call__(self) -> Any:
        if not self.looks:
            raise KeyboardInterrupt
        self.looks -= 1
        return self.clock()


def test_an_extension_reckons_with_the_rules_that_hold_when_it_has_the_attempts(
    scene: Scene, sessions: sessionmaker[Session], engine: Engine
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    ada, attempt = tried_twice(scene)

    def meanwhile(_: object) -> None:
        with sessions() as other:
            edit(scene, attempt.assignment_id, other, penalty=Fraction(1, 4))

    where = (scene.teacher, attempt.assignment_id, ada.user_id)
    extensions.extend(scene.session, scene.clock, *where, None, 9, meanwhile)
    assert scores(scene) == {WORTH * Fraction(3, 4): 1}
