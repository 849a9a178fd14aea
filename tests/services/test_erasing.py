"""A student's data as a file, and erasing the student: nothing is left that says who it was."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import Conflict, Forbidden, InvalidRequest, NotFound, Unauthenticated
from grader.services import (
    attempts,
    courses,
    erasing,
    invitations,
    marking,
    people,
    personal_data,
    results,
    submissions,
    tokens,
    users,
)
from grader.services.access import Actor
from grader.services.marking import Given
from grader.services.policies import Policy
from grader.store import schema
from grader.store.audit import AuditEntry
from grader.store.clusters import ClusterRule
from grader.store.database import writing
from grader.store.erasing import AUTHORS, KEPT
from grader.store.lti_invitations import LtiInvitation
from grader.store.problem_saves import ProblemSave, ProblemSweep
from grader.store.problems import ProblemVersion, keep
from grader.store.regrades import Regrade
from grader.store.users import User
from grader.store.webhooks import Webhook
from tests.factories import Scene, SteadyClock, grade_words

NAME, LOGIN, EMAIL, PASSWORD = "Zoe Zimmermann", "zoe.zimmermann", "zoe@example.org", "a secret of mine"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


@pytest.fixture
def zoe(scene: Scene) -> Actor:
    """A student with a token, a draft, submissions, a mark by a person and a variant left behind."""
    session, clock = scene.session, scene.clock
    row = users.register(session, clock, LOGIN, NAME, PASSWORD, email=EMAIL)
    actor = Actor(row.id)
    courses.enrol(session, clock, scene.teacher, scene.course_id, LOGIN)
    attempt = scene.open(actor)
    sent = submissions.submit(session, clock, grade_words, actor, attempt.id, {"a": "hard", "b": "wrong"})
    marking.mark(session, clock, scene.teacher, sent.id, {"a": Given("1", "Good start.", "seen in class")})
    attempts.save_draft(session, clock, actor, attempt.id, {"a": "half a thought"})
    tokens.create_token(session, clock, actor, "mine", ["results:read"])
    return actor


def everything(scene: Scene) -> str:
    """All rows of all tables as one text."""
    rows = [
        str(tuple(row)) for table in schema.metadata.sorted_tables for row in scene.session.execute(select(table)).all()
    ]
    return "\n".join(rows)


def erase(scene: Scene, zoe: Actor, typed: str = LOGIN, actor: Actor | None = None) -> bool:
    by = actor or scene.teacher
    return erasing.erase_student(scene.session, scene.clock, by, scene.course_id, zoe.user_id, typed)


def test_the_file_holds_all_and_the_student_reads_no_key(scene: Scene, zoe: Actor) -> None:
    data = personal_data.export_student(scene.session, scene.clock, scene.teacher, scene.course_id, zoe.user_id)
    with zipfile.ZipFile(io.BytesIO(personal_data.as_archive(data))) as archive:
        read = json.loads(archive.read("data.json"))
        assert archive.namelist() == ["data.json", "README.txt"]
    assert read == data
    assert (read["person"]["name"], read["person"]["email"]) == (NAME, EMAIL)
    assert read["submissions"][0]["responses"] == {"a": "hard", "b": "wrong"}
    assert [one["cause"] for one in read["gradings"]] == ["judged", "marked"]
    assert read["marks"][0]["reason"] == "seen in class"
    assert read["drafts"][0]["responses"] == {"a": "half a thought"}
    assert read["attempts"][0]["seed"]
    mine = personal_data.export_student(scene.session, scene.clock, zoe, scene.course_id, zoe.user_id)
    assert "reason" not in mine["marks"][0]
    assert "seed" not in mine["attempts"][0]
    assert mine["attempts"][0]["problem_version"]
    entries = scene.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "person.exported").order_by(AuditEntry.id)
    ).all()
    assert [entry.actor_id for entry in entries] == [scene.teacher.user_id, zoe.user_id]


def test_an_exam_stays_sealed_until_it_is_released(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada, Policy(exam=True))
    submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, {"a": "wrong"})
    mine = personal_data.export_student(scene.session, scene.clock, ada, scene.course_id, ada.user_id)
    assert mine["submissions"][0]["responses"] == {"a": "wrong"}
    assert (mine["gradings"], mine["attempts"][0].get("score")) == ([], None)
    whole = personal_data.export_student(scene.session, scene.clock, scene.teacher, scene.course_id, ada.user_id)
    assert len(whole["gradings"]) == 1


def test_only_the_student_and_instructors_get_the_file(scene: Scene, zoe: Actor) -> None:
    for other in (scene.add_person("assistant"), scene.add_person()):
        with pytest.raises(Forbidden):
            personal_data.export_student(scene.session, scene.clock, other, scene.course_id, zoe.user_id)


@pytest.mark.parametrize("keeps", [False, True])
def test_nothing_says_who_it_was(scene: Scene, zoe: Actor, keeps: bool) -> None:
    session, clock = scene.session, scene.clock
    if keeps:
        people.set_keeping(session, clock, scene.teacher, scene.course_id, keeps_answers=True)
    assert erase(scene, zoe, f" {LOGIN.upper()} ") is keeps
    left = everything(scene)
    for personal in (NAME, LOGIN, EMAIL):
        assert personal not in left
    assert ("Good start." in left) is keeps
    assert ("hard" in left) is keeps
    with pytest.raises(Unauthenticated):
        users.authenticate(session, clock, LOGIN, PASSWORD)
    with pytest.raises(NotFound):
        users.user(session, zoe.user_id)
    assert results.course_results(session, scene.teacher, scene.course_id).rows == ()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.erased")).one()
    assert (entry.actor_id, entry.subject_id, entry.details) == (
        scene.teacher.user_id,
        zoe.user_id,
        {"answers_kept": keeps},
    )
    with pytest.raises(NotFound):
        erase(scene, zoe, f"erased-{zoe.user_id}")
    users.register(session, clock, LOGIN, NAME, PASSWORD)  # the log-in name is free again


def test_the_log_in_name_has_to_be_typed(scene: Scene, zoe: Actor) -> None:
    for typed in ("", "zoe", NAME):
        with pytest.raises(InvalidRequest, match="to confirm"):
            erase(scene, zoe, typed)
    assert scene.session.get_one(User, zoe.user_id).name == NAME


def test_who_is_in_another_teachers_course_is_left_to_the_staff(scene: Scene, zoe: Actor) -> None:
    session, clock = scene.session, scene.clock
    other = Scene(session, clock)
    courses.enrol(session, clock, other.teacher, other.course_id, LOGIN)
    plain = scene.add_person("instructor")
    with pytest.raises(Conflict, match="somebody of the staff"):
        erase(scene, zoe, actor=plain)
    assert erase(scene, zoe) is False  # the teacher of the scene is staff


def test_only_students_are_erased_and_only_by_instructors(scene: Scene, zoe: Actor) -> None:
    with pytest.raises(Forbidden):
        erase(scene, zoe, actor=scene.add_person("assistant"))
    people.change_role(scene.session, scene.clock, scene.teacher, scene.course_id, zoe.user_id, "assistant")
    with pytest.raises(Conflict, match="Only students"):
        erase(scene, zoe)
    secret, _ = invitations.invite(scene.session, scene.clock, scene.teacher, scene.course_id, 3)
    assert invitations.welcome(scene.session, scene.clock, secret)


def test_what_a_former_assistant_made_for_the_course_stays(scene: Scene) -> None:
    session, clock, now = scene.session, scene.clock, scene.clock()
    max_ = scene.add_person("instructor")
    assignment = scene.add_assignment()
    version = session.scalars(select(ProblemVersion.id)).one()
    invitations.invite(session, clock, max_, scene.course_id, 30)
    made = {"author_id": max_.user_id, "created": now}
    with writing(session):
        problem = keep(session, now, "own-problem", scene.course_id)
        place = {"course_id": scene.course_id, "problem_version_id": version, "part": "a", "mark": "m", "rule": {}}
        counts = {"total": 0, "done": 0, "cursor": 0, "versions": {}}
        session.add_all(
            (
                ProblemSave(problem_id=problem.id, problem_version_id=version, title="Own", source="id: x", **made),
                ProblemSweep(
                    problem_id=problem.id, source="id: x", seeds=1, done=1, distinct=1, findings=[], failure="", **made
                ),
                Regrade(
                    assignment_id=assignment.id,
                    policy="exact",
                    basis="engine",
                    reason="a slip",
                    state="applied",
                    applied_by=max_.user_id,
                    **counts,
                    **made,
                ),
                ClusterRule(feedback=None, share=None, ended=now, ended_by=max_.user_id, **place, **made),
                Webhook(course_id=scene.course_id, url="https://x", kinds=[], secret="s", reason="", **made),
                LtiInvitation(hash="h", **made),
            )
        )
    tokens.create_token(session, clock, max_, "mine", ["results:read"])
    people.change_role(session, clock, scene.teacher, scene.course_id, max_.user_id, "student")
    before = counted(session)
    login = session.get_one(User, max_.user_id).login
    erasing.erase_student(session, clock, scene.teacher, scene.course_id, max_.user_id, login)
    after = counted(session)
    assert {table: before[table] - after[table] for table in before if before[table] > after[table]} == {"tokens": 1}
    assert session.scalars(select(Regrade.applied_by)).one() == max_.user_id
    assert session.scalars(select(ClusterRule.ended_by)).one() == max_.user_id


def counted(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in schema.metadata.sorted_tables
    }


def test_for_every_table_it_is_known_what_goes_with_a_person() -> None:
    """A new reference to a person is to somebody whom the row is about, or to its author."""
    references = {
        f"{table.name}.{key.parent.name}"
        for table in schema.metadata.sorted_tables
        if table.name not in KEPT
        for key in table.foreign_keys
        if key.column.table.name == "users" and key.parent.name not in AUTHORS
    }
    assert references == {
        "extensions.student_id",
        "idempotency_keys.user_id",
        "invitations.user_id",
        "lti_grades.student_id",
        "lti_people.user_id",
        "lti_tickets.user_id",
        "oauth_clients.user_id",
        "tokens.user_id",
    }
