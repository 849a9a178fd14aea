"""As much of JSON Schema, draft 7, as the schema of problem files uses; an unknown word in a schema fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
SILENT = {"$schema", "title", "description", "default", "definitions", "then"}


def faults(value: Any, schema: Any, root: Any, place: str = "") -> list[str]:
    """What the schema says against a value, each with its place."""
    return [fault for word, wanted in schema.items() for fault in _faults(value, schema, root, place, word, wanted)]


def _faults(  # noqa: C901, PLR0912 - one branch for each word of the schema language
    value: Any, schema: Any, root: Any, place: str, word: str, wanted: Any
) -> Iterator[str]:
    match word:
        case "$ref":
            yield from faults(value, root["definitions"][wanted.removeprefix("#/definitions/")], root, place)
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            fits = any(isinstance(value, KINDS[kind]) for kind in kinds)
            if not fits or (isinstance(value, bool) and "boolean" not in kinds):
                yield f"{place}: {value!r} is no {wanted}"
        case "properties" if isinstance(value, dict):
            for key in value.keys() & wanted.keys():
                yield from faults(value[key], wanted[key], root, f"{place}.{key}")
        case "additionalProperties" if isinstance(value, dict):
            for key in value.keys() - schema.get("properties", {}).keys():
                yield from [f"{place}: {key} is unknown"] if wanted is False else ()
                yield from faults(value[key], wanted, root, f"{place}.{key}") if isinstance(wanted, dict) else ()
        case "propertyNames" if isinstance(value, dict):
            for key in value:
                yield from faults(key, wanted, root, f"{place} (key)")
        case "required" if isinstance(value, dict):
            yield from [f"{place}: {key} is missing" for key in wanted if key not in value]
        case "items" if isinstance(value, list):
            for number, item in enumerate(value):
                yield from faults(item, wanted, root, f"{place}[{number}]")
        case "anyOf" | "oneOf":
            fitting = sum(not faults(value, option, root, place) for option in wanted)
            if fitting == 0 or (word == "oneOf" and fitting > 1):
                yield f"{place}: {fitting} of {word} fit {value!r}"
        case "allOf":
            for option in wanted:
                yield from faults(value, option, root, place)
        case "if":
            yield from faults(value, schema["then"], root, place) if not faults(value, wanted, root, place) else ()
        case _:
            yield from _bounds(value, place, word, wanted)


def _bounds(value: Any, place: str, word: str, wanted: Any) -> Iterator[str]:
    if word in SILENT | {"properties", "additionalProperties", "propertyNames", "required", "items"}:
        return
    tests = {
        "enum": lambda: value in wanted,
        "const": lambda: value == wanted,
        "pattern": lambda: not isinstance(value, str) or re.search(wanted, value),
        "minLength": lambda: not isinstance(value, str) or len(value) >= wanted,
        "minimum": lambda: isinstance(value, str) or value >= wanted,
        "maximum": lambda: isinstance(value, str) or value <= wanted,
        "minItems": lambda: not isinstance(value, list) or len(value) >= wanted,
        "maxItems": lambda: not isinstance(value, list) or len(value) <= wanted,
        "minProperties": lambda: len(value) >= wanted,
        "maxProperties": lambda: len(value) <= wanted,
    }
    if not tests[word]():
        yield f"{place}: {value!r} against {word} {wanted}"
