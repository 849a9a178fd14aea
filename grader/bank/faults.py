"""What pydantic finds wrong with a file, as faults with places, in words for an author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError

from grader.bank.field_types import kind_of
from grader.bank.source import Document, Path
from grader.errors import BankError

_EXPECTED: Mapping[str, str] = {
    "string_type": "A text",
    "int_type": "A whole number",
    "int_from_float": "A whole number",
    "bool_type": "true or false",
    "list_type": "A list",
    "dict_type": "A mapping",
    "model_type": "A mapping",
    "model_attributes_type": "A mapping",
    "dataclass_type": "A mapping",
    "dataclass_exact_type": "A mapping",
}
# In the place of a solution that is a mapping pydantic names this member of its union.
WORKED = "worked"
_UNKNOWN = frozenset({"extra_forbidden", "unexpected_keyword_argument"})


def nearest(word: str, known: Iterable[str], sentence: str = "Did you mean {!r}?") -> str:
    """A question that names the nearest known word, or the known words where none is near."""
    words = list(known)
    close = get_close_matches(word, words, n=1, cutoff=0.5)
    if close:
        return sentence.format(close[0])
    return f"Known are {', '.join(sorted(words))}." if words else ""


def schema_faults(
    error: ValidationError, document: Document, model: type[Any] | None = None, base: Path = ()
) -> list[BankError]:
    """All faults of a validation; `base` is where in the file the validated value stands."""
    details = error.errors()
    meant = {_meant(detail, model) for detail in details} - {()}  # a fault of the whole mapping is none of a key
    faults = [_fault(detail, document, model, base) for detail in details if tuple(detail["loc"]) not in meant]
    unique = {(fault.line, fault.column, fault.message): fault for fault in faults}
    return list(unique.values())


def _fault(detail: Any, document: Document, model: type[Any] | None, base: Path) -> BankError:
    kind: str = detail["type"]
    path = base + in_file(tuple(detail["loc"]), document, base)
    if kind in _UNKNOWN:
        return _unknown_key(path, document, known_keys(model, tuple(detail["loc"])[:-1]))
    if kind in {"missing", "missing_argument"}:
        missing = detail["loc"][-1]
        repair = f"Add `{missing}: …`{' here' if len(path) > 1 else ' to the file'}."
        return document.error(
            path[:-1] if path[-1:] == (missing,) else path, f"The key {missing!r} is missing.", repair
        )
    if kind == "bank":
        context = detail["ctx"]
        at = (*path, context["key"]) if context["key"] else path
        return document.error(at, context["message"], context["repair"], at_key=bool(context["key"]) or is_key(detail))
    if kind == "literal_error":
        return _not_listed(detail, document, path)
    message, repair = _in_words(detail, document.value(path))
    known = known_keys(model, tuple(detail["loc"])) if not repair and _EXPECTED.get(kind) == "A mapping" else []
    return document.error(path, message, _mapping_repair(known, detail["input"]) if known else repair)


def _meant(detail: Any, model: type[Any] | None) -> Path:
    """Where the key belongs that an unknown key is a slip of; it is not missing as well."""
    loc = tuple(detail["loc"])
    if detail["type"] not in _UNKNOWN:
        return ()
    close = get_close_matches(str(loc[-1]), known_keys(model, loc[:-1]), n=1, cutoff=0.6)
    return (*loc[:-1], *close) if close else ()


def is_key(detail: Any) -> bool:
    """Whether the fault is about a mapping's key and not its value."""
    return bool(detail["loc"]) and detail["loc"][-1] == "[key]"


