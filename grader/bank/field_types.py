"""The values that problem files are made of: names, texts, mathematics, points; each with its faults in words."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from grader.bank.scalars import exact_number
from grader.bank.source import as_text
from grader.bank.wording import ENGLISH, LANGUAGES
from grader.reading.names import WORDS, canonical

MOST_ENTRIES = 400
_LARGEST = 10**12


def form_fault(message: str, repair: str = "", key: str = "") -> PydanticCustomError:
    """A fault whose message, repair and key within the mapping `faults` will print."""
    return PydanticCustomError("bank", "{message}", {"message": message, "repair": repair, "key": key})


def _maths(value: Any) -> str:
    text = as_text(value)
    if text is None:
        raise form_fault(
            f"Mathematics is expected here, not {kind_of(value)}.", "Write it in quotes, as a student would."
        )
    if not text.strip():
        raise form_fault("There is nothing here to read.", "Write an expression.")
    return text


def _maths_or_list(value: Any) -> str:
    """A YAML list such as [[a, b], [c, d]] is taken for the vector or matrix that it looks like."""
    if isinstance(value, list):
        return "[" + ", ".join(_maths_or_list(item) for item in value) + "]"
    return _maths(value)


def _quantity(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    return _maths_or_list(value)


def _answer(value: Any) -> Any:
    return value if isinstance(value, (dict, list)) else _maths(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise form_fault(f"A text is expected here, not {kind_of(value)}.", "Put it in quotes.")
    return value


def _texts(value: Any) -> str | dict[str, str]:
    if not isinstance(value, dict):
        return _text(value)
    for language, text in value.items():
        if language not in LANGUAGES:
            message = f"{str(language)[:20]!r} is no language that is known here."
            raise form_fault(message, f"Known are {', '.join(LANGUAGES)}.", str(language))
        if not isinstance(text, str) or not text.strip():
            message = f"A text is expected for {language!r}, not {kind_of(text)}."
            raise form_fault(message, "Put it in quotes.", str(language))
    if ENGLISH not in value:
        raise form_fault("The English text is missing, which is shown where another is.", "Add `en: …`.")
    return value


def _response(value: Any) -> str:
    if isinstance(value, str):
        return value
    return _maths_or_list(value)


_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")
_NAME = re.compile(r"[^\W\d_][^\W_]*(_[^\W_]+)*")
_FAMILY = re.compile(r"[1-9][0-9]?\.[1-9][0-9]?")


def _slug(value: Any) -> str:
    if not isinstance(value, str) or not _SLUG.fullmatch(value) or len(value) > 80:
        shown = value if isinstance(value, str) else kind_of(value)
        raise form_fault(f"{shown!r} is not a name of this kind.", "Write lower-case words joined by hyphens.")
    return value


def _option(value: Any) -> str:
    if not isinstance(value, str) or not _OPTION.fullmatch(value) or len(value) > 80:
        raise form_fault(f"{value!r} cannot be the id of an option.", "Write a word; hyphens may join several.")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > 40:
        raise form_fault(f"{value!r} cannot be a name.", "Begin with a letter; then letters, digits or underscores.")
    if value in WORDS:
        raise form_fault(f"{value!r} is a word of the notation and cannot be a name.", "Choose another name.")
    return canonical(value)


def _family(value: Any) -> str:
    text = as_text(value)
    if text is None or not _FAMILY.fullmatch(text):
        raise form_fault("The family is a row of the curriculum.", 'Write it like "5.1", in quotes.')
    return text


def _points(value: Any) -> Fraction:
    text = as_text(value)
    try:
        points = exact_number(text or "")
    except ValueError:
        raise form_fault(f"Points are a number, not {value!r}.", "Write 2 or 0.5.") from None
    if not 0 <= points <= 1000:
        raise form_fault(f"{text} points are out of range.", "Write a number from 0 to 1000.")
    return points


def _share(value: Any) -> Fraction:
    share = _points(value)
    if share > 1:
        raise form_fault(f"{as_text(value)} is no share of the points.", "Write a number from 0 to 1.")
    return share


_SCALAR = WithJsonSchema({"type": ["string", "number"]})
_SCALARS = WithJsonSchema({"type": ["string", "number", "array"]})
_TEXTS = {"type": ["string", "object"], "additionalProperties": {"type": "string"}}
Maths = Annotated[str, BeforeValidator(_maths), _SCALAR]
Quantity = Annotated[Any, BeforeValidator(_quantity)]
Key = Annotated[Any, BeforeValidator(_answer)]
Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": "string", "minLength": 1})]
ResponseText = Annotated[str, BeforeValidator(_response), _SCALARS]
Slug = Annotated[str, BeforeValidator(_slug), WithJsonSchema({"type": "string", "pattern": f"^{_SLUG.pattern}$"})]
Texts = Annotated[str | dict[str, str], BeforeValidator(_texts), WithJsonSchema(_TEXTS)]
OptionId = Annotated[str, BeforeValidator(_option)]
Name = Annotated[str, BeforeValidator(_name)]
Family = Annotated[str, BeforeValidator(_family), WithJsonSchema({"type": "string", "pattern": f"^{_FAMILY.pattern}$"})]
Points = Annotated[Fraction, BeforeValidator(_points), WithJsonSchema({"type": ["number", "string"], "minimum": 0})]
Share = Annotated[
    Fraction, BeforeValidator(_share), WithJsonSchema({"type": ["number", "string"], "minimum": 0, "maximum": 1})
]
Level = Literal["drill", "standard", "stretch"]
Whole = Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)]
Ends = Annotated[list[Whole], Field(min_length=2, max_length=2)]
Scalar = str | int | Decimal | None
Size = Annotated[int, Field(ge=1, le=12)]


STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)
"""No key beyond those named, no value turned into another kind."""

_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    Decimal: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}


def kind_of(value: Any) -> str:
    """What a value of the file is, in words."""
    if isinstance(value, str) and not value.strip():
        return "an empty text"
    return _KINDS.get(type(value), "nothing")
