"""The API on a real database with the demo course, and callers with tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.bank.loading import Bank
from grader.config import Config, load_config
from grader.grading import Result, grade
from grader.pairs import Judgement, Pair, judge
from grader.services import assignments, courses, tokens, users
from grader.services.access import SCOPES, Actor
from grader.services.assignments import ChosenProblem
from grader.services.policies import Policy
from grader.services.problems import source_of
from grader.store.users import by_login
from grader.web.app import create_app
from grader.web.variants import variant_at
from tests.factories import SteadyClock
from tests.small_bank import small_bank

MATRIX_PROBLEM, CHOICE_PROBLEM = "jacobian-polynomial-map", "critical-point-of-quadratic"
PEOPLE = (("teacher", True), ("stranger", True), ("ada", False), ("ben", False), ("chen", False))
PROBLEM_MEDIA = "application/problem+json"


@pytest.fixture(scope="session")
def bank() -> Bank:
    return small_bank()


def grade_here(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    return grade(variant_at(source, seed), responses)


def judge_here(pair: Pair) -> Judgement:
    return judge(pair)


@dataclass(frozen=True)
class Place:
    """What there is at the start: two courses, one of them with an assignment."""

    course_id: int
    assignment_id: int
    other_course_id: int


@pytest.fixture
def place(sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> Place:
    with sessions() as session:
        people = {
            login: users.register(session, clock, login, login.title(), None, is_staff=is_staff)
            for login, is_staff in PEOPLE
        }
        mine, other = Actor(people["teacher"].id), Actor(people["stranger"].id)
        course = courses.create_course(session, clock, mine, "Calculus")
        for login in ("ada", "ben"):
            courses.enrol(session, clock, mine, course.id, login)
        chosen = [ChosenProblem(source_of(bank.problem(one))) for one in (MATRIX_PROBLEM, CHOICE_PROBLEM)]
        assignment = assignments.create_assignment(session, clock, mine, course.id, "First", chosen, Policy(tries=3))
        return Place(course.id, assignment.id, courses.create_course(session, clock, other, "Elsewhere").id)


@pytest.fixture
def config(database_url: str) -> Config:
    return load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40})


@pytest.fixture
def app(config: Config, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock, place: Place) -> Flask:
    assert place
    return create_app(config, sessions, bank, grade_here, clock, judge_here)


@dataclass
class Caller:
    """A program with a token (or none)."""

    client: FlaskClient
    token: str = ""
    user_id: int = 0

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=given | named)

    def get(self, path: str, status: int = 200) -> Any:
        response = self.send("GET", path)
        assert response.status_code == status, response.text
        return response.get_json()

    def post(self, path: str, body: Any = None, status: int = 201, **headers: str) -> Any:
        response = self.send("POST", path, body, **headers)
        assert response.status_code == status, response.text
        return response.get_json()


@dataclass
class Callers:
    """Makes callers for the people of the database."""

    app: Flask
    sessions: sessionmaker[Session]
    clock: SteadyClock

    def of(self, login: str, *scopes: str, course_id: int | None = None) -> Caller:
        with self.sessions() as session:
            person = by_login(session, login)
            assert person is not None
            user_id = person.id
            token, _ = tokens.create_token(session, self.clock, Actor(user_id), "test", scopes or SCOPES, course_id)
        return Caller(self.app.test_client(), token, user_id)

    def nobody(self) -> Caller:
        return Caller(self.app.test_client())


@pytest.fixture
def callers(app: Flask, sessions: sessionmaker[Session], clock: SteadyClock) -> Callers:
    return Callers(app, sessions, clock)


@pytest.fixture
def teacher(callers: Callers) -> Caller:
    return callers.of("teacher")


@pytest.fixture
def ada(callers: Callers) -> Caller:
    return callers.of("ada")


def problem(response: TestResponse, status: int) -> Any:
    """The problem details of an error."""
    assert response.status_code == status, response.text
    assert response.content_type == PROBLEM_MEDIA
    details = response.get_json()
    assert details["status"] == status
    assert details["detail"]
    return details
