"""What may stand in a problem file: one strict model for each kind of mapping in it.

Only the form is checked here; what the mathematics says is checked when it is read, in `compiling`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from grader.bank.source import as_text
from grader.reading.names import WORDS, canonical

MOST_ENTRIES = 400
_LARGEST = 10**12


def _fault(message: str, repair: str = "", key: str = "") -> PydanticCustomError:
    """A fault whose message, repair and key within the mapping `faults` will print."""
    return PydanticCustomError("bank", "{message}", {"message": message, "repair": repair, "key": key})


def _maths(value: Any) -> str:
    text = as_text(value)
    if text is None:
        raise _fault(f"Mathematics is expected here, not {kind_of(value)}.", "Write it in quotes, as a student would.")
    if not text.strip():
        raise _fault("There is nothing here to read.", "Write an expression.")
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
        raise _fault(f"A text is expected here, not {kind_of(value)}.", "Put it in quotes.")
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
        raise _fault(f"{shown!r} is not a name of this kind.", "Write lower-case words joined by hyphens.")
    return value


def _option(value: Any) -> str:
    if not isinstance(value, str) or not _OPTION.fullmatch(value) or len(value) > 80:
        raise _fault(f"{value!r} cannot be the id of an option.", "Write a word; hyphens may join several.")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > 40:
        raise _fault(f"{value!r} cannot be a name.", "Begin with a letter; then letters, digits or underscores.")
    if value in WORDS:
        raise _fault(f"{value!r} is a word of the notation and cannot be a name.", "Choose another name.")
    return canonical(value)


def _family(value: Any) -> str:
    text = as_text(value)
    if text is None or not _FAMILY.fullmatch(text):
        raise _fault("The family is a row of the curriculum.", 'Write it like "5.1", in quotes.')
    return text


def _points(value: Any) -> Fraction:
    text = as_text(value)
    try:
        points = Fraction(text or "")
    except (ValueError, ZeroDivisionError):
        raise _fault(f"Points are a number, not {value!r}.", "Write 2 or 0.5.") from None
    if not 0 <= points <= 1000:
        raise _fault(f"{text} points are out of range.", "Write a number from 0 to 1000.")
    return points


Maths = Annotated[str, BeforeValidator(_maths)]
Quantity = Annotated[Any, BeforeValidator(_quantity)]
Key = Annotated[Any, BeforeValidator(_answer)]
Text = Annotated[str, BeforeValidator(_text)]
ResponseText = Annotated[str, BeforeValidator(_response)]
Slug = Annotated[str, BeforeValidator(_slug)]
OptionId = Annotated[str, BeforeValidator(_option)]
Name = Annotated[str, BeforeValidator(_name)]
Family = Annotated[str, BeforeValidator(_family)]
Points = Annotated[Fraction, BeforeValidator(_points)]
Whole = Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)]
Ends = Annotated[list[Whole], Field(min_length=2, max_length=2)]
Scalar = str | int | Decimal | None
Size = Annotated[int, Field(ge=1, le=12)]


class Strict(BaseModel):
    """No key beyond those named, no value turned into another kind."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class VariableFile(Strict):
    """The domain of one variable; `in` is an interval as text or a list of its two ends."""

    in_: Any = Field(default=None, alias="in")
    integer: bool = False
    positive: bool = False
    nonnegative: bool = False
    nonzero: bool = False
    function: bool = False
    shape: list[int | str] | None = None


class NotationFile(Strict):
    """Options of the notation."""

    decimal_comma: bool = False
    log_base_ten: bool = False
    tight_juxtaposition: bool = False
    complex_numbers: bool = False


class _Range(Strict):
    """Integers from one end to the other, without some."""

    integer: Ends
    exclude: list[Maths] = []
    step: Annotated[int, Field(ge=1)] = 1


class MatrixFile(_Range):
    """A matrix of integers."""

    shape: Annotated[list[Size], Field(min_length=2, max_length=2)]
    symmetric: bool = False

    @model_validator(mode="after")
    def _square(self) -> MatrixFile:
        if self.symmetric and self.shape[0] != self.shape[1]:
            raise _fault("A symmetric matrix is square.", "Give it as many rows as columns.", "shape")
        return self


