"""The API on a real database with the demo course, and callers with tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.bank.loading import Bank, load_bank
from grader.config import load_config
from grader.grading import Result, grade
from grader.pairs import Judgement, Pair, judge
from grader.services import tokens
from grader.services.access import SCOPES, Actor
from grader.services.demo import create_demo
from grader.services.problems import source_of
from grader.store import users
from grader.web.app import create_app
from grader.web.variants import variant_at
from tests.factories import SteadyClock

PROBLEMS = Path(__file__).parents[2] / "problems"
PROBLEM_MEDIA = "application/problem+json"


@pytest.fixture(scope="session")
def bank() -> Bank:
    return load_bank([PROBLEMS])


def grade_here(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    return grade(variant_at(source, seed), responses)


def judge_here(pair: Pair) -> Judgement:
    return judge(pair)


@pytest.fixture
def course_id(sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> int:
    """The demo course."""
    with sessions() as session:
        return create_demo(session, clock, [source_of(one) for one in bank.problems.values()]).course_id


@pytest.fixture
def app(database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock, course_id: int) -> Flask:
    assert course_id
    config = load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40})
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
            person = users.by_login(session, login)
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
    return callers.of("instructor")


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
