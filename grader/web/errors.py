"""What each kind of error looks like over HTTP: one table of statuses, a page, or problem details."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, force_locale, gettext, lazy_gettext
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from grader import errors
from grader.web.answer_words import in_page_words
from grader.web.headers import is_script

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
    errors.LaunchRefused: 400,
    errors.PlatformFailed: 502,
    errors.Unavailable: 503,
    errors.BankError: 422,
    errors.BankErrors: 422,
    errors.ConfigError: 500,
}

TITLES: Mapping[int, LazyString] = {
    400: lazy_gettext("This request could not be understood"),
    401: lazy_gettext("Please log in"),
    403: lazy_gettext("This is not open to you"),
    404: lazy_gettext("There is no such page"),
    405: lazy_gettext("This page cannot be used like that"),
    409: lazy_gettext("This does not fit what has happened meanwhile"),
    413: lazy_gettext("This is too much at once"),
    422: lazy_gettext("This could not be read"),
    429: lazy_gettext("That was a little too often"),
    500: lazy_gettext("Something went wrong on our side"),
    503: lazy_gettext("The server cannot do this just now"),
}

REPAIRS: Mapping[int, LazyString] = {
    400: lazy_gettext("Go back, reload the page and try again. What you typed is still in the form."),
    401: lazy_gettext("Log in and you come back to where you were."),
    403: lazy_gettext("If you think that it should be, ask your instructor."),
    404: lazy_gettext("The address may be misspelt, or what was here belongs to somebody else or has been removed."),
    405: lazy_gettext("Go back and use the buttons of the page."),
    409: lazy_gettext("Go back and reload the page to see the present state."),
    413: lazy_gettext(
        "Go back and send less: an answer has at most 2,000 characters, and a large file can be sent in parts."
    ),
    422: lazy_gettext("Go back and correct it."),
    429: lazy_gettext("Wait a minute and try again."),
    500: lazy_gettext(
        "Nothing that you submitted is lost. Try again; if it happens again, tell your instructor this identifier."
    ),
    503: lazy_gettext("Nothing that was confirmed is lost. Wait a moment and try again."),
}
MAY_PASS = frozenset({429, 500, 503})
"""Another try at the same page may go well."""
RETRY_SECONDS = 5
SECRET_FIELDS = ("csrf_token", "password")
"""Fields whose names begin like this are not kept on a page."""


OF_AUTHORS = frozenset({"bank", "editing", "clusters"})
"""Pages of those who can mend a problem."""


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
        extra.pop("kept", None)
        with force_locale("en"):
            response = problem_details(status, message or str(TITLES.get(status, "")), **extra)
    else:
        page = render_template(
            "errors/error.html",
            status=status,
            title=TITLES.get(status) or gettext("The request failed"),
            message=message,
            repair=REPAIRS.get(status, ""),
            identifier=extra.get("identifier", ""),
            kept=extra.get("kept", []),
            back=_back(),
            again=request.full_path.rstrip("?") if request.method == "GET" and status in MAY_PASS else "",
        )
        response = make_response(page, status)
    response.headers.update(headers or {})
    return response


def _back() -> str:
    """The page of ours with the form that was refused, "" where nothing was sent or it is not known."""
    if request.method == "GET" or not (request.referrer or "").startswith(request.host_url):
        return ""
    came = urlsplit(request.referrer or "")
    return f"{came.path}?{came.query}" if came.query else came.path


def said(error: object) -> str:
    """What is wrong in the language of the page; a sentence that is not translated stays as it is."""
    words = str(error)
    return in_page_words(words) if (known := str(gettext(words))) == words else known


def handle_expected(error: errors.GraderError) -> ResponseReturnValue:
    """An error that the services foresee: its status and its sentence."""
    field = error.field if isinstance(error, errors.CallerError) else ""
    extra = {"field": field} if field else {}
    message = str(error) if is_for_program() else said(error)
    return answer(status_of(error), message, None, **extra)


def handle_faulty_problem(error: errors.GraderError) -> ResponseReturnValue:
    """A stored problem that fails with these numbers: its author is told what is wrong, everybody else what to do."""
    if is_for_program() or request.blueprint in OF_AUTHORS:
        return handle_expected(error)
    identifier = secrets.token_hex(4)
    LOG.error("faulty problem %s at %s: %s", identifier, request.path, error)
    message = gettext("The problem itself has a fault with these numbers. That is not your doing, and it costs no try.")
    return answer(500, message, identifier=identifier)


def handle_http(error: HTTPException) -> ResponseReturnValue:
    """An error of the HTTP layer itself; redirects pass through."""
    if error.code is None or error.code < 400:
        return error.get_response()
    allow = {"Allow": value} if (value := error.get_response().headers.get("Allow")) else {}
    return answer(error.code, headers=allow)


def handle_too_often(_error: RateLimitExceeded) -> ResponseReturnValue:
    """A limit of requests was passed."""
    return answer(429, gettext("Too many tries within a minute."), headers={"Retry-After": "60"})


def handle_away(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    """The database does not answer: to be tried again, with what was typed kept; any other fault in it is a defect."""
    is_away = isinstance(error, OperationalError | InterfaceError | PoolTimeout) or error.connection_invalidated
    if not is_away:
        return handle_defect(error)
    LOG.error("the database does not answer at %s %s: %s", request.method, request.url_rule, type(error).__name__)
    if (session := g.pop("database", None)) is not None:
        session.close()
    g.user, g.teaches, g.preferences = None, False, None  # nobody can be asked who this is
    return _not_now(gettext("The database does not answer."))


def handle_unavailable(error: errors.Unavailable) -> ResponseReturnValue:
    """The judge stops or starts just now: to be tried again, with what was typed kept."""
    LOG.warning("no answer now at %s %s: %s", request.method, request.url_rule, error)
    return _not_now()


def _not_now(said_now: str = "") -> Response:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if is_script() and not is_for_program():
        reply = jsonify({"message": f"{said_now} {REPAIRS[503]}".strip()})
        reply.status_code = 503
        reply.headers.update(headers)
        return reply
    return answer(503, said_now, headers, kept=_kept())


def _kept() -> list[tuple[str, str]]:
    """The fields of the form that was sent, to be sent again; none where there is a password among them."""
    fields = list(request.form.items(multi=True)) if request.method == "POST" else []
    if any(name.startswith("password") for name, _ in fields):
        return []
    return [(name, value) for name, value in fields if not name.startswith(SECRET_FIELDS)]


def handle_defect(error: Exception) -> ResponseReturnValue:
    """Anything else is a defect: logged under an identifier, which is all that a person sees of it."""
    identifier = secrets.token_hex(4)
    LOG.error("defect %s at %s %s", identifier, request.method, request.url_rule, exc_info=error)
    if "database" in g:
        g.database.rollback()
    return answer(500, identifier=identifier)


def register_errors(app: Flask) -> None:
    """Put the handlers in place, and the filter with which pages say an error."""
    app.jinja_env.filters["said"] = said
    app.register_error_handler(errors.GraderError, handle_expected)
    app.register_error_handler(errors.Unavailable, handle_unavailable)
    app.register_error_handler(errors.BankError, handle_faulty_problem)
    app.register_error_handler(errors.BankErrors, handle_faulty_problem)
    app.register_error_handler(RateLimitExceeded, handle_too_often)
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(DBAPIError, handle_away)
    app.register_error_handler(PoolTimeout, handle_away)
    app.register_error_handler(Exception, handle_defect)
