"""From the bytes of a request to validated values, and from what is wrong with them to places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar
from urllib.parse import quote

from flask import request
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from grader.errors import InvalidRequest

Model = TypeVar("Model", bound=BaseModel)
MOST_FAULTS = 20
ROOT = "#"
WORDS = {
    "missing": "This is missing.",
    "string_type": "This must be a text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "float_type": "This must be a number.",
    "bool_type": "This must be true or false.",
    "dict_type": "This must be an object.",
    "list_type": "This must be a list.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `pointer` is its place in the body, `parameter` its name in the query."""

    detail: str
    pointer: str = ""
    parameter: str = ""

    def to_json(self) -> dict[str, str]:
        """As problem details carry it."""
        place = {"pointer": self.pointer} if self.pointer else {"parameter": self.parameter}
        return {"detail": self.detail, **place}


@dataclass
class UnfitRequest(InvalidRequest):
    """A request whose body or query is not of the form that it should have, with every fault."""

    faults: tuple[Fault, ...] = ()
    status: int = 422


def pointer(path: Sequence[str | int]) -> str:
    """A JSON pointer as a URI fragment.

    >>> pointer(["problems", 0, "a/b"])
    '#/problems/0/a~1b'
    """
    steps = (quote(str(step).replace("~", "~0").replace("/", "~1"), safe="~") for step in path)
    return ROOT + "".join(f"/{step}" for step in steps)


def pointer_of(field: str) -> str:
    """The pointer to a field that a service names, such as `responses.jacobian`."""
    return pointer([step for step in field.split(".") if step])


def read_body(model: type[Model], most: int = 0, *, is_optional: bool = False) -> Model | list[Model]:
    """The body as the model; where `most` is given, a list of up to so many is also taken."""
    raw = request.get_data()
    if is_optional and not raw.strip():
        return model.model_validate({})
    if not request.is_json:
        message = "Send the body as JSON, with the header Content-Type: application/json."
        raise UnfitRequest(message, "", (Fault(message, parameter="Content-Type"),), 415)
    is_list = most > 0 and raw.lstrip()[:1] == b"["
    adapter: TypeAdapter[Any] = TypeAdapter(list[model] if is_list else model)  # type: ignore[valid-type]
    try:
        read: Model | list[Model] = adapter.validate_json(raw)
    except ValidationError as error:
        raise _unfit(error, raw, model) from None
    if isinstance(read, list) and not 1 <= len(read) <= most:
        message = f"The list has {len(read)} items; it may have 1 to {most}."
        raise UnfitRequest(message, "", (Fault(message, ROOT),))
    return read


def read_query(model: type[Model]) -> Model:
    """The query as the model."""
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        faults = tuple(Fault(_words(one, model), parameter=str(one["loc"][0])) for one in errors[:MOST_FAULTS])
        raise UnfitRequest(_summary("query", faults), "", faults) from None


def _unfit(error: ValidationError, raw: bytes, model: type[BaseModel]) -> UnfitRequest:
    """All faults of a body; one that is no JSON at all has one."""
    errors = error.errors(include_url=False)
    if errors[0]["type"] == "json_invalid":
        why = str(errors[0].get("ctx", {}).get("error", "")) if raw.strip() else "it is empty"
        message = f"The body is not JSON: {why}."
        return UnfitRequest(message, "", (Fault(message, ROOT),), 400)
    body = from_json(raw)
    faults = [Fault(_words(one, model), pointer(_path(one, body))) for one in errors[:MOST_FAULTS]]
    unique = tuple(dict.fromkeys(faults))
    return UnfitRequest(_summary("body", unique), "", unique)


def _path(error: ErrorDetails, body: Any) -> list[str | int]:
    """The steps to the fault that exist in the body: pydantic also counts the branches of a union."""
    steps: list[str | int] = []
    value = body
    for step in error["loc"]:
        is_there = (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        )
        if is_there:
            steps.append(step)
            value = value[step]
        elif error["type"] == "missing" and isinstance(value, dict) and step == error["loc"][-1]:
            steps.append(step)
    return steps


def _words(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong in a sentence."""
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), model.model_fields if len(error["loc"]) <= 2 else {})
    message = error["msg"].replace("Input should", "This must").replace("Value error, ", "")
    return WORDS.get(kind, f"{message}." if not message.endswith(".") else message)


def _unknown(name: str, known: Mapping[str, object]) -> str:
    """That there is no such field, with the nearest one."""
    near = get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no field {name[:40]!r} here.{hint}"


def _summary(where: str, faults: Sequence[Fault]) -> str:
    """One sentence about all faults."""
    first = faults[0]
    place = first.pointer if first.pointer not in ("", ROOT) else first.parameter
    at = f" at {place}" if place else ""
    rest = f" There are {len(faults)} faults in all." if len(faults) > 1 else ""
    return f"The {where} does not fit{at}: {first.detail}{rest}"
