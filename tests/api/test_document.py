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
from grader.web.api import ROUTES
from grader.web.api.document import document
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
    assert served == operations | {("openapi", "GET")}


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


def test_scopes_exist_and_are_all_used(described: dict[str, Any]) -> None:
    used = [
        scope
        for methods in described["paths"].values()
        for operation in methods.values()
        for scope in operation["security"][0]["bearer"]
    ]
    assert set(used) == set(SCOPES)


def test_errors_are_problem_details(described: dict[str, Any]) -> None:
    responses = described["components"]["responses"]
    assert {"400", "401", "403", "404", "409", "413", "415", "422", "429", "500"} == set(responses)
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


def examples_of(model: type[BaseModel]) -> list[Any]:
    examples: list[Any] = model.model_json_schema().get("examples", [])
    return examples
