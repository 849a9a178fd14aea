"""Erasing a person takes their words out of what people wrote, and touches nothing that programs read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Text, select, text
from sqlalchemy.orm import Session

from grader.errors import InvalidRequest
from grader.services import courses, erasing, marking, people, submissions, users
from grader.services.access import Actor
from grader.services.marking import Given
from grader.store.base import Base, JsonText
from grader.store.clusters import ClusterRule
from grader.store.database import writing
from grader.store.events import OutboxEvent
from grader.store.gradings import Grading
from grader.store.jobs import Job
from grader.store.lti_platforms import LtiPlatform
from grader.store.manual_marks import ManualMark
from grader.store.problems import ProblemVersion
from grader.store.redacting import WRITTEN, own_words
from grader.store.regrades import Regrade
from grader.store.submissions import Submission
from grader.store.tokens import Token
from grader.store.users import User
from grader.store.webhooks import Webhook, WebhookDelivery
from tests.factories import Scene, SteadyClock, grade_words

NAME = "Zoe Zimmermann"
HASH = "123456abcdef123456"


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def add_student(scene: Scene, login: str, name: str = NAME, email: str | None = None) -> Actor:
    made = Actor(users.register(scene.session, scene.clock, login, name, None).id)
    scene.session.get_one(User, made.user_id).email = email
    scene.session.commit()
    courses.enrol(scene.session, scene.clock, scene.teacher, scene.course_id, login)
    return made


def furnish(scene: Scene, who: str) -> None:
    """What programs read, and beside it sentences in which somebody is named."""
    now = scene.clock()
    assignment = scene.add_assignment()
    version = scene.session.scalars(select(ProblemVersion.id)).first()
    about = {"policy": "never_lower", "submission_id": 123456, "student_id": 7, "reason": f"{who} has asked"}
    body = json.dumps({"type": "grade.changed", "timestamp": now.isoformat(), "data": about}, separators=(",", ":"))
    address = "https://canvas.instructure.com"
    rule = {"mistake": "constant-factor", "where": [], "pattern": None, "seed": 1234561234561234, "answer": "123456*x"}
    with writing(scene.session):
        hook = Webhook(
            course_id=scene.course_id,
            author_id=scene.teacher.user_id,
            url=address,
            kinds=["grade.changed"],
            secret=HASH,
            reason="",
            created=now,
        )
        scene.session.add(hook)
        scene.session.flush()
        scene.session.add_all(
            (
                LtiPlatform(
                    issuer=address,
                    client_id="123456",
                    name="Canvas",
                    authorization_url=address,
                    token_url=address,
                    keyset_url=address,
                    audience=address,
                    created=now,
                ),
                Token(
                    user_id=scene.teacher.user_id,
                    name="student_id",
                    hint="123456",
                    hash=HASH,
                    scopes=["results:read"],
                    created=now,
                ),
                OutboxEvent(course_id=scene.course_id, kind="grade.changed", payload=about, created=now),
                WebhookDelivery(
                    webhook_id=hook.id,
                    message_id="msg_123456",
                    kind="grade.changed",
                    body=body,
                    state="sent",
                    tries=0,
                    due=now,
                    status=0,
                    reason="",
                    created=now,
                ),
                Regrade(
                    assignment_id=assignment.id,
                    author_id=scene.teacher.user_id,
                    policy="never_lower",
                    basis="engine",
                    reason=f"{who} has asked",
                    state="ready",
                    versions={},
                    total=0,
                    done=0,
                    cursor=0,
                    created=now,
                ),
                ClusterRule(
                    course_id=scene.course_id,
                    problem_version_id=version,
                    part="a",
                    mark=HASH,
                    rule=rule,
                    feedback=f"As {who} saw",
                    share=None,
                    author_id=scene.teacher.user_id,
                    created=now,
                ),
                Job(kind="x", payload={"submission": 123456}, state="dead", due=now, taken=8, created=now, error=who),
            )
        )


def stored(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables as they are stored, in no type of ours."""
    return {
        table.name: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{table.name}" ORDER BY 1')).all()]
        for table in Base.metadata.sorted_tables
    }


def changes(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]) -> int:
    """In how many fields the rows of a table differ."""
    return sum(old != new for was, row in zip(before, after, strict=True) for old, new in zip(was, row, strict=True))


ODD = ("canvas.instructure.com", "123456", "never_lower", "student_id", "constant-factor", "grade.changed")


