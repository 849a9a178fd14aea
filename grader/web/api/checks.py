"""Verdicts on pairs of response and answer, without storing anything."""

from __future__ import annotations

import time
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from grader.answers import BY_NAME
from grader.answers.base import READERS
from grader.checking.verdict import Outcome, OutOfBudget
from grader.errors import GraderError, InvalidRequest, Unavailable
from grader.pairs import READ, Judgement, Pair, pair_from_json
from grader.services.access import Actor
from grader.web.api.bodies import pointer_of
from grader.web.api.limits import CHECKS
from grader.web.api.machinery import machinery
from grader.web.api.routes import Reply, Route
from grader.web.api.schemas import LONGEST_TEXT, Given, Shown

MOST_PAIRS = 100

Cell = str | int | float
Text = str | list[list[Cell]]


def _one_of(names: Iterable[str]) -> AfterValidator:
    """Refuse whatever is not in the list, with the nearest of it."""
    known = tuple(names)

    def check(given: str) -> str:
        if given not in known:
            near = get_close_matches(given, known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"This must be one of {', '.join(known)}.{hint}")
        return given

    return AfterValidator(check)


TypeName = Annotated[str, _one_of(BY_NAME), WithJsonSchema({"type": "string", "enum": [*BY_NAME]})]
Notation = Annotated[str, _one_of(READERS), WithJsonSchema({"type": "string", "enum": [*READERS]})]
LAYOUTS = ("row", "column", "any")
LayoutName = Annotated[str, _one_of(LAYOUTS), WithJsonSchema({"type": "string", "enum": [*LAYOUTS]})]


class ToleranceGiven(Given):
    """How near is right; one of the four."""

    absolute: float | str | None = Field(default=None, examples=[0.01])
    relative: float | str | None = Field(default=None, examples=[0.001])
    significant_figures: int | None = Field(default=None, examples=[3])
    decimal_places: int | None = Field(default=None, examples=[2])


class Check(Given):
    """A response and the answer to judge it against, as a line of `grader check --batch`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"response": "12x^2 - 5", "answer": "12*x**2 - 5", "variables": {"x": {}}},
                {"response": "3.14", "answer": "pi", "type": "number", "tolerance": {"absolute": 0.01}},
                {"response": "2*x*cos(x)", "task": {"derivative": "x^2*sin(x)", "by": "x"}},
            ]
        }
    )

    id: str | int | None = Field(default=None, description="Comes back with the verdict.")
    response: Text = Field(description="What was typed; a table also as a list of rows.")
    answer: Text | None = Field(default=None, description="What is right; null: the response is only read.")
    task: dict[str, Any] | None = Field(
        default=None,
        max_length=20,
        description="In place of an answer: what the key is derived from; mistakes are recognised then.",
        examples=[{"gradient": "x^2*y", "by": ["x", "y"], "at": {"x": "1", "y": "2"}}],
    )
    type: TypeName | None = Field(default=None, description="An expression unless said; a task implies the type.")
    notation: Notation = "text"
    answer_notation: Notation = "text"
    variables: dict[str, dict[str, Any] | None] | None = Field(
        default=None,
        max_length=100,
        description="The names allowed and where they lie; null: whatever names occur.",
        examples=[{"x": {}, "p": {"in": ["0", "1"]}, "n": {"integer": True}, "A": {"shape": [2, 3]}}],
    )
    tolerance: ToleranceGiven | None = None
    layout: LayoutName | None = None
    up_to: str | dict[str, list[str]] | None = Field(
        default=None,
        description="What a right response may differ by: a constant, a factor, a sign, the names of parameters.",
        examples=["constant", {"renaming": ["c"]}],
    )
    form: str | dict[str, Any] | list[str | dict[str, Any]] | None = Field(
        default=None,
        description="How a right value must be written, as in problem files.",
        examples=["expanded", {"factored": "integers"}, ["simplified", "exact"]],
    )
    conditions: list[str] | None = Field(
        default=None, description="Of a witness: what its values must meet.", examples=[["4*d1 + d2 = 0", "d1 > 0"]]
    )
    names: list[str] | None = Field(
        default=None, description="Of a witness: what its values are called.", examples=[["d1", "d2"]]
    )
    indices: dict[str, int | str] | None = Field(
        default=None,
        description="Of an indexed expression: its free indices, each with the size that it runs over.",
        examples=[{"i": "m", "j": "n"}],
    )
    strict: bool | None = Field(default=None, description="Whether values at isolated points count.")

    def pair(self) -> Pair:
        """The pair; InvalidRequest where a text is too long or a setting cannot be used."""
        values = self.model_dump(exclude_none=True)
        for name in ("response", "answer"):
            values[name] = _as_typed(values.get(name))
            if len(values[name] or "") > LONGEST_TEXT:
                raise InvalidRequest(f"No text may be longer than {LONGEST_TEXT} characters.", name)
        return pair_from_json(values)


class JudgementShown(Shown):
    """The verdict; where the pair could not be judged there is an `error` and no outcome."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": None,
                    "outcome": "equal",
                    "evidence": "proved",
                    "message": "Proved equal (the same up to order).",
                    "read_as": "12*x^2 - 5",
                    "elapsed_ms": 0.4,
                    "key": None,
                    "mistake": None,
                    "error": None,
                    "pointer": None,
                }
            ]
        }
    )

    id: str | int | None = None
    outcome: str | None = Field(default=None, json_schema_extra={"enum": [*Outcome, READ, None]})
    evidence: str | None = None
    message: str = ""
    read_as: str | None = None
    elapsed_ms: float | None = None
    key: str | None = Field(default=None, description="Of a task: the answer that it came to.")
    mistake: str | None = Field(default=None, description="The id of the mistake that explains a wrong response.")
    error: str | None = Field(default=None, description="Only in a list: why this pair could not be judged.")
    pointer: str | None = Field(default=None, description="The place of the error in the body.")


