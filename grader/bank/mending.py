"""A file whose form is faulty, made good enough to look for the faults of its mathematics as well."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from grader.bank.faults import in_file, known_keys
from grader.bank.schema import ProblemFile
from grader.bank.source import Document, Path, Place

UNNAMED = "unnamed"
_PLACEHOLDERS: Mapping[str, Any] = {
    "id": UNNAMED,
    "title": "-",
    "topic": UNNAMED,
    "family": "1.1",
    "level": "drill",
    "prompt": "-",
    "ask": "-",
    "type": "expression",
    "answer": "0",
    "points": 1000,
    "responses": {"-": "0"},
    "marks": {"-": 0},
    "answers": {"-": "0"},
}
_PART = {key: _PLACEHOLDERS[key] for key in ("id", "ask", "type", "answer")}


def mended(document: Document, error: ValidationError) -> Document:
    """The document with what is at fault renamed to what was meant, replaced or left out."""
    data = deepcopy(document.data)
    values, keys = dict(document.values), dict(document.keys)
    for detail in error.errors():
        loc = tuple(detail["loc"])
        path = in_file(loc, document, ())
        if detail["type"] == "extra_forbidden" and _rename(data, path, known_keys(ProblemFile, loc[:-1]), values, keys):
            continue
        if path[:1] == ("parameters",) and len(path) > 1:
            data["parameters"][path[1]] = {"integer": [2, 9]}
        elif detail["type"] == "missing":
            _fill(data, path, str(loc[-1]))
        else:
            _drop(data, path)
    return replace(document, data=data, values=values, keys=keys)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _rename(data: Any, path: Path, known: list[str], *tables: dict[Path, Place]) -> bool:
    """Rename an unknown key to the one that was meant, or leave it out and say that it was not."""
    holder, key = _at(data, path[:-1]), str(path[-1])
    if not isinstance(holder, dict) or key not in holder:
        return False
    value = holder.pop(key)
    close = get_close_matches(key, known, n=1, cutoff=0.6)
    if not close or close[0] in holder:
        return False
    holder[close[0]] = value
    old, new = path, (*path[:-1], close[0])
    for table in tables:
        table.update({(*new, *at[len(old) :]): place for at, place in list(table.items()) if at[: len(old)] == old})
    return True


def _fill(data: Any, path: Path, key: str) -> None:
    holder = _at(data, path[:-1] if path[-1:] == (key,) else path)
    if isinstance(holder, dict):
        if key == "parts":
            holder[key] = [dict(_PART)]
        elif key in _PLACEHOLDERS:
            holder[key] = deepcopy(_PLACEHOLDERS[key])


def _drop(data: Any, path: Path) -> None:
    """Leave out the value, or the whole list that an entry at fault stands in, so that no place shifts."""
    if "figures" in path:  # what is left of a figure would lack what it needs
        path = path[: path.index("figures") + 1]
    while path and isinstance(path[-1], int):
        if path[0] == "parts" and len(path) == 2:
            data["parts"][path[1]] = dict(_PART)
            return
        path = path[:-1]
    holder = _at(data, path[:-1])
    if isinstance(holder, dict) and path:
        holder.pop(path[-1], None)
        if len(path) == 1 or path[0] == "parts":
            _fill(data, path, str(path[-1]))
