"""The description of the API: complete, sound, and the one that is committed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import BaseModel

from grader.services.access import SCOPES
from grader.services.webhooks import KINDS
from grader.web.api import ROUTES
from grader.web.api.document import document
from grader.web.api.events import MESSAGES
from tests.api.conftest import Callers

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document(ROUTES)


def test_snapshot(described: dict[str, Any]) -> None:
    """`python tests/api/snapshot.py` writes it anew after a change that is meant."""
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == described


def test_it_is_served_to_anybody(callers: Callers, described: dict[str, Any]) -> None:
    assert callers.nobody().get("/openapi.json") == json.loads(json.dumps(described))


def test_version(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"


def test_every_address_is_described(app: Flask, described: dict[str, Any]) -> None:
    served = {
        (rule.endpoint.removeprefix("api."), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    operations = {
        (operation["operationId"], method.upper())
        for methods in described["paths"].values()
        for method, operation in methods.items()
    }
    assert served == operations | {("openapi", "GET"), ("token", "POST")}


def nodes(value: Any) -> Iterator[Any]:
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def test_references_lead_somewhere(described: dict[str, Any]) -> None:
    found = [node["$ref"] for node in nodes(described) if isinstance(node, dict) and "$ref" in node]
    assert found
    for reference in found:
        place = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_links_lead_to_routes_with_what_they_give(described: dict[str, Any]) -> None:
    """Each parameter of a link is in the path of the route that it leads to; every thing with an id can be reached."""
    operations = {one["operationId"]: one for methods in described["paths"].values() for one in methods.values()}
    reached = set()
    for node in nodes(described["paths"]):
        for link in node.get("links", {}).values() if isinstance(node, dict) else ():
            named = {one["name"] for one in operations[link["operationId"]]["parameters"] if one["in"] == "path"}
            assert set(link["parameters"]) <= named
            assert all(
                value.startswith(("$response.body#/", "$request.path.")) for value in link["parameters"].values()
            )
            reached.add(link["operationId"])
    with_ids = {route.name for route in ROUTES if route.ids}
    assert with_ids <= reached


def test_scopes_exist_and_are_all_used(described: dict[str, Any]) -> None:
    used = [
        scope
        for methods in described["paths"].values()
        for operation in methods.values()
        for way in operation["security"]
        for scope in (*way.get("bearer", ()), *way.get("oauth", ()))
    ]
    assert set(used) == set(SCOPES)


def test_errors_are_problem_details(described: dict[str, Any]) -> None:
    responses = described["components"]["responses"]
    assert {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "500"} == set(responses)
    for response in responses.values():
        assert set(response["content"]) == {"application/problem+json"}


def test_bodies_have_examples_that_fit() -> None:
    for route in ROUTES:
        if route.body is None:
            continue
        examples = examples_of(route.body)
        assert examples, route.name
        for example in examples:
            route.body.model_validate_json(json.dumps(example))


def test_bodies_that_come_in_refuse_the_unknown(described: dict[str, Any]) -> None:
    for methods in described["paths"].values():
        for operation in methods.values():
            for node in nodes(operation.get("requestBody", {})):
                if isinstance(node, dict) and "$ref" in node:
                    schema = described["components"]["schemas"][node["$ref"].rpartition("/")[2]]
                    assert schema["additionalProperties"] is False


def test_what_is_to_be_changed_has_no_defaults(described: dict[str, Any]) -> None:
    """Clients that are made from the description send them, and would set back what nobody has named."""
    fields = described["components"]["schemas"]["ChangedAssignment"]["properties"]
    assert fields
    assert not [name for name, field in fields.items() if "default" in field]


def examples_of(model: type[BaseModel]) -> list[Any]:
    examples: list[Any] = model.model_json_schema().get("examples", [])
    return examples


def test_messages_of_webhooks_have_examples_that_fit(described: dict[str, Any]) -> None:
    assert set(described["webhooks"]) == set(MESSAGES) == set(KINDS)
    for kind, model in MESSAGES.items():
        (example,) = examples_of(model)
        assert model.model_validate_json(json.dumps(example), extra="forbid").model_dump()["type"] == kind
        headers = [one["name"] for one in described["webhooks"][kind]["post"]["parameters"]]
        assert headers == ["webhook-id", "webhook-timestamp", "webhook-signature"]
