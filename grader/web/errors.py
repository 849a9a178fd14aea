"""What each kind of error looks like over HTTP: one table of statuses, a page, or problem details."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from grader import errors

LOG = logging.getLogger(__name__)

STATUS: Mapping[type[errors.GraderError], int] = {
    errors.InvalidRequest: 400,
    errors.AnswerError: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.Closed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.NoTriesLeft: 409,
    errors.TooManyRequests: 429,
    errors.BankError: 422,
    errors.BankErrors: 422,
    errors.ConfigError: 500,
}

TITLES: Mapping[int, str] = {
    400: "This request could not be understood",
    401: "Please log in",
    403: "This is not open to you",
    404: "There is no such page",
    405: "This page cannot be used like that",
    409: "This does not fit what has happened meanwhile",
    413: "This is too much at once",
    422: "This could not be read",
    429: "That was a little too often",
    500: "Something went wrong on our side",
}

REPAIRS: Mapping[int, str] = {
    400: "Go back, reload the page and try again. What you typed is still in the form.",
    401: "Log in and you come back to where you were.",
    403: "If you think that it should be, ask your instructor.",
    404: "The address may be misspelt, or what was here belongs to somebody else or has been removed.",
    405: "Go back and use the buttons of the page.",
    409: "Go back and reload the page to see the present state.",
    413: "An answer has at most 2,000 characters. Go back and shorten it.",
    422: "Go back and correct it.",
    429: "Wait a minute and try again.",
    500: "Nothing that you submitted is lost. Try again; if it happens again, tell your instructor this identifier.",
}


def status_of(error: errors.GraderError) -> int:
    """The HTTP status of the nearest kind in the table."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem_details(status: int, detail: str, **extra: Any) -> Response:
    """An error for a program, after RFC 9457, whose titles are those of HTTP."""
    title = HTTPStatus(status).phrase
    response = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail, **extra})
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def is_for_program() -> bool:
    """Whether this request came to the API."""
    return request.path.startswith("/api/")


def answer(status: int, message: str = "", headers: Mapping[str, str] | None = None, **extra: Any) -> Response:
    """The error as problem details for a program, as a page for a person."""
    if is_for_program():
        response = problem_details(status, message or TITLES.get(status, ""), **extra)
    else:
        page = render_template(
            "errors/error.html",
            status=status,
            title=TITLES.get(status, "The request failed"),
            message=message,
            repair=REPAIRS.get(status, ""),
            identifier=extra.get("identifier", ""),
        )
        response = make_response(page, status)
    response.headers.update(headers or {})
    return response


def handle_expected(error: errors.GraderError) -> ResponseReturnValue:
    """An error that the services foresee: its status and its sentence."""
    field = error.field if isinstance(error, errors.CallerError) else ""
    extra = {"field": field} if field else {}
    return answer(status_of(error), str(error), None, **extra)


def handle_http(error: HTTPException) -> ResponseReturnValue:
    """An error of the HTTP layer itself; redirects pass through."""
    if error.code is None or error.code < 400:
        return error.get_response()
    allow = {"Allow": value} if (value := error.get_response().headers.get("Allow")) else {}
    return answer(error.code, headers=allow)


def handle_too_often(_error: RateLimitExceeded) -> ResponseReturnValue:
    """A limit of requests was passed."""
    return answer(429, "Too many tries within a minute.", headers={"Retry-After": "60"})


def handle_defect(error: Exception) -> ResponseReturnValue:
    """Anything else is a defect: logged under an identifier, which is all that a person sees of it."""
    identifier = secrets.token_hex(4)
    LOG.error("defect %s at %s %s", identifier, request.method, request.path, exc_info=error)
    if "database" in g:
        g.database.rollback()
    return answer(500, identifier=identifier)


def register_errors(app: Flask) -> None:
    """Put the handlers in place."""
    app.register_error_handler(errors.GraderError, handle_expected)
    app.register_error_handler(RateLimitExceeded, handle_too_often)
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(Exception, handle_defect)
