"""Tokens for client credentials, after RFC 6749, section 4.4."""

from __future__ import annotations

from urllib.parse import unquote_plus

from flask import Response, jsonify, request
from limits import RateLimitItemPerMinute

from grader.errors import InvalidRequest, Unauthenticated
from grader.services import clients
from grader.web.api.limits import SpentAllowance
from grader.web.api.machinery import machinery
from grader.web.state import database, state

GRANT = "client_credentials"
TRIES = RateLimitItemPerMinute(60)
LONGEST = 2000
REALM = 'Basic realm="grader"'


class RefusedError(Exception):
    """An error as RFC 6749, section 5.2, names them."""

    def __init__(self, code: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code = code
        self.status = status


def token() -> Response:
    """A token for an hour, or why there is none."""
    try:
        return _answer(_issue(), 200)
    except RefusedError as refused:
        response = _answer({"error": refused.code, "error_description": str(refused)}, refused.status)
        if refused.status == 401:
            response.headers["WWW-Authenticate"] = REALM
        return response
    except SpentAllowance as spent:
        response = _answer({"error": "invalid_request", "error_description": str(spent)}, 429)
        response.headers["Retry-After"] = str(spent.seconds)
        return response


def _issue() -> dict[str, object]:
    """The fields of section 5.1."""
    form = _form()
    if form.get("grant_type") is None:
        raise RefusedError("invalid_request", "grant_type is missing.")
    if form["grant_type"] != GRANT:
        raise RefusedError("unsupported_grant_type", f"grant_type must be {GRANT}.")
    key, secret = _credentials(form)
    machinery().allowances.spend_by(TRIES, f"{request.remote_addr} {key}", "requests for tokens")
    try:
        issued = clients.issue(database(), state().clock, key, secret, form.get("scope", "").split())
    except Unauthenticated as error:
        raise RefusedError("invalid_client", str(error), 401) from None
    except InvalidRequest as error:
        raise RefusedError("invalid_scope", str(error)) from None
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": " ".join(issued.scopes),
    }


def _form() -> dict[str, str]:
    """The fields of the form, each sent once; what is empty counts as not sent."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise RefusedError("invalid_request", "Send a form, application/x-www-form-urlencoded.")
    fields = {name: values for name, values in request.form.lists() if values != [""]}
    for name, values in fields.items():
        if len(values) > 1 or len(values[0]) > LONGEST:
            raise RefusedError("invalid_request", f"{name[:40]} must be sent once, and not be too long.")
    return {name: values[0] for name, values in fields.items()}


def _credentials(form: dict[str, str]) -> tuple[str, str]:
    """The id and the secret of the client: by HTTP Basic, or in the form."""
    try:
        basic = request.authorization
    except ValueError:
        basic = None
    if "Authorization" in request.headers:
        if basic is None or basic.type != "basic":
            raise RefusedError("invalid_client", "The header Authorization is not of the scheme Basic.", 401)
        if "client_secret" in form:
            raise RefusedError("invalid_request", "Send the secret in the header or in the form, not in both.")
        return unquote_plus(basic.username or ""), unquote_plus(basic.password or "")
    if "client_id" not in form or "client_secret" not in form:
        raise RefusedError("invalid_client", "Send the client's id and secret.", 401)
    return form["client_id"], form["client_secret"]


def _answer(fields: dict[str, object], status: int) -> Response:
    response = jsonify(fields)
    response.status_code = status
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
    return response
