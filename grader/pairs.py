"""One response against one answer or task, without a problem around it, and the mistake in it.

What `grader check`, `check --batch` and `POST /checks` do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from grader.answers import BY_NAME
from grader.answers.base import Answer, Context, is_wrong, judge_response, read_response
from grader.answers.explaining import observe
from grader.checking.domain import Domain
from grader.checking.verdict import Evidence, Outcome, Unreadable, Verdict
from grader.errors import AnswerError, InvalidRequest
from grader.loading import later
from grader.single import Pair, Prepared, check, contexts, kind_of, prepared, settings_of

if TYPE_CHECKING:
    from grader.mistakes.asking import Asked, ask_as_given
    from grader.mistakes.questions import Question
    from grader.mistakes.reach import where_asked, within_reach
    from grader.mistakes.recognising import recognise
else:
    ask_as_given = later("grader.mistakes.asking:ask_as_given")
    recognise = later("grader.mistakes.recognising:recognise")
    where_asked = later("grader.mistakes.reach:where_asked")
    within_reach = later("grader.mistakes.reach:within_reach")

__all__ = ["READ", "Judgement", "Pair", "check", "judge", "pair_from_json"]

READ = "read"
# Settings of single answer types that a line may give as they stand; the type's own class checks them.
_OF_TYPES = ("form", "up_to", "strict", "indices", "conditions", "names")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `judge` says; `outcome` is one of `Outcome`, or `read` where there was no answer.

    `key` is what a task came to, `mistake` what was recognised in a wrong response.
    """

    id: str | int | None
    outcome: str
    evidence: Evidence | None
    message: str
    read_as: str | None
    elapsed_ms: float
    key: str | None = None
    mistake: str | None = None

    @property
    def verdict(self) -> Verdict | None:
        """Outcome and evidence; None where the response was only read."""
        return None if self.evidence is None else Verdict(Outcome(self.outcome), self.evidence)

    def to_json(self) -> dict[str, Any]:
        """The line out of `check --batch`; a task adds its key and the mistake, if one was recognised."""
        of_task: dict[str, Any] = {} if self.key is None else {"key": self.key}
        if self.key is not None or self.mistake is not None:
            of_task["mistake"] = self.mistake
        return {
            "id": self.id,
            "outcome": str(self.outcome),
            "evidence": None if self.evidence is None else self.evidence.kind,
            "message": self.message,
            "read_as": self.read_as,
            "elapsed_ms": self.elapsed_ms,
            **of_task,
        }


def pair_from_json(given: Mapping[str, Any]) -> Pair:
    """The pair that a line or request describes; InvalidRequest names the field at fault.

    Fields that no pair has are left alone, so that a file may carry notes of its own.
    """
    own = {each.name for each in fields(Pair)} - {"settings"}
    values = {name: given[name] for name in own if given.get(name) is not None}
    values["settings"] = {name: given[name] for name in _OF_TYPES if given.get(name) is not None}
    values["response"] = _text(given, "response")
    values["answer"] = _text(given, "answer") if given.get("answer") is not None else None
    for name in ("type", "notation", "answer_notation", "layout"):
        if name in values:
            _expect(name, values[name], str, "a text")
    if "task" in values:
        _expect("task", values["task"], Mapping, "an object")
        if values["answer"] is not None:
            raise InvalidRequest("Give an `answer` or a `task`, not both.", "task")
        values.setdefault("type", "")
    for name in ("variables", "tolerance"):
        if name in values:
            _expect(name, values[name], Mapping, "an object")
    if "id" in values and not isinstance(values["id"], str | int):
        raise InvalidRequest("`id` must be a text.", "id")
    return Pair(**values)


