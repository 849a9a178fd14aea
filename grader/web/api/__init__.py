"""The API for programs, one module per noun; `ROUTES` lists all of it."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, request
from flask_wtf.csrf import CSRFProtect

from grader.web.api import (
    assignments,
    attempts,
    checks,
    courses,
    extensions,
    marks,
    oauth,
    problems,
    regrades,
    results,
    students,
    submissions,
    webhooks,
)
from grader.web.api.bearer import add_standing
from grader.web.api.deprecations import announce
from grader.web.api.document import document
from grader.web.api.faults import register_faults
from grader.web.api.machinery import KEY, Judge, Machinery, machinery
from grader.web.api.routes import Route

PREFIX = "/api/v1"
ROUTES: tuple[Route, ...] = (
    *checks.ROUTES,
    *problems.ROUTES,
    *courses.ROUTES,
    *assignments.ROUTES,
    *students.ROUTES,
    *extensions.ROUTES,
    *attempts.ROUTES,
    *submissions.ROUTES,
    *marks.ROUTES,
    *results.ROUTES,
    *regrades.ROUTES,
    *webhooks.ROUTES,
)


def register_api(app: Flask, csrf: CSRFProtect, judge: Judge) -> None:
    """Put the API in place; forged forms cannot reach it, since it takes no cookies."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    for route in ROUTES:
        blueprint.add_url_rule(route.path, route.name, route.view, methods=[route.method])
    blueprint.add_url_rule("/openapi.json", "openapi", _show_document)
    blueprint.add_url_rule("/oauth/token", "token", oauth.token, methods=["POST"])
    blueprint.after_request(add_standing)
    blueprint.after_request(_add_deprecation)
    register_faults(blueprint)
    csrf.exempt(blueprint)
    app.extensions[KEY] = Machinery(judge)
    app.register_blueprint(blueprint)


def _show_document() -> Response:
    """The description of the API, for anybody."""
    return jsonify(document(ROUTES, machinery().deprecated))


def _add_deprecation(response: Response) -> Response:
    """Say so where a route is to go."""
    found = machinery().deprecated.get((request.endpoint or "").rpartition(".")[2])
    return response if found is None else announce(response, found)