@pytest.mark.parametrize("login", ODD)
@pytest.mark.parametrize("keeps", [False, True])
def test_only_sentences_lose_the_words_of_who_is_erased(scene: Scene, login: str, keeps: bool) -> None:
    """However a log-in name is chosen, and whatever an address was when none was checked."""
    session, clock = scene.session, scene.clock
    add_student(scene, "ada")
    zoe = add_student(scene, login, email="e")
    furnish(scene, login)
    people.set_keeping(session, clock, scene.teacher, scene.course_id, keeps_answers=keeps)
    before = stored(session)
    erasing.erase_student(session, clock, scene.teacher, scene.course_id, zoe.user_id, login)
    session.commit()
    after = stored(session)
    spoken = {"events": 1, "webhook_deliveries": 1, "regrades": 1, "cluster_rules": 1, "jobs": 1}
    changed = {table: changes(before[table], after[table]) for table in before if table not in {"users", "audit"}}
    assert {table: number for table, number in changed.items() if number} == {**spoken, "enrolments": 1}  # its end
    sentences = [
        session.scalars(select(Regrade.reason)).one(),
        session.scalars(select(ClusterRule.feedback)).one(),
        session.scalars(select(OutboxEvent.payload).where(OutboxEvent.kind == "grade.changed")).one()["reason"],
        json.loads(session.scalars(select(WebhookDelivery.body)).one())["data"]["reason"],
        session.scalars(select(Job.error).where(Job.kind == "x")).one(),
    ]
    asked = "[erased] has asked"
    assert sentences == [asked, "As [erased] saw", asked, asked, "[erased]"]
    assert session.scalars(select(ClusterRule.rule)).one()["seed"] == 1234561234561234


def test_words_are_found_by_themselves_and_with_a_genitive(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    zoe = add_student(scene, "zz-12", "Zoë Z. Zimmermann", "zoe@example.org")
    attempt = scene.open(zoe)
    typed = "Zoë Z. Zimmermanns, (zz-12) zz-123 zzz-12, zoe@example.org. Zoë Zimmermann"
    sent = submissions.submit(session, clock, grade_words, zoe, attempt.id, {"a": typed, "b": "right"})
    given = Given("1", "Well done, Zoë Z. Zimmermann!", "zz-12 asked")
    marking.mark(session, clock, scene.teacher, sent.id, {"a": given})
    people.set_keeping(session, clock, scene.teacher, scene.course_id, keeps_answers=True)
    erasing.erase_student(session, clock, scene.teacher, scene.course_id, zoe.user_id, "zz-12")
    left = session.scalars(select(Submission.responses)).one()
    assert left == {"a": "[erased], ([erased]) zz-123 zzz-12, [erased]. Zoë Zimmermann", "b": "right"}
    assert session.execute(select(ManualMark.comment, ManualMark.reason)).one() == (
        "Well done, [erased]!",
        "[erased] asked",
    )
    results = session.scalars(select(Grading.result).order_by(Grading.id)).all()
    assert "Zimmermann!" not in json.dumps(results)
    assert [result["parts"][0]["outcome"] for result in results] == ["different", "marked"]


def test_another_course_keeps_its_words(scene: Scene) -> None:
    """Whoever has the same log-in name in mind there means somebody else."""
    session, clock = scene.session, scene.clock
    zoe = add_student(scene, "chain-rule")
    elsewhere = Scene(session, clock)
    furnish(elsewhere, "chain-rule")
    erasing.erase_student(session, clock, scene.teacher, scene.course_id, zoe.user_id, "chain-rule")
    assert session.scalars(select(ClusterRule.feedback)).one() == "As chain-rule saw"
    assert session.scalars(select(Regrade.reason)).one() == "chain-rule has asked"


def test_what_is_looked_for() -> None:
    assert own_words(NAME, "zoe.zimmermann", "zoe@example.org") == (NAME, "zoe.zimmermann", "zoe@example.org")
    assert own_words("Zoe", "zimmermann", None) == ()  # plain words
    assert own_words("A B", "z-12", "e") == ()  # too short to mean anybody


@pytest.mark.parametrize("email", ["e", "zoe", "zoe@example", "a b@example.org", "a@b.c" + "c" * 300, "a@b.c\x00"])
def test_an_address_is_one(session: Session, clock: SteadyClock, email: str) -> None:
    with pytest.raises(InvalidRequest, match="no e-mail address") as caught:
        users.register(session, clock, "zoe", NAME, None, email=email)
    assert caught.value.field == "email"


def test_every_column_of_remarks_is_known() -> None:
    """A new column in which people write has to be named there, or here with its reason."""
    of_machines = {
        ("lti_grades", "reason"),  # goes with the person
        ("webhooks", "reason"),  # why it was disabled
        ("webhook_deliveries", "reason"),  # what a server answered
        ("verdicts", "response"),  # a hash
        ("verdicts", "result"),  # forgotten where it holds a word
    }
    names = {"comment", "reason", "note", "feedback", "response", "responses", "result", "results", "error", "payload"}
    found = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.c
        if column.name in names and isinstance(column.type, JsonText | Text)
    }
    known = {(table, column) for table, columns in WRITTEN.items() for column in columns}
    assert found - known - of_machines == {("jobs", "payload")}  # numbers alone