class VectorFile(_Range):
    """A vector of integers."""

    length: Size


class RationalFile(Strict):
    """Ranges of the numerator and the denominator."""

    numerator: Ends
    denominator: Ends

    @model_validator(mode="after")
    def _positive(self) -> RationalFile:
        if self.denominator[0] < 1:
            raise _fault("A denominator is at least 1.", "Let the numerator carry the sign.", "denominator")
        return self


class ParameterFile(Strict):
    """One of the kinds of parameter, with what may be left out of it."""

    integer: Ends | None = None
    rational: RationalFile | None = None
    choice: Annotated[list[Maths], Field(min_length=1, max_length=MOST_ENTRIES)] | None = None
    words: Annotated[list[Text], Field(min_length=1, max_length=MOST_ENTRIES)] | None = None
    matrix: MatrixFile | None = None
    vector: VectorFile | None = None
    exclude: list[Maths] = []
    step: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _one_kind(self) -> ParameterFile:
        kinds = ("integer", "rational", "choice", "words", "matrix", "vector")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            found = "both " + " and ".join(given) if given else "none of them"
            raise _fault(f"A parameter is one of {', '.join(kinds)}; here is {found}.", "Keep exactly one.")
        kind = given[0]
        if self.exclude and kind not in {"integer", "rational"}:
            where = "Write it inside." if kind in {"matrix", "vector"} else "Leave the entry out of the list instead."
            raise _fault(f"`exclude` does not go beside `{kind}`.", where, "exclude")
        if "step" in self.model_fields_set and kind != "integer":
            raise _fault(f"`step` does not go beside `{kind}`.", "Remove it.", "step")
        return self


class FeedbackFile(Strict):
    """Sentences for a part that is wrong, right, or right in some entries."""

    wrong: Text | None = None
    right: Text | None = None
    partial: Text | None = None


class PartFile(BaseModel):
    """A question; keys beyond these are settings of its answer type and are checked with that."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, arbitrary_types_allowed=True)

    id: Slug
    ask: Text
    type: str
    answer: Key
    points: Points = Fraction(1)
    options: dict[OptionId, Text] | None = None
    feedback: FeedbackFile = FeedbackFile()
    solution: Text | None = None


class ExampleFile(Strict):
    """Responses with the marks that they must get, on one variant or on all."""

    parameters: dict[Name, Maths | list[Any]] | None = None
    seed: int | None = None
    responses: Annotated[dict[str, ResponseText], Field(min_length=1)]
    marks: Annotated[dict[str, Points], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_variant(self) -> ExampleFile:
        if self.parameters is not None and self.seed is not None:
            raise _fault("An example has `parameters` or a `seed`, not both.", "Remove one.", "seed")
        return self


class KnownCaseFile(Strict):
    """Parameters and the answers that must come out for them."""

    parameters: dict[Name, Maths | list[Any]] = {}
    answers: Annotated[dict[str, ResponseText], Field(min_length=1)]


def _cases(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class ProblemFile(Strict):
    """A whole problem file."""

    id: Slug
    title: Text
    topic: Slug
    family: Family
    level: Literal["drill", "standard", "stretch"]
    variables: dict[Name, VariableFile] = {}
    symbols: list[Name] = []
    notation: NotationFile = NotationFile()
    parameters: Annotated[dict[Name, ParameterFile], Field(max_length=60)] = {}
    where: Annotated[list[Maths], Field(max_length=60)] = []
    derived: Annotated[dict[Name, Quantity], Field(max_length=MOST_ENTRIES)] = {}
    prompt: Text
    parts: Annotated[list[PartFile], Field(min_length=1, max_length=40)]
    hints: list[Text] = []
    solution: Text | None = None
    examples: Annotated[list[ExampleFile], Field(max_length=MOST_ENTRIES)] = []
    known_case: Annotated[list[KnownCaseFile], BeforeValidator(_cases)] = []


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
