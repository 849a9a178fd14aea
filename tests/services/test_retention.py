"""Students are erased when their time is over, by the rule of their course, and nothing else is touched."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.errors import Forbidden, InvalidRequest
from grader.services import attempts, courses, erasing, people, retention, submissions, users
from grader.services.access import Actor
from grader.services.rosters import RosterRow
from grader.store import clusters, schema
from grader.store.attempts import Attempt
from grader.store.audit import AuditEntry
from grader.store.base import Base
from grader.store.database import writing
from grader.store.enrolments import Enrolment
from grader.store.events import OutboxEvent
from grader.store.jobs import Job
from grader.store.problems import ProblemVersion
from grader.store.regrades import Regrade
from grader.store.submissions import Submission
from grader.store.users import User
from grader.store.verdicts import keep as keep_verdict
from tests.factories import Scene, SteadyClock, counted_statements, grade_words

NAME, LOGIN, EMAIL = "Zoë Zimmermann", "zoe.zimmermann", "zoe@example.org"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def answered(scene: Scene, student: Actor) -> int:
    attempt = scene.open(student)
    sent = submissions.submit(scene.session, scene.clock, grade_words, student, attempt.id, {"a": "right"})
    scene.session.commit()
    return sent.attempt_id


def rows(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_those_whose_time_is_over_are_erased(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    early, late, teacher = scene.add_person(), scene.add_person(), scene.add_person("assistant")
    answered(scene, early)
    clock.advance(days=20)
    answered(scene, late)
    assert retention.apply(session, clock) == 0
    retention.set_retention(session, clock, scene.teacher, scene.course_id, 30)
    clock.advance(days=11)
    assert [one.person_id for one in retention.due(session, clock)] == [early.user_id]
    before = rows(session)
    assert retention.apply(session, clock) == 1
    after = rows(session)
    assert (after["attempts"], after["submissions"], after["gradings"]) == (1, 1, 1)
    assert after["users"] == before["users"]
    assert session.get_one(User, early.user_id).name == f"Erased person {early.user_id}"
    assert session.get_one(User, late.user_id).closed is None
    assert retention.apply(session, clock) == 0
    clock.advance(days=100)
    assert retention.apply(session, clock) == 1
    assert session.get_one(User, teacher.user_id).closed is None
    notes = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.retention-applied")).all()
    assert [(note.actor_id, note.subject_id) for note in notes] == [(None, early.user_id), (None, late.user_id)]


def test_who_has_begun_or_typed_something_since_is_not_idle(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    beginner, writer = scene.add_person(), scene.add_person()
    answered(scene, beginner)
    attempt = scene.open(writer)
    retention.set_retention(session, clock, scene.teacher, scene.course_id, 30)
    clock.advance(days=20)
    scene.open(beginner)
    attempts.save_draft(session, clock, writer, attempt.id, {"a": "x"})
    clock.advance(days=20)
    assert retention.due(session, clock) == []
    clock.advance(days=11)
    assert [one.person_id for one in retention.due(session, clock)] == [beginner.user_id, writer.user_id]


@pytest.mark.parametrize("way", ["enrolled", "imported"])
def test_who_comes_back_has_the_whole_time_again(scene: Scene, way: str) -> None:
    session, clock, teacher = scene.session, scene.clock, scene.teacher
    ada = scene.add_person()
    answered(scene, ada)
    people.end_enrolment(session, clock, teacher, scene.course_id, ada.user_id)
    retention.set_retention(session, clock, teacher, scene.course_id, 365)
    clock.advance(days=364)
    login = users.user(session, ada.user_id).login
    clock.advance(days=30)
    assert len(retention.due(session, clock)) == 1
    for _ in range(2):
        if way == "enrolled":
            back = courses.enrol(session, clock, teacher, scene.course_id, login)
            assert back.enrolled == clock()
        else:
            people.add_person(session, clock, teacher, scene.course_id, RosterRow(1, login, "", "", None))
    assert retention.apply(session, clock) == 0
    clock.advance(days=300)
    courses.enrol(session, clock, teacher, scene.course_id, login)  # who is in it stays in it as long as before
    clock.advance(days=66)
    assert retention.apply(session, clock) == 1


def test_a_course_is_looked_through_once(scene: Scene, engine: Engine) -> None:
    """However many are erased: each of them is looked at alone before."""
    session, clock = scene.session, scene.clock
    students = [scene.add_person() for _ in range(4)]
    for student in students:
        answered(scene, student)
    retention.set_retention(session, clock, scene.teacher, scene.course_id, 1)
    clock.advance(days=2)
    with counted_statements(engine) as sent:
        assert retention.apply(session, clock) == len(students)
    assert sum("retention_days IS NOT NULL" in statement for statement in sent) == 1
    whole = [one for one in sent if "submissions.created >=" in one and "attempts.student_id =" not in one]
    assert len(whole) == 1


@pytest.mark.parametrize("keeps", [False, True])
def test_who_is_in_another_course_stays_there(scene: Scene, keeps: bool) -> None:
    session, clock = scene.session, scene.clock
    other = Scene(session, clock)
    ada = scene.add_person()
    login = users.user(session, ada.user_id).login
    courses.enrol(session, clock, other.teacher, other.course_id, login)
    here, there = answered(scene, ada), answered(other, ada)
    people.set_keeping(session, clock, scene.teacher, scene.course_id, keeps_answers=keeps)
    retention.set_retention(session, clock, scene.teacher, scene.course_id, 1)
    clock.advance(days=2)
    assert retention.apply(session, clock) == 1
    assert users.user(session, ada.user_id).login == login
    assert session.get_one(Attempt, there).student_id == ada.user_id
    enrolled = session.scalars(select(Enrolment.course_id).where(Enrolment.user_id == ada.user_id)).all()
    assert enrolled == [other.course_id]
    kept = session.get(Attempt, here)
    assert (kept is not None) is keeps
    if kept is not None:
        nobody = session.get_one(User, kept.student_id)
        assert (nobody.login, nobody.closed is None) == (f"erased-{nobody.id}", False)
        assert nobody.id != ada.user_id
        sent = session.scalars(select(Submission.submitted_by).where(Submission.attempt_id == here)).all()
        assert sent == [nobody.id]
    assert retention.apply(session, clock) == 0


def test_only_instructors_set_the_rule(scene: Scene) -> None:
    assert retention.retention_days(scene.session, scene.teacher, scene.course_id) is None
    for days in (0, -1, 10**6):
        with pytest.raises(InvalidRequest, match="number of days"):
            retention.set_retention(scene.session, scene.clock, scene.teacher, scene.course_id, days)
    with pytest.raises(Forbidden):
        retention.set_retention(scene.session, scene.clock, scene.add_person("assistant"), scene.course_id, 5)


def test_no_text_of_any_table_names_who_was_erased(scene: Scene) -> None:
    """The name also stood in an answer, in a teacher's words, in an outbox, in a queue, and in what was worked out."""
    session, clock = scene.session, scene.clock
    zoe = Actor(users.register(session, clock, LOGIN, NAME, "a secret of mine", email=EMAIL).id)
    courses.enrol(session, clock, scene.teacher, scene.course_id, LOGIN)
    people.set_keeping(session, clock, scene.teacher, scene.course_id, keeps_answers=True)
    assignment = scene.add_assignment()
    attempt = scene.open(zoe)
    submissions.submit(session, clock, grade_words, zoe, attempt.id, {"a": f"x by {NAME} ({EMAIL})", "b": "right"})
    with writing(session):
        told = {"regrade_id": 1, "reason": f"{NAME} ({LOGIN}) has asked"}
        session.add(OutboxEvent(course_id=scene.course_id, kind="x", payload=told, created=clock()))
        session.add(Job(kind="x", payload={}, state="dead", due=clock(), taken=0, created=clock(), error=NAME))
        version = session.scalars(select(ProblemVersion.id)).first() or 0
        said = {"parts": [{"id": "a", "feedback": [f"{NAME} is read as a product."]}]}
        keep_verdict(session, clock(), (version, 1), "a hash", "text 1", said)
        seen = {"part": "a", "newest_grading_id": 0, "engine": "text 1", "left_out": 0, "computed": clock()}
        place = {"course_id": scene.course_id, "problem_version_id": version}
        clusters.keep(session, {**place, **seen, "clusters": [{"samples": [NAME]}]})
        common = {"state": "ready", "versions": {}, "total": 0, "done": 0, "cursor": 0, "created": clock()}
        session.add(
            Regrade(
                assignment_id=assignment.id,
                author_id=scene.teacher.user_id,
                policy="exact",
                basis="engine",
                reason=f"{NAME} asked",
                **common,
            )
        )
    erasing.erase_student(session, clock, scene.teacher, scene.course_id, zoe.user_id, LOGIN)
    session.commit()
    found = []
    for table in schema.metadata.sorted_tables:
        listed = session.execute(text(f'SELECT * FROM "{table.name}"')).all()  # as it is stored, in no type of ours
        stored = "\n".join(str(value) for row in listed for value in row)
        forms = {form for word in (NAME, LOGIN, EMAIL) for form in (word, json.dumps(word)[1:-1], repr(word)[1:-1])}
        found += [(table.name, form) for form in forms if form in stored]
    assert found == []
    assert session.scalars(select(Submission.responses)).one()["a"] == "x by [erased] ([erased])"
    assert session.scalars(select(OutboxEvent.payload)).first() is not None


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_audit_log_cannot_be_changed(scene: Scene, statement: str) -> None:
    session = scene.session
    if statement.startswith("TRUNCATE") and session.get_bind().dialect.name == "sqlite":
        statement = "DELETE FROM audit WHERE id = 1"  # SQLite knows no TRUNCATE
    before = session.scalars(select(AuditEntry.action)).all()
    assert len(before) > 1
    with pytest.raises(DBAPIError, match="audit log cannot be changed"):
        session.execute(text(statement))
    session.rollback()
    assert session.scalars(select(AuditEntry.action)).all() == before
