"""Whether the server lives and whether it can serve."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from grader.store import schema
from grader.web.state import database, state

health = Blueprint("health", __name__)
LOG = logging.getLogger(__name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """It can serve: the database answers and is up to date, the judge runs."""
    found = {"database": _database(), "judge": "ok" if state().judge_runs() else "is not running"}
    is_ready = all(said == "ok" for said in found.values())
    return jsonify(status="ok" if is_ready else "unavailable", **found), 200 if is_ready else 503


def _database() -> str:
    try:
        bound = database().get_bind()
        return "ok" if schema.is_current(bound.engine) else "is not up to date"
    except SQLAlchemyError as fault:
        LOG.error("the database does not answer: %s", type(fault).__name__)  # noqa: TRY400 - said every few seconds
        return "does not answer"
