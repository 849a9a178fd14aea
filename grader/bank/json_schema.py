"""The JSON Schema of problem files, from the models, the answer types and the tasks that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.answers import BY_NAME
from grader.answers.settings import settings_schema
from grader.bank import glossary
from grader.bank.schema import ProblemFile
from grader.calculus.tasks import TASKS

DRAFT = "http://json-schema.org/draft-07/schema#"  # the one that editors know best
Schema = dict[str, Any]
SCALAR: Schema = {"type": ["string", "number"]}
INTERVAL: Schema = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR, "minItems": 2, "maxItems": 2}]}


def problem_schema() -> Schema:
    """The schema of a whole file, with the meaning of every key."""
    made = ProblemFile.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions: dict[str, Schema] = {**made.pop("$defs"), "Task": _task(), "Quantity": _quantity()}
    _explain("ProblemFile", made)
    for name in list(definitions):
        _explain(name, definitions[name])
    _open_values(made, definitions)
    definitions["PartFile"] = _part(definitions["PartFile"], definitions)
    title = {"$schema": DRAFT, "title": "A problem of grader"}
    schema: Schema = _tidied({**title, **made, "definitions": dict(sorted(definitions.items()))})
    return schema


def _explain(model: str, schema: Schema) -> None:
    """Put the meaning of each key beside it; what a model says of itself is for programmers."""
    schema.pop("description", None)
    for key, meaning in glossary.KEYS.get(model, {}).items():
        if key in schema.get("properties", {}):
            schema["properties"][key] = _with_meaning(schema["properties"][key], meaning)


def _with_meaning(schema: Schema, meaning: str) -> Schema:
    """The schema with a description; beside a reference, draft 7 would not see it."""
    if "$ref" in schema:
        return {"allOf": [schema], "description": meaning}
    return {**schema, "description": meaning}


def _open_values(made: Schema, definitions: Mapping[str, Schema]) -> None:
    """The values that the models leave open because they read them by hand."""
    quantity = {"$ref": "#/definitions/Quantity"}
    made["properties"]["derived"]["additionalProperties"] = quantity
    case = {"$ref": "#/definitions/KnownCaseFile"}
    made["properties"]["known_case"] = {
        "anyOf": [case, {"type": "array", "items": case}],
        "description": glossary.KEYS["ProblemFile"]["known_case"],
    }
    domain = definitions["VariableFile"]["properties"]
    domain["in"] = {**INTERVAL, "description": domain["in"]["description"]}
    answer = definitions["PartFile"]["properties"]
    answer["answer"] = {**quantity, "description": answer["answer"]["description"]}
    answer["task"] = {"$ref": "#/definitions/Task", "description": answer["task"]["description"]}
    check = {"$ref": "#/definitions/CheckFile"}
    answer["checks"] = {
        "anyOf": [check, {"type": "array", "items": check}],
        "description": answer["checks"]["description"],
    }


def _quantity() -> Schema:
    """An expression, a list that is a vector or matrix, or a task."""
    return {"anyOf": [{"type": ["string", "number", "array"]}, {"$ref": "#/definitions/Task"}]}


def _task() -> Schema:
    """A mapping with the key of exactly one task, and with the keys that go with that task."""
    keys = {key for task in TASKS.values() for key in (*task.needs, *task.allows)}
    properties = {kind: _described(glossary.TASKS.get(kind)) for kind in TASKS}
    properties |= {key: _described(glossary.TASK_KEYS.get(key)) for key in sorted(keys)}
    forms = [
        {
            "required": [kind, *task.needs],
            "propertyNames": {"enum": [kind, *task.needs, *task.allows]},
        }
        for kind, task in TASKS.items()
    ]
    return {"type": "object", "properties": properties, "oneOf": forms}


def _described(meaning: str | None) -> Schema:
    return {"description": meaning} if meaning else {}


def _part(part: Schema, definitions: dict[str, Schema]) -> Schema:
    """A part: the keys of every part, and for each answer type the settings that it has."""
    shared = [key for key in part["properties"] if key != "options"]
    part["properties"]["type"] = {
        "enum": list(BY_NAME),
        "description": "\n".join(
            [glossary.KEYS["PartFile"]["type"], *(f"- {name}: {kind.meaning}" for name, kind in BY_NAME.items())]
        ),
    }
    for name, kind in BY_NAME.items():
        schema = settings_schema(kind)
        inner = _renamed(schema.pop("$defs", {}))
        for model in inner.keys() & glossary.KEYS.keys():
            _explain(model, inner[model])
        definitions.update(inner)
        settings = {
            key: part["properties"]["options"] if key == "options" else _setting(key, _renamed(value))
            for key, value in schema["properties"].items()
        }
        then: Schema = {"properties": settings, "propertyNames": {"enum": sorted({*shared, *settings})}}
        if kind.needs_key:
            then["required"] = ["answer", "options"] if "options" in settings else ["answer"]
        condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
        part.setdefault("allOf", []).append({"if": condition, "then": then})
    part["required"] = [key for key in part["required"] if key != "answer"]
    part.pop("additionalProperties", None)
    return part


def _setting(key: str, schema: Schema) -> Schema:
    meaning = glossary.SETTINGS.get(key, "")
    return _with_meaning(schema, meaning) if meaning else schema


def _renamed(value: Any) -> Any:
    """The schema with its references in the place where draft 7 keeps them."""
    if isinstance(value, Mapping):
        return {
            key: each.replace("#/$defs/", "#/definitions/") if key == "$ref" else _renamed(each)
            for key, each in value.items()
        }
    return [_renamed(each) for each in value] if isinstance(value, list) else value


def _tidied(value: Any, *, is_named: bool = False) -> Any:
    """The schema without what an author never writes: titles that repeat a key, nulls, empty defaults."""
    if isinstance(value, list):
        return [_tidied(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if is_named:
        return {key: _tidied(each) for key, each in value.items()}
    options = [each for each in value.get("anyOf", []) if each != {"type": "null"}]
    if len(options) == 1:
        value = {**{key: each for key, each in value.items() if key != "anyOf"}, **options[0]}
        if "$ref" in value:
            value = _with_meaning({"$ref": value["$ref"]}, value.get("description", ""))
    elif options:
        value = {**value, "anyOf": options}
    left_out = {"title"} if "$schema" not in value else set()
    if "default" in value and (not value["default"] or isinstance(value["default"], Mapping)):
        left_out.add("default")
    return {
        key: _tidied(each, is_named=key in {"properties", "definitions"})
        for key, each in value.items()
        if key not in left_out
    }
