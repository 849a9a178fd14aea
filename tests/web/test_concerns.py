"""What a person should look at is on the teacher's pages and not on the student's."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from grader.checking.verdict import Contradiction
from grader.services import gradings
from grader.store.database import writing
from grader.store.quarantine import Fault, strike
from grader.store.submissions import work
from tests.factories import SteadyClock
from tests.web.conftest import Visitor
from tests.web.test_pages import submit_right

CLAIMS = ("equal: <b>proved</b>", "different: At x = 1.")


def test_teachers_see_contradictions_and_quarantine(
    app: Flask, student: Visitor, teacher: Visitor, sessions: sessionmaker[Session], clock: SteadyClock
) -> None:
    submit_right(app, student, sessions, clock)
    with sessions() as session, writing(session):
        part, response = next(iter(work(session, 1).responses.items()))
        gradings.mark_contradiction(session, clock(), 1, part, Contradiction(*CLAIMS), "1")
        found = work(session, 1)
        strike(session, clock(), 1, (found.problem_version_id, found.seed), Fault(part, response, 2, "it was slow"))
    for address in ("/courses/1/queue/1", "/submissions/1"):
        page = teacher.page(address)
        assert "equal: &lt;b&gt;proved&lt;/b&gt; different: At x = 1." in page
        assert "because it was slow" in page
    assert "1 answer waits for a person" in teacher.page("/courses/1/results")
    assert "/courses/1/queue/1" in teacher.page("/courses/1/queue")
    seen = student.page("/submissions/1")
    assert "contradict" not in seen
    assert "quarantine" not in seen
