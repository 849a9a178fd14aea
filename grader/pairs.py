"""One response against one answer, without a problem around it.

What `grader check`, `check --batch` and `POST /checks` do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from time import perf_counter
from typing import Any, get_args

from grader.answers import BY_NAME
from grader.answers.base import (
    READERS,
    Answer,
    AnswerType,
    Context,
    Layout,
    Settings,
    judge_response,
    key_fault,
    read_response,
)
from grader.answers.choice import ChoiceSettings
from grader.answers.tolerance import Tolerance
from grader.checking.domain import Domain
from grader.checking.equality import Budget
from grader.checking.verdict import Evidence, Outcome, Unreadable, Verdict
from grader.errors import AnswerError, InvalidRequest
from grader.reading.tree import Tree

READ = "read"
_NOT_JUDGED = ("task", "conditions", "names", "indices", "form")
_LAYOUTS = get_args(Layout)


@dataclass(frozen=True, slots=True)
class Pair:
    """A response and the answer to judge it against; `answer` None only reads the response.

    `variables` in its JSON form allows exactly those names; None allows whatever names occur.
    """

    response: str
    answer: str | None
    id: str | int | None = None
    type: str = "expression"
    notation: str = "text"
    answer_notation: str = "text"
    variables: Mapping[str, Any] | None = None
    tolerance: Mapping[str, Any] | None = None
    layout: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `judge` says; `outcome` is one of `Outcome`, or `read` where there was no answer."""

    id: str | int | None
    outcome: str
    evidence: Evidence | None
    message: str
    read_as: str | None
    elapsed_ms: float

    @property
    def verdict(self) -> Verdict | None:
        """Outcome and evidence; None where the response was only read."""
        return None if self.evidence is None else Verdict(Outcome(self.outcome), self.evidence)

    def to_json(self) -> dict[str, Any]:
        """The line out of `check --batch`."""
        return {
            "id": self.id,
            "outcome": str(self.outcome),
            "evidence": None if self.evidence is None else self.evidence.kind,
            "message": self.message,
            "read_as": self.read_as,
            "elapsed_ms": self.elapsed_ms,
        }


def pair_from_json(given: Mapping[str, Any]) -> Pair:
    """The pair that a line or request describes; InvalidRequest names the field at fault.

    Fields that no pair has are left alone, so that a file may carry notes of its own.
    """
    for name in _NOT_JUDGED:
        if given.get(name) is not None:
            raise InvalidRequest(f"`{name}` is not judged by this version of grader.", name)
    values = {field.name: given[field.name] for field in fields(Pair) if given.get(field.name) is not None}
    values["response"] = _text(given, "response")
    values["answer"] = _text(given, "answer") if given.get("answer") is not None else None
    for name in ("type", "notation", "answer_notation", "layout"):
        if name in values:
            _expect(name, values[name], str, "a text")
    for name in ("variables", "tolerance"):
        if name in values:
            _expect(name, values[name], Mapping, "an object")
    if "id" in values and not isinstance(values["id"], str | int):
        raise InvalidRequest("`id` must be a text.", "id")
    return Pair(**values)


def judge(pair: Pair, *, prove: bool = False, clock: Callable[[], float] = perf_counter) -> Judgement:
    """The judgement on the pair; `prove` waits for slow proofs.

    A response that cannot be read is invalid. An answer, type or setting that cannot be used is the
    caller's fault: InvalidRequest.
    """
    kind, settings, key, context = _prepared(pair, prove=prove)
    started = clock()
    try:
        response = read_response(kind, pair.response, settings, context)
    except AnswerError as error:
        return Judgement(pair.id, Outcome.INVALID, Unreadable.of(error), str(error), None, _elapsed(started, clock))
    notices = tuple(notice.text for notice in response.notices)
    if key is None:
        shown = kind.show(response.tree, settings)
        return Judgement(pair.id, READ, None, " ".join(notices), shown, _elapsed(started, clock))
    checked = judge_response(kind, response, key, settings, context)
    elapsed = _elapsed(started, clock)
    words = (*checked.feedback, _evidence_words(checked.verdict, checked.feedback), *notices)
    message = " ".join(word for word in words if word)
    shown = kind.show(response.tree, settings)
    return Judgement(pair.id, checked.verdict.outcome, checked.verdict.evidence, message, shown, elapsed)


