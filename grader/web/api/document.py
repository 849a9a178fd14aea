"""The description of the API as OpenAPI 3.1.0, made from its routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from grader.services.access import SCOPES
from grader.web.api import events
from grader.web.api.deprecations import DEPRECATED, Deprecation
from grader.web.api.routes import Route
from grader.web.api.schemas import ProblemDetails

VERSION = "3.1.0"
REFERENCE = "#/components/schemas/{model}"
ALWAYS = (401, 403, 429, 500)
RATES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
BODY_ERRORS = (400, 413, 415, 422)
DESCRIPTION = """Checks answers to calculus problems, serves randomised problems and keeps students' results.

Send a token with each request, `Authorization: Bearer grader_…`; `grader token create` makes one with its scopes.
Errors are problem details (RFC 9457); where a body does not fit, `errors` names each place by a JSON pointer.
Lists come in pages: follow the address in `Link: <…>; rel="next"`.
"""
HEADERS: Mapping[str, Any] = {
    "Location": {"description": "Where the thing is.", "schema": {"type": "string"}},
    "Link": {"description": 'The next page, `rel="next"`; absent on the last.', "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "ETag": {
        "description": "The name of this state of it, for If-Match and If-None-Match.",
        "schema": {"type": "string"},
    },
    "RateLimit-Limit": {"description": "Requests that a token may send in a minute.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "How many of them are left.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Seconds until all are there again.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "What is asked for (RFC 6750).", "schema": {"type": "string"}},
}
ERROR_HEADERS = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 429: "Retry-After"}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again with the same key and body, the request gives the same result and does nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "example": "6f1c2a9e",
}


MATCH_HEADER = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what was read; 428 without it, 412 if it has changed since. `*`: whatever it is now.",
    "required": True,
    "schema": {"type": "string"},
    "example": "*",
}
NONE_MATCH_HEADER = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of what is known already: 304 without a body while that is how it is.",
    "schema": {"type": "string"},
}
OAUTH = {
    "type": "oauth2",
    "description": "Client credentials (RFC 6749, section 4.4); `grader token client create` makes a client.",
    "flows": {"clientCredentials": {"tokenUrl": "/api/v1/oauth/token", "scopes": dict(SCOPES)}},
}


def document(routes: Iterable[Route], deprecated: Mapping[str, Deprecation] = DEPRECATED) -> dict[str, Any]:
    """The whole description."""
    routes = tuple(routes)
    references, schemas = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = re.sub(r"<[^:]+:(\w+)>", r"{\1}", route.path)
        goes = {"deprecated": True} if route.name in deprecated else {}
        paths.setdefault(path, {})[route.method.lower()] = goes | _operation(route, references, _links(route, routes))
    errors = sorted({status for route in routes for status in _errors(route)})
    return {
        "openapi": VERSION,
        "info": {
            "title": "Grader",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}, {"oauth": []}],
        "tags": [{"name": tag} for tag in (*dict.fromkeys(route.tag for route in routes), events.TAG)],
        "paths": paths,
        "webhooks": events.described(references),
        "components": {
            "schemas": schemas,
            "responses": {str(status): _error(status, references) for status in errors},
            "securitySchemes": {"bearer": _security(), "oauth": OAUTH},
        },
    }


Mode = Literal["validation", "serialization"]
References = Mapping[Any, Mapping[str, Any]]
"""By model and mode."""


def _schemas(routes: tuple[Route, ...]) -> tuple[References, dict[str, Any]]:
    """The schemas of all bodies by name, and the reference to each."""
    wanted: dict[tuple[type[BaseModel], Mode], None] = {(ProblemDetails, "serialization"): None}
    wanted.update({(model, "serialization"): None for model in events.MESSAGES.values()})
    for route in routes:
        if route.body is not None:
            wanted[route.body, "validation"] = None
        for reply in route.replies.values():
            wanted.update({(model, "serialization"): None for model in _models(reply)})
    references, definitions = models_json_schema(list(wanted), ref_template=REFERENCE)
    return references, dict(sorted(definitions["$defs"].items()))


def _models(reply: Any) -> list[type[BaseModel]]:
    """The models that a reply is made of."""
    if get_args(reply):
        return list(dict.fromkeys(model for part in get_args(reply) for model in _models(part)))
    return [] if reply is None else [reply]


def _links(route: Route, routes: Iterable[Route]) -> dict[str, Any]:
    """Where one can go on from a reply: the routes that have in their paths what the reply gives."""
    found = {}
    own = _path_names(route)
    for other in routes:
        names = _path_names(other)
        if other is route or not any(name in route.gives for name in names):
            continue
        given = {name: f"$response.body#{route.gives[name]}" for name in names if name in route.gives}
        kept = {name: f"$request.path.{name}" for name in names if name in own and name not in given}
        found[other.name] = {"operationId": other.name, "parameters": {**kept, **given}}
    return found


def _path_names(route: Route) -> list[str]:
    """The values in the path of a route."""
    return re.findall(r":(\w+)>", route.path)


def _operation(route: Route, references: References, links: Mapping[str, Any]) -> dict[str, Any]:
    """One method of one path."""
    about = {"description": route.description} if route.description else {}
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        **about,
        "security": [{"bearer": [route.scope]}, {"oauth": [route.scope]}],
        "parameters": _parameters(route),
        "responses": {str(status): _reply(status, reply, route, references) for status, reply in route.replies.items()},
    }
    for status in route.replies if links else ():
        operation["responses"][str(status)]["links"] = links
    if route.has_etag and not route.is_conditional:
        operation["responses"]["304"] = {"description": "Not Modified"}
    for status in _errors(route):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/{status}"}
    if route.body is not None:
        schema: Mapping[str, Any] = references[route.body, "validation"]
        if route.most:
            many = {"type": "array", "items": schema, "minItems": 1, "maxItems": route.most}
            schema = {"anyOf": [schema, many]}
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": not route.is_body_optional, "content": content}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    """What stands in the path, the query and the headers."""
    found: list[dict[str, Any]] = []
    for name in _path_names(route):
        schema = {"type": "integer", "minimum": 1} if name in route.ids else {"type": "string", "maxLength": 200}
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    properties = route.query.model_json_schema()["properties"] if route.query else {}
    for name, schema in properties.items():
        about = {"description": schema.pop("description", "")}
        found.append({"name": name, "in": "query", **about, "schema": schema})
    found += [KEY_HEADER] if route.takes_key else []
    found += [MATCH_HEADER] if route.is_conditional else []
    return [*found, NONE_MATCH_HEADER] if route.has_etag and not route.is_conditional else found


def _reply(status: int, reply: Any, route: Route, references: References) -> dict[str, Any]:
    """What comes back when all is well."""
    names = ["Location"] if status in (201, 202) else []
    names += ["Retry-After"] if status == 202 else []
    names += ["Link"] if route.query is not None and "cursor" in route.query.model_fields else []
    names += ["ETag"] if route.has_etag else []
    headers = {"headers": {name: HEADERS[name] for name in (*names, *RATES)}}
    content = {} if reply is None else {"content": {"application/json": {"schema": _schema(reply, references)}}}
    return {"description": HTTPStatus(status).phrase, **headers, **content}


def _schema(reply: Any, references: References) -> Mapping[str, Any]:
    """The schema of a model, a list of models, or one of several."""
    if get_origin(reply) is list:
        return {"type": "array", "items": _schema(get_args(reply)[0], references)}
    if isinstance(reply, UnionType):
        return {"anyOf": [_schema(part, references) for part in get_args(reply)]}
    return references[reply, "serialization"]


def _errors(route: Route) -> list[int]:
    """The statuses of the errors that a route can have."""
    unfit = (422,) if route.query is not None or route.takes_key else ()
    return sorted({*ALWAYS, *route.errors, *(BODY_ERRORS if route.body is not None else unfit)})


def _error(status: int, references: References) -> dict[str, Any]:
    """An error as problem details."""
    title = HTTPStatus(status).phrase
    names = [ERROR_HEADERS[status]] if status in ERROR_HEADERS else []
    headers = {"headers": {name: HEADERS[name] for name in names}} if names else {}
    example = {"type": "about:blank", "title": title, "status": status, "detail": "A sentence that says why."}
    content = {"schema": references[ProblemDetails, "serialization"], "example": example}
    return {"description": title, **headers, "content": {"application/problem+json": content}}


def _security() -> dict[str, Any]:
    """How tokens are sent, and what their scopes allow."""
    scopes = "\n".join(f"- `{scope}`: {meaning}" for scope, meaning in SCOPES.items())
    return {"type": "http", "scheme": "bearer", "description": f"A token, with these scopes:\n\n{scopes}"}
