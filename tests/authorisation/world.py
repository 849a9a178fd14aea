"""Three courses with people in every role and one thing of each kind, and who asks for them.

`own` is the course of the people in the tables, `other` one of the same institution, `foreign` one that came from a
learning platform and has nobody in common with them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader import queue
from grader.bank.variants import make_variant
from grader.lti.messages import Context, Launch, Person
from grader.lti.roles import CourseRole
from grader.services import (
    assignments,
    attempts,
    authoring,
    clusters,
    courses,
    extensions,
    invitations,
    lti_courses,
    lti_platforms,
    marking,
    practice,
    regrades,
    reviews,
    submissions,
    tokens,
    users,
    webhooks,
)
from grader.services.access import ROLES, SCOPES, Actor
from grader.services.assignments import ChosenProblem
from grader.services.background import handlers
from grader.services.clusters import Place
from grader.services.examining import examine
from grader.services.lti_platforms import NewPlatform
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.services.regrade_plans import RegradePolicy
from grader.services.regrades import Basis, Request
from grader.services.webhooks import KINDS
from grader.store import enrolments
from grader.store.database import writing
from grader.store.jobs import Job
from grader.store.tokens import Token
from grader.store.users import User
from grader.worker import EmbeddedWorker
from tests.api.conftest import grade_here
from tests.bank.samples import SOUND
from tests.factories import SteadyClock
from tests.small_bank import small_bank

MATRIX, SLOPE, WRITTEN, CHOICE = (
    "jacobian-polynomial-map",
    "derivative-polynomial",
    "explain-two-modes",
    "critical-point-of-quadratic",
)
SECRET = "s" * 40
NOBODY = 2**31 - 1
CLASSMATE, OUTSIDER, FOREIGNER, STAFF = "classmate", "outsider", "foreigner", "staff"
NOTHING_HAS = {"mark": "0" * 12, "secret": "x" * 32, "own_id": "no-such-problem", "login": "nobody-at-all"}
Ids = Mapping[str, Any]
"""What a course has, by the names that routes give to it."""
Holder = tuple[str, str, str]
"""Whose token, for which scopes ("all", "all but X" or one), and for which course ("" or "own")."""


@dataclass(frozen=True)
class World:
    """What is in the database: people by their role, tokens by their holder, things by their course."""

    people: Mapping[str, int]
    tokens: Mapping[Holder, str]
    own: Ids
    other: Ids
    foreign: Ids

    @property
    def nothing(self) -> Ids:
        """Ids of the same form that nothing has."""
        found = {name: NOBODY if isinstance(value, int) else value for name, value in self.own.items()}
        return {**found, **NOTHING_HAS}


@dataclass(frozen=True)
class Kept:
    """A database file that can be put back to how it was."""

    file: Path
    memory: sqlite3.Connection

    @classmethod
    def of(cls, file: Path) -> Kept:
        memory = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(file)) as present:
            present.backup(memory)
        return cls(file, memory)

    def restore(self) -> None:
        with closing(sqlite3.connect(self.file)) as present:
            self.memory.backup(present)


@dataclass
class Builder:
    """Makes the world."""

    sessions: sessionmaker[Session]
    session: Session
    clock: SteadyClock
    staff: Actor

    def world(self) -> World:
        own_id, people = self._course("own")
        other_id, others = self._course("other")
        foreign_id, foreigners, platform_id = self._launched()
        shared = {"problem_id": MATRIX, "part_id": "jacobian", "filename": "style.css", "platform_id": platform_id}
        shared["job_id"] = self._dead_job()
        places = [
            {**self._fill(course_id, folk), **shared, "login": self._login(folk[CLASSMATE])}
            for course_id, folk in ((own_id, people), (other_id, others), (foreign_id, foreigners))
        ]
        asking = {**people, OUTSIDER: others["instructor"], FOREIGNER: foreigners["instructor"], STAFF: self.staff}
        made = self._tokens(asking, own_id)
        return World({role: one.user_id for role, one in asking.items()}, made, *places)

    def _dead_job(self) -> int:
        """Work in the background that waits for staff."""
        with writing(self.session):
            queue.put(self.session, self.clock(), "nothing", {}, key="dead")
            job = self.session.scalars(select(Job).filter_by(key="dead")).one()
            job.state = "dead"
            return job.id

    def _person(self, login: str) -> Actor:
        return Actor(users.register(self.session, self.clock, login, login.title(), None).id)

    def _login(self, actor: Actor) -> str:
        return self.session.get_one(User, actor.user_id).login

    def _course(self, name: str) -> tuple[int, dict[str, Actor]]:
        """A course with people in every role; the member of staff who made it is not in it."""
        people = {role: self._person(f"{name}-{role}") for role in (*ROLES, CLASSMATE)}
        made = courses.create_course(self.session, self.clock, self.staff, f"The {name} course")
        for role in people:
            meant = role if role in ROLES else "student"
            courses.enrol(self.session, self.clock, self.staff, made.id, f"{name}-{role}", meant)
        with writing(self.session):
            enrolments.ever_in(self.session, made.id, [self.staff.user_id])[self.staff.user_id].ended = self.clock()
        return made.id, people

    def _launched(self) -> tuple[int, dict[str, Actor], int]:
        """A course that came from a platform, whose people have log-ins of the platform's making."""
        addresses = [f"https://platform.example/{path}" for path in ("authorize", "token", "keys")]
        new = NewPlatform("Elsewhere", "https://platform.example", "client-1", *addresses, deployments=("1",))
        platform = lti_platforms.add_platform(self.session, self.clock, self.staff, new).platform
        people: dict[str, Actor] = {}
        for role in (*reversed(ROLES), CLASSMATE):
            meant = CourseRole(role if role in ROLES else "student")
            person, context = Person(f"subject-{role}", f"Foreign {role}"), Context("c1", "The foreign course")
            target = "https://grader.example/lti/launch"
            launch = Launch(platform, "1", "LtiResourceLinkRequest", target, person, meant, context)
            arrival = lti_courses.arrive(self.session, self.clock, launch)
            people[role] = arrival.actor
        return arrival.course_id, people, platform.id

    def _fill(self, course_id: int, people: Mapping[str, Actor]) -> dict[str, Any]:
        """One thing of each kind in a course."""
        session, clock, teacher, student = self.session, self.clock, people["instructor"], people["student"]
        chosen = [ChosenProblem(source_of(small_bank().problems[one])) for one in (MATRIX, SLOPE, WRITTEN)]
        rules = Policy(tries=9, practice=True, due=clock().replace(year=2030))
        made = assignments.create_assignment(session, clock, teacher, course_id, "First", chosen, rules)
        hook = webhooks.create_webhook(session, clock, teacher, SECRET, course_id, "https://lms.example/", KINDS)
        sent = self._answer(made.id, student)
        self._answer(made.id, people[CLASSMATE])
        extensions.extend(session, clock, teacher, made.id, student.user_id, clock().replace(year=2031), 10)
        authoring.add_problem(session, clock, teacher, course_id, SOUND, examine(SOUND, 1))
        secret, invitation = invitations.invite(session, clock, teacher, course_id, 3)
        applied, ready = self._regrade(teacher, made.id, apply=True), self._regrade(teacher, made.id)
        marking.mark(session, clock, teacher, sent.id, {"jacobian": marking.Given("0.5", reason="A slip.")})
        cluster = clusters.clusters_of(session, clock, teacher, Place(made.id, SLOPE)).clusters[0]
        sources = [source_of(small_bank().problems["derivative-chain-power"])]
        return {
            "course_id": course_id,
            "assignment_id": made.id,
            "student_id": student.user_id,
            "student_login": self._login(student),
            "person_id": student.user_id,
            "attempt_id": sent.attempt_id,
            "submission_id": sent.id,
            "slope_attempt_id": sent.attempt_id + 1,
            "exam_id": assignments.create_assignment(
                session, clock, teacher, course_id, "Exam", chosen[:1], Policy(exam=True)
            ).id,
            "regrade_id": ready,
            "applied_id": applied,
            "webhook_id": hook.id,
            "delivery_id": webhooks.list_deliveries(session, teacher, hook.id)[0].id,
            "review_id": reviews.first(session, teacher, course_id, None),
            "invitation_id": invitation.id,
            "secret": secret,
            "own_id": "slope-of-a-parabola",
            "mark": cluster.mark,
            "practice_id": practice.begin(session, clock, student, course_id, "derivatives", sources),
        }

    def _answer(self, assignment_id: int, student: Actor) -> submissions.SubmissionView:
        """What the student sends in to each problem; the submission to the first one."""
        session, clock = self.session, self.clock
        found = {}
        for view in attempts.open_attempts(session, clock, student, assignment_id):
            numbers = make_variant(small_bank().problems[view.problem_id], view.seed).parameters
            answers = {
                MATRIX: {"jacobian": "[[1, 2], [3, 4]]"},
                SLOPE: {"derivative": "({a})*x^({n}) + sin(x)".format(**numbers)} if view.problem_id == SLOPE else {},
                WRITTEN: {"matrix": "1/2", "compare": "Row by row."},
            }[view.problem_id]
            found[view.problem_id] = submissions.submit(session, clock, grade_here, student, view.id, answers)
        session.commit()
        return found[MATRIX]

    def _regrade(self, teacher: Actor, assignment_id: int, *, apply: bool = False) -> int:
        """A regrade that is ready to be applied, or was."""
        wanted = Request(RegradePolicy("exact"), Basis("engine"), "")
        made = regrades.propose(self.session, self.clock, teacher, assignment_id, wanted)
        self._work()
        if apply:
            regrades.apply(self.session, self.clock, teacher, made)
            self._work()
        return made

    def _work(self) -> None:
        self.session.commit()
        EmbeddedWorker(self.sessions, self.clock, grade_here, handlers(self.clock, grade_here)).run_once()

    def _tokens(self, people: Mapping[str, Actor], own_id: int) -> dict[Holder, str]:
        """Each person's for all scopes, each one, and all but each one; the instructor's also for the course alone."""
        sets = {"all": set(SCOPES), **{scope: {scope} for scope in SCOPES}}
        sets |= {f"all but {scope}": set(SCOPES) - {scope} for scope in SCOPES}
        with writing(self.session):
            found = {
                (role, name, ""): self._token(person, scopes, None)
                for role, person in people.items()
                for name, scopes in sets.items()
            }
            found["instructor", "all", "own"] = self._token(people["instructor"], set(SCOPES), own_id)
            for token in self.session.scalars(select(Token)):
                token.last_used = self.clock()  # noting it would make every request write
        return found

    def _token(self, person: Actor, scopes: set[str], course_id: int | None) -> str:
        return tokens.create_token(self.session, self.clock, person, "table", scopes, course_id)[0]
