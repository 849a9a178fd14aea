"""A route of the API: what is asked for, what comes back, and the way from request to reply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from pydantic import BaseModel, TypeAdapter

from grader.errors import NotFound
from grader.services.access import Actor, require_scope
from grader.services.idempotency import Answered, Keyed, OtherBody, once
from grader.web.api.bearer import authenticate
from grader.web.api.bodies import Fault, UnfitRequest, read_body, read_query
from grader.web.api.conditions import with_etag
from grader.web.state import database, state

ID = "string(maxlength=19)"
"""The converter of ids in paths; they are read in `view`, since a number may be larger than any database holds."""
LARGEST_ID = 2**63 - 1
LONGEST_KEY = 200
KEPT_HEADERS = ("Location", "Retry-After")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    body: BaseModel | list[Any] | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    The handler is called with the actor, the values of the path by name, and `body` and `query` where
    the route has them. With `most`, the body may also be a list of up to so many. `errors` are the
    statuses beyond those that every route can have. With `takes_key` it is done once for each Idempotency-Key,
    which the handler sees to by itself where it `keeps_key`. With `is_conditional` it needs If-Match.
    `gives` says where in the reply stands what other routes have in their paths.
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
    keeps_key: bool = False
    is_conditional: bool = False
    gives: Mapping[str, str] = field(default_factory=dict)

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
        key = idempotency_key(LONGEST_KEY) if self.takes_key and not self.keeps_key else None
        if key is None:
            response = _response(self.handler(actor, **values))
            return with_etag(response, response.get_data(as_text=True)) if self.has_etag else response
        return _once(actor, key, lambda: self.handler(actor, **values))

    @property
    def has_etag(self) -> bool:
        """Whether it shows or changes one thing, whose state has a name."""
        return self.is_conditional or (self.method == "GET" and self.query is None)


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


def _once(actor: Actor, key: str, work: Callable[[], Reply]) -> Response:
    """The answer to a request with a key, which is done once."""

    def answer() -> Answered:
        response = _response(work())
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        return Answered(response.status_code, response.get_data(as_text=True), headers)

    keyed = Keyed(f"{request.method} {request.path}", key, request.get_data())
    try:
        found = once(database(), state().clock, actor, state().config.secret_key, keyed, answer)
    except OtherBody as error:
        faults = (Fault(error.message, parameter="Idempotency-Key"),)
        raise UnfitRequest(error.message, "", faults) from None
    response = Response(found.body, found.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(found.headers)
    return response


def _response(reply: Reply) -> Response:
    """The reply as JSON that nobody keeps."""
    if reply.body is None:
        response = Response(status=reply.status)
        del response.headers["Content-Type"]
    elif isinstance(reply.body, BaseModel):
        response = Response(reply.body.model_dump_json(), reply.status, content_type="application/json")
    else:
        text = TypeAdapter(list[Any]).dump_json(reply.body)
        response = Response(text, reply.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(reply.headers)
    return response
