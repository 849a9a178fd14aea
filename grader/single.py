"""One response against one answer as it is given: nothing is derived, no mistake is looked for.

What `from grader import check` loads; `pairs` adds tasks and mistakes to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import lru_cache
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
from grader.answers.tolerance import Tolerance
from grader.checking.domain import ANYTHING, Domain
from grader.checking.equality import Budget
from grader.checking.verdict import Outcome, Unreadable, Verdict
from grader.errors import AnswerError, InvalidRequest
from grader.reading.tree import Tree

_NO_KEY = Tree("empty")
_LONGEST_KEPT = 300
_LAYOUTS = get_args(Layout)
_USUAL, _PROVING = Budget(), Budget(prove=True)


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
    settings: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the caller gave beside the response, checked: type, settings, key, how to read and judge."""

    kind: AnswerType[Any]
    settings: Settings
    key: Tree | None
    context: Context


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
    if answer and tolerance is None and layout is None and len(answer) <= _LONGEST_KEPT:
        given = _usual(type, answer, "text", "text", Domain.of(variables), prove)
    else:
        pair = Pair(response, answer, type=type, variables=variables, tolerance=tolerance, layout=layout)
        given = prepared(pair, prove=prove)
    if given.key is None:
        raise InvalidRequest("An answer to check against is needed.", "answer")
    try:
        read = read_response(given.kind, response, given.settings, given.context)
    except AnswerError as error:
        return Verdict(Outcome.INVALID, Unreadable.of(error))
    return judge_response(given.kind, read, given.key, given.settings, given.context).verdict


def prepared(pair: Pair, *, prove: bool) -> Prepared:
    """What a pair without a task is judged by; InvalidRequest names the field at fault."""
    domain = Domain.of(pair.variables)
    is_plain = pair.tolerance is None and pair.layout is None and not pair.settings
    if is_plain and pair.answer is not None and len(pair.answer) <= _LONGEST_KEPT:
        return _usual(pair.type, pair.answer, pair.notation, pair.answer_notation, domain, prove)
    context, of_key = contexts(domain, pair.notation, pair.answer_notation, prove)
    kind = kind_of(pair.type, domain)
    settings = settings_of(kind, pair)
    return Prepared(kind, settings, _key(kind, settings, pair, of_key), context)


@lru_cache(maxsize=2048)
def _usual(type: str, answer: str, notation: str, answer_notation: str, domain: Domain, prove: bool) -> Prepared:
    """What is judged against where nothing is set; a class of students is judged against the same few keys."""
    context, of_key = contexts(domain, notation, answer_notation, prove)
    kind = kind_of(type, domain)
    settings = kind.usual_settings()
    return Prepared(kind, settings, _read_key(kind, settings, answer, of_key), context)


@lru_cache(maxsize=1024)
def contexts(domain: Domain, notation: str, answer_notation: str, prove: bool) -> tuple[Context, Context]:
    """How the lines with these declarations are read and judged, and how their keys are read."""
    response = Context.of(domain, _notation(notation, "notation"), _PROVING if prove else _USUAL)
    return response, replace(response, notation=_notation(answer_notation, "answer_notation"))


def kind_of(name: str, domain: Domain = ANYTHING) -> AnswerType[Any]:
    """The answer type of a name; InvalidRequest lists those that there are.

    An equation between matrices is an expression over them with an equals sign in it.
    """
    kind = BY_NAME.get("matrix-expression" if name == "equation" and domain.shapes else name)
    if kind is None:
        near = get_close_matches(name, BY_NAME, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InvalidRequest(f"There is no type {name[:40]!r}.{hint} The types are {', '.join(BY_NAME)}.", "type")
    return kind


def settings_of(kind: AnswerType[Any], pair: Pair) -> Settings:
    """The type's settings with what a pair may set; InvalidRequest names what it may not."""
    if not kind.takes_settings or (pair.tolerance is None and pair.layout is None and not pair.settings):
        usual: Settings = kind.usual_settings()
        return usual
    values: dict[str, Any] = {}
    known = {each.name for each in fields(kind.settings)}
    if pair.tolerance is not None:
        if "tolerance" not in known:
            raise InvalidRequest(f"An answer of type {kind.name} takes no tolerance.", "tolerance")
        values["tolerance"] = _tolerance(pair.tolerance)
    if pair.layout is not None:
        if "layout" not in known or pair.layout not in _LAYOUTS:
            raise InvalidRequest(f"A vector or matrix has a layout, one of {', '.join(_LAYOUTS)}.", "layout")
        values["layout"] = pair.layout
    for name, value in pair.settings.items():
        if name not in known:
            raise InvalidRequest(f"An answer of type {kind.name} takes no `{name}`.", name)
        values[name] = value
    try:
        settings: Settings = kind.settings(**values)
    except ValueError as error:
        raise InvalidRequest(str(error), next(iter(pair.settings), "type")) from None
    return settings


def _tolerance(given: Mapping[str, Any]) -> Tolerance:
    ways = {each.name for each in fields(Tolerance)}
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
        fault = "" if kind.needs_key else key_fault(kind, _NO_KEY, settings)
        if fault:
            raise InvalidRequest(fault, "type")
        return None if kind.needs_key else _NO_KEY
    return _read_key(kind, settings, pair.answer, context)


def _read_key(kind: AnswerType[Any], settings: Settings, text: str, context: Context) -> Tree:
    """The key as a tree; InvalidRequest where it cannot be read or cannot be a key of the type."""
    try:
        answer: Answer = read_response(kind, text, settings, context)
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
