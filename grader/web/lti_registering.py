"""The pages on which a platform registers this tool: a question, and what came of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from grader.errors import GraderError, InvalidRequest, NotFound
from grader.lti.registration import Tool
from grader.services import lti_registrations
from grader.services.lti_registrations import Asked
from grader.web.errors import said, status_of
from grader.web.frames import FRAMES, origin_of
from grader.web.state import database, state
from grader.webhooks.sending import open_client

LONGEST = 4000
ANY_SITE = "https:"
"""Platforms show this page in a frame of theirs before we know their address; the link's secret guards it."""


def register_by(secret: str) -> ResponseReturnValue:
    """Ask whether to register, then do it; the platform's window is closed by a message in the end."""
    asked = Asked(request.values.get("openid_configuration", ""), request.values.get("registration_token", ""))
    g.setdefault(FRAMES, [ANY_SITE, *filter(None, [origin_of(asked.configuration_url)])])
    try:
        lti_registrations.require_open(database(), state().clock, secret)
        host = _host(asked)
        if request.method == "GET":
            return render_template("lti/register.html", host=host, asked=asked, secret=secret)
        with open_client(private=state().config.webhook_private_targets) as client:
            made = lti_registrations.register_platform(database(), state().clock, client, secret, asked, _tool())
    except GraderError as error:
        status = status_of(error)
        return make_response(render_template("lti/registered.html", made=None, reason=said(error)), status)
    return render_template("lti/registered.html", made=made, reason="")


def _host(asked: Asked) -> str:
    """The host of the platform, for the person who is asked."""
    if len(asked.configuration_url) + len(asked.token) > LONGEST:
        raise InvalidRequest(gettext("What the platform sends is too long."), "openid_configuration")
    try:
        parts = urlsplit(asked.configuration_url)
        host = parts.hostname if parts.scheme in ("https", "http") else None
    except ValueError:
        host = None
    if not host:
        message = gettext("This link is for a learning platform: enter it there as the tool's registration URL.")
        raise NotFound(message, "openid_configuration")
    return host


def _tool() -> Tool:
    """What the platform is told of us."""
    return Tool(
        name="Grader",
        description="Calculus problems that are judged at once, with feedback.",
        login_url=url_for("lti.login", _external=True),
        launch_url=url_for("lti.launch", _external=True),
        keyset_url=url_for("lti.keys", _external=True),
    )
