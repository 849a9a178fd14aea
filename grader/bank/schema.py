"""What may stand in a problem file: one strict model for each kind of mapping in it.

Only the form is checked here; what the mathematics says is checked when it is read, in `compiling`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from grader.answers import BY_NAME
from grader.bank.field_types import (
    MOST_ENTRIES,
    STRICT,
    Ends,
    Family,
    Key,
    Level,
    Maths,
    Name,
    OptionId,
    Points,
    Quantity,
    ResponseText,
    Share,
    Size,
    Slug,
    Text,
    Texts,
    form_fault,
)
from grader.bank.figure_schema import FigureFile
from grader.bank.wording import LANGUAGES

MOST_FIGURES = 12


class Strict(BaseModel):
    """A mapping with no key beyond those named."""

    model_config = STRICT


class VariableFile(Strict):
    """The domain of one variable; `in` is an interval as text or a list of its two ends."""

    in_: Any = Field(default=None, alias="in")
    integer: bool = False
    positive: bool = False
    nonnegative: bool = False
    nonzero: bool = False
    function: bool = False
    symmetric: bool = False
    invertible: bool = False
    positive_definite: bool = False
    orthogonal: bool = False
    diagonal: bool = False
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
            raise form_fault("A symmetric matrix is square.", "Give it as many rows as columns.", "shape")
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
            raise form_fault("A denominator is at least 1.", "Let the numerator carry the sign.", "denominator")
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
            raise form_fault(f"A parameter is one of {', '.join(kinds)}; here is {found}.", "Keep exactly one.")
        kind = given[0]
        if self.exclude and kind not in {"integer", "rational"}:
            where = "Write it inside." if kind in {"matrix", "vector"} else "Leave the entry out of the list instead."
            raise form_fault(f"`exclude` does not go beside `{kind}`.", where, "exclude")
        if "step" in self.model_fields_set and kind != "integer":
            raise form_fault(f"`step` does not go beside `{kind}`.", "Remove it.", "step")
        return self


class FeedbackFile(Strict):
    """Sentences for a part that is wrong, right, or right in some entries."""

    wrong: Texts | None = None
    right: Texts | None = None
    partial: Texts | None = None


class MistakeFile(Strict):
    """A mistake that students make here: the answer that it leads to, and what they are told."""

    id: Slug
    answer: Key
    feedback: Texts


class FollowsFile(Strict):
    """Which earlier answer a part goes on from, and under which name its key speaks of it."""

    part: Slug
    as_: Name = Field(alias="as")
    where: Annotated[list[Maths], Field(max_length=60)] = []
    follow_through: Share = Fraction(1)


FORMS_OF_CHECKS = ("derivative_of", "antiderivative_of", "solutions_of", "equals")


class CheckFile(Strict):
    """One thing that is true of the key, by which it is checked on every variant."""

    derivative_of: Maths | None = None
    antiderivative_of: Maths | None = None
    solutions_of: Maths | None = None
    equals: Maths | None = None
    by: Maths | None = None

    @model_validator(mode="after")
    def _one_form(self) -> CheckFile:
        given = [form for form in FORMS_OF_CHECKS if getattr(self, form) is not None]
        if len(given) != 1:
            raise form_fault(f"A check is one of {', '.join(FORMS_OF_CHECKS)}.", "Keep exactly one.")
        if (self.by is None) != (given[0] == "equals"):
            repair = "Remove it." if self.by is not None else "Name the variable: by: x."
            raise form_fault(f"{given[0]!r} goes {'without' if self.by is not None else 'with'} 'by'.", repair)
        return self

    @property
    def form(self) -> tuple[str, str]:
        """Which check it is, and what the key is compared with."""
        form = next(form for form in FORMS_OF_CHECKS if getattr(self, form) is not None)
        return form, getattr(self, form)


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class PartFile(BaseModel):
    """A question; keys beyond these are settings of its answer type and are checked with that."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, arbitrary_types_allowed=True)

    id: Slug
    ask: Texts
    type: str
    answer: Key | None = None
    task: Quantity | None = None
    points: Points = Fraction(1)
    options: dict[OptionId, Texts] | None = None
    feedback: FeedbackFile = FeedbackFile()
    mistakes: Annotated[list[MistakeFile], Field(max_length=20)] = []
    checks: Annotated[list[CheckFile], BeforeValidator(_listed), Field(max_length=10)] = []
    solution: Texts | None = None
    follows: FollowsFile | None = None

    @model_validator(mode="after")
    def _has_answer(self) -> PartFile:
        kind = BY_NAME.get(self.type)
        if self.answer is None and (kind is None or kind.needs_key):
            raise form_fault("The key 'answer' is missing.", "Add `answer: …` here.")
        return self


Steps = Annotated[
    list[Name],
    BeforeValidator(_listed),
    Field(max_length=MOST_FIGURES),
    WithJsonSchema({"type": ["string", "array"]}),
]


class SolutionFile(Strict):
    """A worked solution with more than words: `steps` names quantities whose derivation is written out."""

    text: Texts | None = None
    steps: Steps = []
    figures: Annotated[list[FigureFile], Field(max_length=MOST_FIGURES)] = []


def _solution_kind(value: Any) -> str:
    return "worked" if isinstance(value, dict) and not set(value) & set(LANGUAGES) else "text"


Solution = Annotated[
    Annotated[SolutionFile, Tag("worked")] | Annotated[Texts, Tag("text")], Discriminator(_solution_kind)
]


class FragmentFile(Strict):
    """What problems share: a text for `{{> name}}`, and declarations and hints for `use`."""

    text: Texts | None = None
    variables: dict[Name, VariableFile] = {}
    symbols: list[Name] = []
    parameters: Annotated[dict[Name, ParameterFile], Field(max_length=60)] = {}
    where: Annotated[list[Maths], Field(max_length=60)] = []
    derived: Annotated[dict[Name, Quantity], Field(max_length=MOST_ENTRIES)] = {}
    hints: list[Texts] = []


class ExampleFile(Strict):
    """Responses with the marks that they must get, on one variant or on all."""

    parameters: dict[Name, Maths | list[Any]] | None = None
    seed: int | None = None
    responses: Annotated[dict[str, ResponseText], Field(min_length=1)]
    marks: Annotated[dict[str, Points], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_variant(self) -> ExampleFile:
        if self.parameters is not None and self.seed is not None:
            raise form_fault("An example has `parameters` or a `seed`, not both.", "Remove one.", "seed")
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
    title: Texts
    topic: Slug
    family: Family
    level: Level
    use: Annotated[list[Slug], Field(max_length=MOST_FIGURES)] = []
    fragments: dict[Slug, FragmentFile] = {}
    variables: dict[Name, VariableFile] = {}
    symbols: list[Name] = []
    notation: NotationFile = NotationFile()
    parameters: Annotated[dict[Name, ParameterFile], Field(max_length=60)] = {}
    where: Annotated[list[Maths], Field(max_length=60)] = []
    derived: Annotated[dict[Name, Quantity], Field(max_length=MOST_ENTRIES)] = {}
    prompt: Texts
    figures: Annotated[list[FigureFile], Field(max_length=MOST_FIGURES)] = []
    parts: Annotated[list[PartFile], Field(min_length=1, max_length=40)]
    hints: list[Texts] = []
    solution: Solution | None = None
    examples: Annotated[list[ExampleFile], Field(max_length=MOST_ENTRIES)] = []
    known_case: Annotated[list[KnownCaseFile], BeforeValidator(_cases)] = []