def create_checks(actor: Actor, body: Check | list[Check]) -> Reply:
    """One verdict for one pair, a list for a list."""
    pairs = body if isinstance(body, list) else [body]
    machinery().allowances.spend(CHECKS, actor, "checks", len(pairs))
    if isinstance(body, Check):
        return Reply(_shown(machinery().judge(body.pair())))
    deadline = time.monotonic() + machinery().list_seconds
    return Reply([_judged(number, given, deadline) for number, given in enumerate(body)])


def _judged(number: int, given: Check, deadline: float) -> JudgementShown:
    """The verdict on one pair of a list, or why there is none: one bad pair stops no other.

    When the list has taken too long, the pairs that are left are undecided.
    """
    try:
        pair = given.pair()
        if time.monotonic() >= deadline:
            reason = f"the list took longer than {machinery().list_seconds:g} seconds"
            evidence = OutOfBudget(reason)
            return _shown(Judgement(pair.id, Outcome.UNDECIDED, evidence, str(evidence), None, 0.0))
        return _shown(machinery().judge(pair))
    except InvalidRequest as error:
        return JudgementShown(id=given.id, error=str(error), pointer=pointer_of(f"{number}.{error.field}"))
    except Unavailable:
        raise  # it says nothing about the pair
    except GraderError as error:
        return JudgementShown(id=given.id, error=str(error), pointer=pointer_of(str(number)))


def _as_typed(given: Text | None) -> str | None:
    """A list of rows as it would be typed."""
    if not isinstance(given, list):
        return given
    return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in given) + "]"


def _shown(judgement: Judgement) -> JudgementShown:
    return JudgementShown.model_validate(judgement.to_json())


ROUTES = (
    Route(
        "POST",
        "/checks",
        create_checks,
        "checks:write",
        "Judge a response against an answer",
        {200: JudgementShown | list[JudgementShown]},
        description=(
            f"One pair, or a list of up to {MOST_PAIRS}, which gives a list in the same order. "
            "Nothing is stored. Each pair is judged within limits of time and memory; one that goes past them is "
            f"undecided. Up to {CHECKS.amount} pairs a minute."
        ),
        body=Check,
        most=MOST_PAIRS,
        errors=(429,),
    ),
)
