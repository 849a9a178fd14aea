"""New problem files: for each kind of question one that is whole and commented, with a header of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from grader.bank.field_types import Family, Level, Slug, Text
from grader.bank.source import read_source

STARTERS = Path(__file__).parent / "starters"

KINDS: Mapping[str, str] = {
    "derivative": "an expression in x, with the product rule",
    "gradient": "a vector of partial derivatives, and its value at a point",
    "jacobian": "a matrix of partial derivatives, a row for each component",
    "hessian": "a matrix of second derivatives, and what it says",
    "descent": "a table of gradient-descent steps",
    "number": "one exact number, or one within a tolerance",
    "choice": "one of several options, which follows from the numbers",
    "set": "all solutions, in any order",
    "interval": "where something holds",
    "equation": "a line or a curve",
    "antiderivative": "an expression up to a constant",
    "matrix-expression": "an expression such as 2A^T(Ax - b), for all sizes",
    "witness": "any values that meet conditions",
    "written": "an open answer: a text that a person reads",
}
"""Kind of question -> what its answer is."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first keys of a problem file."""

    id: str
    title: str
    topic: str
    family: str
    level: str


_CHECKS = {
    "id": TypeAdapter[str](Slug),
    "title": TypeAdapter[str](Text),
    "topic": TypeAdapter[str](Slug),
    "family": TypeAdapter[str](Family),
    "level": TypeAdapter[str](Level),
}


def header_fault(key: str, value: str) -> str:
    """What is wrong with a value of the header, with what to write; empty where nothing is."""
    if "\n" in value:
        return "Write it in one line."
    try:
        _CHECKS[key].validate_python(value)
    except ValidationError as error:
        detail = error.errors()[0]
        context = detail.get("ctx", {})
        if "message" in context:
            return f"{context['message']} {context['repair']}".strip()
        return f"Write {context.get('expected', 'something else')}."
    return ""


def usual_header(kind: str) -> Header:
    """The header that the starter of a kind has."""
    data = read_source(_starter(kind), kind).data
    return Header(**{field.name: str(data[field.name]) for field in fields(Header)})


def started(kind: str, header: Header) -> str:
    """A problem file of a kind under this header."""
    keys = [field.name for field in fields(Header)]
    lines = _starter(kind).split("\n")
    return "\n".join([*(f"{key}: {_scalar(key, getattr(header, key))}" for key in keys), *lines[len(keys) :]])


def slug_of(title: str) -> str:
    """A title as an id: lower-case words joined by hyphens.

    >>> slug_of("Slope of (3x + 1)^2 at 1")
    'slope-of-3x-1-2-at-1'
    """
    words = re.findall(r"[a-z0-9]+", title.lower())
    while words and words[0][0].isdigit():
        words.pop(0)
    return "-".join(words)[:80].rstrip("-")


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ,.()'-]*[A-Za-z0-9.)]")
_READ_OTHERWISE = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


def _scalar(key: str, value: str) -> str:
    """A text as YAML: bare where nobody can take it for anything else."""
    is_plain = key != "family" and _PLAIN.fullmatch(value) and value.lower() not in _READ_OTHERWISE
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _starter(kind: str) -> str:
    return (STARTERS / f"{kind}.yaml").read_text(encoding="utf-8")
