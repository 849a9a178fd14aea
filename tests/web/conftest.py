"""The application on a real database with the demo course, and browsers' worth of clients for it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from grader.bank.loading import Bank
from grader.config import load_config
from grader.grading import Result, grade
from grader.services.demo import DEMO_PASSWORD, create_demo
from grader.services.problems import source_of
from grader.store import schema
from grader.store.courses import Course
from grader.store.database import open_engine, open_sessions
from grader.web.app import create_app
from grader.web.variants import variant_at
from tests.factories import SteadyClock
from tests.small_bank import small_bank

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="session")
def bank() -> Bank:
    return small_bank()


def judge(source: str, seed: int, responses: Mapping[str, str]) -> Result:
    return grade(variant_at(source, seed), responses)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory, bank: Bank) -> Path:
    """An SQLite database with the demo course, made once; tests get copies."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with open_sessions(engine)() as session:
        create_demo(session, SteadyClock(), [source_of(problem) for problem in bank.problems.values()])
        session.execute(update(Course).values(secret="c" * 64))  # the same variants in every run
        session.commit()
    engine.dispose()
    return path


@pytest.fixture
def database_url(demo_file: Path, tmp_path: Path) -> str:
    """The demo course; the services are tested on both databases, the pages on top of them on one."""
    path = tmp_path / "grader.sqlite3"
    shutil.copy(demo_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def app(database_url: str, sessions: sessionmaker[Session], bank: Bank, clock: SteadyClock) -> Flask:
    config = load_config({"GRADER_DATABASE_URL": database_url, "GRADER_SECRET_KEY": "s" * 40})
    return create_app(config, sessions, bank, judge, clock)


@dataclass
class Visitor:
    """A person at a browser without scripts: follows pages, sends forms with their tokens."""

    client: FlaskClient

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, buffered=True)  # a file that is sent is closed

    def page(self, address: str) -> str:
        response = self.client.get(address, follow_redirects=True)
        assert response.status_code == 200, (address, response.status_code)
        return response.text

    def post(self, address: str, fields: Mapping[str, str], token_from: str = "/help/notation") -> TestResponse:
        token = TOKEN.search(self.page(token_from))
        assert token is not None
        return self.client.post(address, data={"csrf_token": unescape(token[1]), **fields})

    def log_in(self, login: str) -> None:
        response = self.post("/login", {"login": login, "password": DEMO_PASSWORD}, "/login")
        assert response.status_code == 302, response.text

    def attempt(self, problem_id: str, assignment_id: int) -> str:
        """The address of the attempt at a problem."""
        response = self.get(f"/assignments/{assignment_id}/problems/{problem_id}")
        assert response.status_code == 302, response.text
        return response.location


@pytest.fixture
def anonymous(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def student(app: Flask) -> Visitor:
    visitor = Visitor(app.test_client())
    visitor.log_in("ada")
    return visitor


@pytest.fixture
def teacher(app: Flask) -> Visitor:
    visitor = Visitor(app.test_client())
    visitor.log_in("instructor")
    return visitor