def judge(pair: Pair, *, prove: bool = False, clock: Callable[[], float] = perf_counter) -> Judgement:
    """The judgement on the pair; `prove` waits for slow proofs.

    A response that cannot be read is invalid. An answer, task, type or setting that cannot be used is
    the caller's fault: InvalidRequest.
    """
    asked = _given(pair, prove=prove)
    started = clock()
    try:
        asked, response = _read(pair, asked)
    except AnswerError as error:
        elapsed, evidence = _elapsed(started, clock), Unreadable.of(error)
        return Judgement(pair.id, Outcome.INVALID, evidence, str(error), None, elapsed, asked.shown_key)
    given = asked.base
    notices = tuple(notice.text for notice in response.notices)
    shown = given.kind.show(response.tree, given.settings)
    if given.key is None:
        return Judgement(pair.id, READ, None, " ".join(notices), shown, _elapsed(started, clock))
    context = given.context if asked.question is None else where_asked(asked.question, given.context)
    sides = (given.kind, response, given.key, given.settings, context)
    checked = judge_response(*sides)
    if asked.question is not None:
        checked = within_reach(checked, *sides, asked.question)
    mistake = None
    if is_wrong(checked):
        trees = (response.tree, given.key)
        mistake = recognise(given.kind, given.settings, *trees, checked, context, asked.question)
    elapsed = _elapsed(started, clock)
    observed = observe(response.tree, given.key, checked.verdict, context, "values") if mistake is None else ()
    if mistake is not None and not checked.mistake:
        observed = (mistake.sentence,)
    words = (*checked.feedback, _evidence_words(checked.verdict, checked.feedback), *observed, *notices)
    message, verdict = " ".join(word for word in words if word), checked.verdict
    found = None if mistake is None else mistake.id
    return Judgement(pair.id, verdict.outcome, verdict.evidence, message, shown, elapsed, asked.shown_key, found)


def _read(pair: Pair, given: _Given) -> tuple[_Given, Answer]:
    """The response, and what it is judged against: of a descent a table or the last point."""
    base = given.base
    response = read_response(base.kind, pair.response, base.settings, base.context)
    asked = None if given.task is None else given.task.for_response(response.tree)
    if asked is None or asked is given.task or pair.type == base.kind.name:
        return given, response
    given = _for_task(pair, asked, base.context)
    return given, read_response(given.base.kind, pair.response, given.base.settings, base.context)


@dataclass(frozen=True, slots=True)
class _Given:
    """What the caller gave beside the response, checked, and the task if there is one."""

    base: Prepared
    task: Asked | None = None

    @property
    def shown_key(self) -> str | None:
        """The key that a task came to, in plain notation."""
        return None if self.task is None else self.task.shown

    @property
    def question(self) -> Question | None:
        """What a task asks, for recognising mistakes."""
        return None if self.task is None else self.task.question


def _given(pair: Pair, *, prove: bool) -> _Given:
    if pair.task is None:
        return _Given(prepared(pair, prove=prove))
    context, of_key = contexts(Domain.of(pair.variables), pair.notation, pair.answer_notation, prove)
    return _for_task(pair, ask_as_given(pair.task, of_key), context)


def _for_task(pair: Pair, asked: Asked, context: Context) -> _Given:
    """The type that the task implies, or the one that was given where that fits."""
    given = pair.type or next((name for name in asked.types if _takes(name, pair)), asked.types[0])
    if given not in asked.types and not (pair.type and given in (asked.last.types if asked.last else ())):
        wanted = " or ".join(dict.fromkeys(asked.types))
        raise InvalidRequest(f"This task asks for an answer of type {wanted}, not {given[:40]}.", "type")
    if given not in asked.types and asked.last is not None:
        return _for_task(pair, asked.last, context)
    kind = kind_of(given)
    settings = replace(settings_of(kind, pair), **asked.settings)
    if not asked.is_exact and pair.tolerance is None:
        message = "The numbers of this task are too long to be exact; give a `tolerance`."
        raise InvalidRequest(message, "tolerance")
    return _Given(Prepared(kind, settings, asked.key, context), asked)


def _takes(name: str, pair: Pair) -> bool:
    """Whether a type has the settings that were given."""
    known = {each.name for each in fields(BY_NAME[name].settings)}
    return (pair.tolerance is None or "tolerance" in known) and known.issuperset(pair.settings)


def _elapsed(started: float, clock: Callable[[], float]) -> float:
    return round((clock() - started) * 1000, 3)


def _evidence_words(verdict: Verdict, feedback: tuple[str, ...]) -> str:
    """The evidence in words, unless the feedback has said the same already."""
    said = verdict.outcome is Outcome.AMBIGUOUS or (
        feedback and verdict.evidence.kind in {"type", "unreadable", "form", "condition"}
    )
    return "" if said else str(verdict.evidence)


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
