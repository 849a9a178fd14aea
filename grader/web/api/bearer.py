"""Who calls the API: a bearer token in the Authorization header; cookies count for nothing here."""

from __future__ import annotations

from flask import g, request

from grader.errors import Unauthenticated
from grader.services import courses, tokens, users
from grader.services.access import Actor
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
    actor = tokens.authenticate(database(), state().clock, given.token)
    database().commit()  # what follows may take long, and begins its own transaction
    g.api_actor = actor
    return actor


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
