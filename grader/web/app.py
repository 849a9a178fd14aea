"""Putting the web application together; nothing happens before `create_app` is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_babel import Babel, gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from grader.bank.loading import Bank
from grader.config import Config
from grader.errors import Unauthenticated
from grader.metrics import Metrics
from grader.pairs import judge as judge_here
from grader.services.access import Clock
from grader.services.admission import JudgeNew, at_once
from grader.services.examining import Examine, examine
from grader.services.submissions import Grade
from grader.tracing import Tracing
from grader.web import api, errors, pages
from grader.web.api.machinery import Judge
from grader.web.assets import find_assets
from grader.web.auth import configure_sessions, current_user, teaches
from grader.web.formats import register_formats
from grader.web.frames import FramedSessions, add_frames
from grader.web.headers import OwnHosts, add_headers
from grader.web.languages import page_zone, wished_language
from grader.web.limits import register_limits
from grader.web.lti import lti
from grader.web.metrics import register_metrics
from grader.web.pages.sessions import ask_to_log_in, refuse_forgery
from grader.web.request_log import register_request_log
from grader.web.state import KEY, State, close_database
from grader.web.titles import register_titles
from grader.web.tracing import register_tracing

LARGEST_REQUEST = 1_000_000  # bytes
LARGEST_ID = 2**31 - 1  # what an integer column of PostgreSQL holds


class IdConverter(IntegerConverter):
    """A number in a path; one that no row can have is no such page."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **({"max": LARGEST_ID} | kwargs))


def utc_now() -> datetime:
    """The clock of the product."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Served:
    """What a server brings along: who judges what is submitted, its counts, whether its judge can be reached, spans."""

    judge_new: JudgeNew
    metrics: Metrics
    judge_runs: Callable[[], bool] = lambda: True
    tracing: Tracing = field(default_factory=Tracing)


def create_app(
    config: Config,
    sessions: sessionmaker[Session],
    bank: Bank,
    grade: Grade,
    clock: Clock = utc_now,
    judge: Judge = judge_here,
    look: Examine = examine,
    served: Served | None = None,
) -> Flask:
    """The application for these settings, on this database, with this bank and these judges.

    `judge` judges single pairs, `look` examines the texts of authors; a server that others reach gives
    ones with limits. Without `served`, what is submitted is judged at once by `grade`.
    """
    app = Flask("grader.web")
    app.url_map.converters["int"] = IdConverter
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    served = served or Served(at_once(clock, grade), Metrics())
    judge_new = served.tracing.taking_in(served.judge_new)
    app.extensions[KEY] = State(config, sessions, bank, clock, judge_new, look, served.judge_runs)
    app.session_interface = FramedSessions()
    configure_sessions(app, config)
    Babel(app, locale_selector=wished_language, timezone_selector=page_zone)
    if config.public_url:
        app.wsgi_app = OwnHosts(app.wsgi_app, config.public_url)  # type: ignore[method-assign]
    if config.proxies:
        hops = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    register_request_log(app)
    register_tracing(app, served.tracing)
    register_metrics(app, served.metrics)
    _register(app, judge)
    register_titles(app, bank)
    return app


def _register(app: Flask, judge: Judge) -> None:
    """Blueprints, templates, guards, error pages."""
    csrf = CSRFProtect(app)
    api.register_api(app, csrf, judge)
    app.register_blueprint(lti)
    csrf.exempt(lti)  # a platform's forms come from its own site; states, nonces and signed choices guard them
    app.jinja_env.undefined = StrictUndefined
    register_formats(app, find_assets())
    app.context_processor(_page_context)
    errors.register_errors(app)
    app.register_error_handler(Unauthenticated, _handle_unauthenticated)
    app.register_error_handler(CSRFError, _handle_forgery)
    app.after_request(add_frames)  # after `add_headers`: the last one that is named is the first to run
    app.after_request(add_headers)
    app.teardown_appcontext(close_database)
    for blueprint in pages.BLUEPRINTS:
        app.register_blueprint(blueprint)
    register_limits(app)


def _page_context() -> dict[str, Any]:
    """What every template may use."""
    return {"user": current_user(), "teaches": teaches(), "section": ""}


def _handle_unauthenticated(error: Unauthenticated) -> ResponseReturnValue:
    """A program gets 401, a person the log-in page."""
    return errors.handle_expected(error) if errors.is_for_program() else ask_to_log_in()


def _handle_forgery(_error: CSRFError) -> ResponseReturnValue:
    """A form that did not come from our page, or from a session that is over."""
    page = refuse_forgery()
    if page is not None:
        return page
    return errors.answer(400, gettext("The form was not sent from this page, or its session is over."))