def check(
    response: str,
    answer: str,
    *,
    variables: Mapping[str, Any] | None = None,
    type: str = "expression",
    tolerance: Mapping[str, Any] | None = None,
    layout: str | None = None,
    prove: bool = False,
) -> Verdict:
    """The verdict on a response; its evidence says why.

    >>> print(check("12x^2 - 5", "12*x**2 - 5", variables={"x": {}}).outcome)
    equal
    """
    pair = Pair(response, answer, type=type, variables=variables, tolerance=tolerance, layout=layout)
    kind, settings, key, context = _prepared(pair, prove=prove)
    if key is None:
        raise InvalidRequest("An answer to check against is needed.", "answer")
    try:
        read = read_response(kind, response, settings, context)
    except AnswerError as error:
        return Verdict(Outcome.INVALID, Unreadable.of(error))
    return judge_response(kind, read, key, settings, context).verdict


def _prepared(pair: Pair, *, prove: bool) -> tuple[AnswerType[Any], Settings, Tree | None, Context]:
    """What the caller gave beside the response, checked: type, settings, key, and how to read and judge."""
    kind = _kind(pair.type)
    settings = _settings(kind, pair)
    domain = Domain.of(pair.variables)
    budget = Budget(prove=prove)
    key = _key(kind, settings, pair, Context.of(domain, _notation(pair.answer_notation, "answer_notation"), budget))
    return kind, settings, key, Context.of(domain, _notation(pair.notation, "notation"), budget)


def _elapsed(started: float, clock: Callable[[], float]) -> float:
    return round((clock() - started) * 1000, 3)


def _evidence_words(verdict: Verdict, feedback: tuple[str, ...]) -> str:
    """The evidence in words, unless the feedback has said the same already."""
    said = verdict.outcome is Outcome.AMBIGUOUS or (feedback and verdict.evidence.kind in {"type", "unreadable"})
    return "" if said else str(verdict.evidence)


def _kind(name: str) -> AnswerType[Any]:
    kind = BY_NAME.get(name)
    if kind is None:
        near = get_close_matches(name, BY_NAME, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InvalidRequest(f"There is no type {name[:40]!r}.{hint} The types are {', '.join(BY_NAME)}.", "type")
    return kind


def _settings(kind: AnswerType[Any], pair: Pair) -> Settings:
    """The type's settings with what a pair may set."""
    if kind.settings is ChoiceSettings:
        return ChoiceSettings(multiple=True)
    values: dict[str, Any] = {}
    known = {field.name for field in fields(kind.settings)}
    if pair.tolerance is not None:
        if "tolerance" not in known:
            raise InvalidRequest(f"An answer of type {kind.name} takes no tolerance.", "tolerance")
        values["tolerance"] = _tolerance(pair.tolerance)
    if pair.layout is not None:
        if "layout" not in known or pair.layout not in _LAYOUTS:
            raise InvalidRequest(f"A vector or matrix has a layout, one of {', '.join(_LAYOUTS)}.", "layout")
        values["layout"] = pair.layout
    settings: Settings = kind.settings(**values)
    return settings


def _tolerance(given: Mapping[str, Any]) -> Tolerance:
    ways = {field.name for field in fields(Tolerance)}
    unknown = [str(name) for name in given if name not in ways]
    if unknown:
        raise InvalidRequest(f"{unknown[0][:40]!r} is no kind of tolerance.", "tolerance")
    if any(isinstance(amount, bool) or not isinstance(amount, int | float | str) for amount in given.values()):
        raise InvalidRequest("The amount of a tolerance is a number.", "tolerance")
    try:
        return Tolerance(**given)
    except ValueError as error:
        raise InvalidRequest(str(error), "tolerance") from None


def _key(kind: AnswerType[Any], settings: Settings, pair: Pair, context: Context) -> Tree | None:
    if pair.answer is None:
        return None
    try:
        answer: Answer = read_response(kind, pair.answer, settings, context)
    except AnswerError as error:
        place = f"characters {error.start + 1} to {error.end}" if error.end > error.start else "the end"
        raise InvalidRequest(f"The answer cannot be read, at {place}: {error}", "answer") from None
    fault = key_fault(kind, answer.tree, settings)
    if fault:
        raise InvalidRequest(f"{fault} Give the `type` that fits.", "answer")
    return answer.tree


def _notation(name: str, field: str) -> str:
    if name not in READERS:
        raise InvalidRequest(f"{field} is one of {', '.join(READERS)}, not {name[:40]!r}.", field)
    return name


def _text(given: Mapping[str, Any], name: str) -> str:
    """A text; rows of cells may also be given as JSON lists."""
    value = given.get(name)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    _expect(name, value, str, "a text")
    return str(value)


def _expect(name: str, value: object, kind: type, words: str) -> None:
    if not isinstance(value, kind):
        raise InvalidRequest(f"`{name}` must be {words}.", name)
