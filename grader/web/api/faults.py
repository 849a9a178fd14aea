"""Errors of the API as problem details after RFC 9457."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from grader.errors import CallerError, Forbidden, InvalidRequest, TooManyRequests, Unauthenticated
from grader.services.idempotency import StillRunning
from grader.web.api.bearer import challenge
from grader.web.api.bodies import Fault, UnfitRequest, pointer_of
from grader.web.api.conditions import PreconditionFailed, PreconditionRequired
from grader.web.api.limits import SpentAllowance
from grader.web.errors import problem_details, status_of

UNFIT = 422
RETRY_SECONDS = 60


def handle(error: CallerError) -> Response:
    """The status and sentence of an error, with the places at fault and the headers that go with it."""
    code = code_of(error)
    faults = faults_of(error)
    extra = {"errors": [fault.to_json() for fault in faults]} if faults else {}
    response = problem_details(status(error), str(error), code=code, **extra)
    if isinstance(error, Unauthenticated | Forbidden):
        response.headers["WWW-Authenticate"] = challenge(code)
    if isinstance(error, StillRunning):
        response.headers["Retry-After"] = "1"
    if isinstance(error, TooManyRequests):
        seconds = error.seconds if isinstance(error, SpentAllowance) else RETRY_SECONDS
        response.headers["Retry-After"] = str(seconds)
    return response


def status(error: CallerError) -> int:
    """The HTTP status: what can be read but does not fit is 422."""
    if isinstance(error, UnfitRequest | PreconditionFailed | PreconditionRequired):
        return error.status
    return UNFIT if isinstance(error, InvalidRequest) else status_of(error)


def faults_of(error: CallerError) -> tuple[Fault, ...]:
    """The places in the request that are at fault."""
    if isinstance(error, UnfitRequest):
        return error.faults
    return (Fault(str(error), pointer_of(error.field)),) if isinstance(error, InvalidRequest) else ()


def code_of(error: CallerError) -> str:
    """The kind of error as a word for programs.

    >>> from grader.errors import NoTriesLeft
    >>> code_of(NoTriesLeft("All tries are used up."))
    'no-tries-left'
    """
    kind = InvalidRequest if isinstance(error, UnfitRequest) else type(error)
    kind = TooManyRequests if isinstance(error, SpentAllowance) else kind
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def register_faults(blueprint: Blueprint) -> None:
    """Put the handler in place; what is not a caller's error is handled for the whole application."""
    blueprint.register_error_handler(CallerError, handle)
