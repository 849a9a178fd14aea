"""Conditions of a request: not changed since it was read (If-Match), changed since (If-None-Match)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Response, request
from pydantic import BaseModel

from grader.errors import Conflict


@dataclass
class PreconditionFailed(Conflict):
    """What is to be changed is not what the caller has read."""

    status: int = 412


@dataclass
class PreconditionRequired(Conflict):
    """The caller does not say what they have read."""

    status: int = 428


def etag(text: str) -> str:
    """What tells one state of a thing from others."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def require_match(present: BaseModel) -> None:
    """Refuse to change what the caller has not seen as it is now."""
    if "If-Match" not in request.headers:
        raise PreconditionRequired("Send the ETag of what you have read in the header If-Match.")
    if not request.if_match.contains(etag(present.model_dump_json())):
        raise PreconditionFailed("It has been changed since you read it. Read it again and repeat your change.")


def with_etag(response: Response, text: str) -> Response:
    """The answer with its ETag; 304 without a body where the caller knows it already."""
    response.set_etag(etag(text))
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
