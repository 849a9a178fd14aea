"""The application on a database that is put back after each request that changed it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from grader.config import load_config
from grader.services import users
from grader.services.access import Actor
from grader.store.database import open_engine, open_sessions
from grader.web.app import create_app
from tests.api.conftest import grade_here, judge_here
from tests.authorisation.world import SECRET, Builder, Kept, World
from tests.factories import SteadyClock
from tests.small_bank import small_bank


@pytest.fixture(scope="module")
def clock() -> SteadyClock:
    return SteadyClock()


@pytest.fixture(scope="session")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The world, made once."""
    file, clock = tmp_path_factory.mktemp("authorisation") / "world.sqlite3", SteadyClock()
    shutil.copy(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    sessions = open_sessions(engine)
    with sessions() as session:
        staff = Actor(users.register(session, clock, "staff", "Staff", None, is_staff=True).id)
        world = Builder(sessions, session, clock, staff).world()
    engine.dispose()
    return file, world


@pytest.fixture(scope="session")
def world(built: tuple[Path, World]) -> World:
    return built[1]


@pytest.fixture(scope="module")
def kept(built: tuple[Path, World]) -> Kept:
    return Kept.of(built[0])


@pytest.fixture(scope="module")
def app(built: tuple[Path, World], kept: Kept, clock: SteadyClock) -> Iterator[Flask]:
    url = f"sqlite:///{built[0]}"
    values = {"GRADER_DATABASE_URL": url, "GRADER_SECRET_KEY": SECRET, "GRADER_API_REQUESTS_PER_MINUTE": "1000000"}
    engine = open_engine(url)
    app = create_app(load_config(values), open_sessions(engine), small_bank(), grade_here, clock, judge_here)
    app.config["WTF_CSRF_ENABLED"] = False  # whether forms can be forged is tested in tests/web/test_security.py
    yield app
    engine.dispose()
    kept.restore()
