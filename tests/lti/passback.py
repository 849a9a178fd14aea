"""A course with a link to an assignment, the gradebook of its platform, and the courier between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.lti import claims as names
from grader.lti.calling import open_client
from grader.services import attempts, lti_platforms, submissions
from grader.services.lti_grades import Courier
from grader.services.lti_platforms import NewPlatform
from grader.services.policies import Policy
from grader.store.lti_grades import LtiGrade
from grader.store.lti_links import LtiContext, LtiLink, LtiPerson
from grader.store.lti_platforms import LtiDeployment
from tests.factories import Scene, SteadyClock, grade_words, make_user
from tests.lti.gradebook import Gradebook, serving

SECRET = "s" * 40


@dataclass
class Passback:
    """A course with a link to an assignment of one problem, and the gradebook of its platform."""

    scene: Scene
    session: Session
    clock: SteadyClock
    book: Gradebook
    courier: Courier
    platform_id: int
    assignment_id: int
    problem_id: str

    def student(self, subject: str) -> Any:
        actor = self.scene.add_person()
        row = LtiPerson(platform_id=self.platform_id, subject=subject, user_id=actor.user_id, created=self.clock())
        self.session.add(row)
        self.session.commit()
        return actor

    def answer(self, student: Any, a: str, b: str = "") -> None:
        args = (self.session, self.clock)
        attempt = attempts.open_attempt(*args, student, self.assignment_id, self.problem_id)
        submissions.submit(*args, grade_words, student, attempt.id, {"a": a, "b": b})

    def send(self) -> None:
        """All that is due now."""
        self.session.rollback()
        for _ in range(100):
            if not self.courier.send_next():
                return
        pytest.fail("grades are sent without end")

    def states(self) -> list[str]:
        self.session.rollback()  # see what others have written since
        return list(self.session.scalars(select(LtiGrade.state).order_by(LtiGrade.id)))


Begin = Callable[..., Passback]


@pytest.fixture
def begin(session: Session, sessions: sessionmaker[Session], clock: SteadyClock) -> Iterator[Begin]:
    book, client = Gradebook(), open_client()

    def begin(policy: Policy | None = None, **link: Any) -> Passback:
        scene = Scene(session, clock)
        staff = make_user(session, clock, is_staff=True)
        addresses = (f"{book.address}/authorize", f"{book.address}/token", f"{book.address}/keys")
        new = NewPlatform("LMS", "https://lms.example", "client-a", *addresses, ("deployment-1",))
        lti_platforms.add_platform(session, clock, staff, new)
        book.keys = dict(lti_platforms.published_keys(session, clock, SECRET))
        assignment = scene.add_assignment(policy)
        deployment = session.scalars(select(LtiDeployment)).one()
        context = LtiContext(
            deployment_id=deployment.id,
            context="c",
            course_id=scene.course_id,
            title="C",
            roster_url="",
            created=clock(),
        )
        session.add(context)
        session.flush()
        values = {
            "line_item": "",
            "line_items": f"{book.address}/items",
            "scopes": [names.SCOPE_SCORE, names.SCOPE_LINE_ITEM],
        } | link
        session.add(
            LtiLink(
                deployment_id=deployment.id,
                context_id=context.id,
                resource_link="link-1",
                assignment_id=assignment.id,
                problem="",
                created=clock(),
                **values,
            )
        )
        session.commit()
        courier = Courier(sessions, clock, client, SECRET, Random(1))
        problem = assignment.problems[0].problem_id
        return Passback(scene, session, clock, book, courier, deployment.platform_id, assignment.id, problem)

    with serving(book), client:
        yield begin
