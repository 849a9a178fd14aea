"""A route of the API: what is asked for, what comes back, and the way from request to reply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from pydantic import BaseModel, TypeAdapter

from grader.errors import NotFound
from grader.services.access import require_scope
from grader.web.api.bearer import authenticate
from grader.web.api.bodies import Fault, UnfitRequest, read_body, read_query

ID = "string(maxlength=19)"
"""The converter of ids in paths; they are read in `view`, since a number may be larger than any database holds."""
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    body: BaseModel | list[Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    The handler is called with the actor, the values of the path by name, and `body` and `query` where
    the route has them. With `most`, the body may also be a list of up to so many. `errors` are the
    statuses beyond those that every route can have.
    """

    method: str
    path: str
    handler: Callable[..., Reply]
    scope: str
    summary: str
    replies: Mapping[int, Any]
    description: str = ""
    body: type[BaseModel] | None = None
    is_body_optional: bool = False
    most: int = 0
    query: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
    takes_key: bool = False

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.handler.__name__

    @property
    def tag(self) -> str:
        """The noun that the route is about: its module."""
        return self.handler.__module__.rpartition(".")[2]

    @property
    def ids(self) -> tuple[str, ...]:
        """The values in the path that are ids."""
        return tuple(re.findall(rf"<{re.escape(ID)}:(\w+)>", self.path))

    def view(self, **path: Any) -> Response:
        """Authenticate, check the scope, read the request, call the handler, write the reply."""
        actor = authenticate()
        require_scope(actor, self.scope)
        values = {name: _id(text) if name in self.ids else text for name, text in path.items()}
        if self.body is not None:
            values["body"] = read_body(self.body, self.most, is_optional=self.is_body_optional)
        if self.query is not None:
            values["query"] = read_query(self.query)
        return _response(self.handler(actor, **values))


def _id(text: str) -> int:
    """An id in a path; what cannot be one is not found."""
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST_ID:
        raise NotFound("There is nothing at this address.")
    return int(text)


def idempotency_key(longest: int) -> str | None:
    """The Idempotency-Key of the request."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= longest:
        message = f"An idempotency key has 1 to {longest} characters."
        raise UnfitRequest(message, "", (Fault(message, parameter="Idempotency-Key"),))
    return key


def _response(reply: Reply) -> Response:
    """The reply as JSON that nobody keeps."""
    text = (
        reply.body.model_dump_json()
        if isinstance(reply.body, BaseModel)
        else TypeAdapter(list[Any]).dump_json(reply.body)
    )
    response = Response(text, reply.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(reply.headers)
    return response
