"""Who calls the API: a bearer token in the Authorization header; cookies count for nothing here."""

from __future__ import annotations

import hashlib

from flask import Response, g, request
from limits import RateLimitItemPerMinute

from grader.errors import Unauthenticated
from grader.services import clients, courses, tokens, users
from grader.services.access import Actor
from grader.web.api.limits import SpentAllowance, Standing
from grader.web.api.machinery import machinery
from grader.web.state import database, state

REALM = 'Bearer realm="grader"'


def authenticate() -> Actor:
    """The actor behind the token of this request, else Unauthenticated."""
    try:
        given = request.authorization
    except ValueError:  # bytes that are no text cannot be a token
        given = None
    if given is None or given.type != "bearer" or not given.token:
        raise Unauthenticated("Send a token, in the header Authorization: Bearer grader_….")
    find = clients.authenticate if given.token.startswith(clients.TOKEN_START) else tokens.authenticate
    actor = find(database(), state().clock, given.token)
    database().commit()  # what follows may take long, and begins its own transaction
    g.api_actor = actor
    _count(given.token)
    return actor


def _count(token: str) -> None:
    """Count the request for its token, which is told how many are left."""
    limit = RateLimitItemPerMinute(state().config.api_requests_per_minute)
    whose = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        g.api_standing = machinery().allowances.spend_by(limit, whose, "requests")
    except SpentAllowance as spent:
        g.api_standing = Standing(limit.amount, 0, spent.seconds)
        raise


def add_standing(response: Response) -> Response:
    """Say how many requests are left."""
    standing: Standing | None = g.get("api_standing")
    response.headers.update(standing.headers() if standing else {})
    return response


def may_see_keys(actor: Actor) -> bool:
    """Whether the person behind the token is staff, or teaches a course that the token is good for."""
    session = database()
    if users.user(session, actor.user_id).is_staff:
        return True
    person = Actor(actor.user_id, None, actor.course_id)
    return any(course.is_taught for course in courses.list_courses(session, person))


def challenge(code: str) -> str:
    """The WWW-Authenticate header of a refusal, after RFC 6750."""
    if code != "unauthenticated":
        return f'{REALM}, error="insufficient_scope"'
    return f'{REALM}, error="invalid_token"' if "Authorization" in request.headers else REALM
