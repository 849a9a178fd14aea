"""Whether the server lives and whether it can serve."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from grader.web.state import database

health = Blueprint("health", __name__)
LOG = logging.getLogger(__name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database answers, too."""
    try:
        database().execute(text("SELECT 1"))
    except SQLAlchemyError:
        LOG.exception("the database does not answer")
        return jsonify(status="unavailable", database="does not answer"), 503
    return jsonify(status="ok", database="ok")
