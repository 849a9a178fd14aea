"""What bench/load.py compares with: routes that only commit one row, on the same server, database and driver.

`app` is a Flask application with nothing else in it; `in_place` is ours with one more route, so that who asks is
known by a token, counted and logged, as with a submission.
"""

from __future__ import annotations

import os

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from pydantic import BaseModel
from sqlalchemy import text

from grader.bank.loading import Bank
from grader.cli.installation import now, opened
from grader.config import load_config
from grader.grading import Result
from grader.services.access import Actor
from grader.store.database import open_engine
from grader.web.api.routes import Reply, Route
from grader.web.app import create_app
from grader.web.state import database

INSERT = text("INSERT INTO bench_rows (word) VALUES ('row')")


class Committed(BaseModel):
    """The reply."""

    word: str = "row"


def app() -> Flask:
    """An application of this route alone; the table is made by bench/load.py."""
    engine = open_engine(os.environ["GRADER_DATABASE_URL"])
    bare = Flask("bare")

    @bare.post("/commit")
    def commit() -> tuple[str, int]:
        with engine.begin() as connection:
            connection.execute(INSERT)
        return "{}", 201

    @bare.get("/readyz")
    def ready() -> str:
        return "ok"

    return bare


def in_place() -> Flask:
    """Our application with this route in its API."""
    config = load_config(os.environ)
    ours = create_app(config, opened(config).sessions, Bank(), _grade_nothing, now)
    route = Route("POST", "/commit", _commit, "submissions:write", "Commit one row", {201: Committed})
    ours.add_url_rule("/api/v1/commit", "bare_commit", route.view, methods=["POST"])
    csrf: CSRFProtect = ours.extensions["csrf"]
    csrf.exempt(f"{route.view.__module__}.{route.view.__name__}")
    return ours


def _commit(_actor: Actor) -> Reply:
    session = database()
    session.execute(INSERT)
    session.commit()
    return Reply(Committed(), 201)


def _grade_nothing(*_: object) -> Result:
    message = "the bare route has nothing judged"
    raise AssertionError(message)