def _in_words(detail: Any, written: Any) -> tuple[str, str]:
    """The message and repair of a value of another kind, size or range than expected; `written` is that of the file."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in _EXPECTED:
        found = kind_of(value if written is None else written)
        return f"{_EXPECTED[kind]} is expected here, not {found}.", _shape_repair(kind, value)
    if kind in {"too_short", "too_long"}:
        least, most = context.get("min_length"), context.get("max_length")
        wanted = f"at least {least}" if kind == "too_short" else f"at most {most}"
        entries = "entry" if (least if kind == "too_short" else most) == 1 else "entries"
        return f"Here are {context['actual_length']}, but {wanted} {entries} are expected.", ""
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = context.get("ge", context.get("le"))
        least = "least" if kind == "greater_than_equal" else "most"
        return f"{value} is out of range.", f"It must be at {least} {bound}."
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message if message.endswith((".", "!", "?")) else f"{message}.", ""


def _shape_repair(kind: str, value: Any) -> str:
    if kind == "string_type" and not isinstance(value, (list, dict)):
        return "Put it in quotes."
    if kind == "list_type" and isinstance(value, str):
        return f"Write [{value[:40]}], or one entry a line with a dash before it."
    return ""


_LIKELY: Mapping[str, type[Any]] = {"integer": list, "absolute": str, "wrong": str}


def _mapping_repair(known: list[str], value: Any) -> str:
    """The mapping that a bare value was probably meant to be, or the keys that there are."""
    keys = f"Its keys are {', '.join(known)}."
    shown = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
    if not isinstance(value, _LIKELY.get(known[0], ())) or len(shown) > 40 or '"' in shown:
        return keys
    quote = '"' if known[0] == "wrong" else ""
    return f"Write {{{known[0]}: {quote}{shown}{quote}}}. {keys}"


def _not_listed(detail: Any, document: Document, path: Path) -> BankError:
    allowed = [word.strip(" '") for word in str(detail["ctx"]["expected"]).replace(" or ", ", ").split(",")]
    shown = str(detail["input"])[:60]
    message = f"{shown!r} is not one of {', '.join(allowed)}."
    close = get_close_matches(shown, allowed, n=1, cutoff=0.5)
    return document.error(path, message, f"Did you mean {close[0]!r}?" if close else "")


def _unknown_key(path: Path, document: Document, known: Iterable[str]) -> BankError:
    key = str(path[-1])
    if document.value(path) is None and key.rstrip().endswith((")", "]")):
        repair = 'Put an interval in quotes: in: "(0, oo)".'
        return document.error(
            path, f"YAML cut this text at its comma, and took {key!r} for a key.", repair, at_key=True
        )
    return document.error(path, f"Unknown key {key!r}.", nearest(key, known), at_key=True)


def in_file(loc: Path, document: Document, base: Path) -> Path:
    """The part of pydantic's location that exists in the file, names of union members left out."""
    path: Path = ()
    for step in loc:
        if step == "[key]":
            break
        data = document.value(base + path)
        if (isinstance(data, dict) and (step in data or step == loc[-1])) or (
            isinstance(data, list) and isinstance(step, int)
        ):
            path = (*path, step)
    return path


def known_keys(model: type[Any] | None, loc: Path) -> list[str]:
    """The keys that the mapping at a location may have."""
    annotation: Any = model
    for step in loc:
        annotation = _below(annotation, step)
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return [field.alias or name for name, field in option.model_fields.items()]
        if is_dataclass(option) and isinstance(option, type):
            return [field.name for field in fields(option)]
    return []


def _below(annotation: Any, step: str | int) -> Any:
    """The type of an entry of a value of a type."""
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            fields = {field.alias or name: field for name, field in option.model_fields.items()}
            if step in fields:
                return fields[str(step)].annotation
            if step == WORKED:
                return option
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) is list and isinstance(step, int):
            return get_args(option)[0]
        elif is_dataclass(option) and isinstance(option, type) and step in get_type_hints(option):
            return get_type_hints(option)[str(step)]
    return annotation


def _options(annotation: Any) -> list[Any]:
    """The members of a union, and what is annotated, opened up."""
    if hasattr(annotation, "__metadata__"):
        return _options(annotation.__origin__)
    origin = get_origin(annotation)
    if origin in {dict, list, None}:
        return [annotation]
    return [each for option in get_args(annotation) for each in _options(option)]
