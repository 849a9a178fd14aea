"""A variant and responses to a result: the only place where a verdict becomes points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from grader.answers import BY_NAME
from grader.answers.base import (
    Answer,
    AnswerType,
    Checked,
    Context,
    Settings,
    is_wrong,
    judge_response,
    key_fault,
    read_response,
)
from grader.answers.choice import options_tree
from grader.answers.explaining import sentences
from grader.answers.settings import validate_settings
from grader.answers.wording import explain
from grader.bank.drawing import Word
from grader.bank.own_mistakes import own_mistake
from grader.bank.variant import Variant, VariantPart
from grader.calculus.literal_matrices import reduce_literals
from grader.checking.equality import Budget
from grader.checking.verdict import (
    Evidence,
    Outcome,
    OutOfBudget,
    Unreadable,
    Verdict,
    evidence_from_json,
    evidence_to_json,
)
from grader.engine import present_engine
from grader.errors import AnswerError, GraderError, InvalidRequest
from grader.mistakes.asking import question_of_texts
from grader.mistakes.questions import Question
from grader.mistakes.reach import where_asked, within_reach
from grader.mistakes.recognising import recognise
from grader.reading.printing import to_mathml

FROM_OWN = "Right from your own value in part (%(part)s)."
PARTLY_FROM_OWN = "Partly right from your own value in part (%(part)s)."
TOO_EASY = "Your value in part (%(part)s) makes this step easier than it is, so it is judged from the right one."
UNANSWERED = "unanswered"
_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class EntryResult:
    """The verdict on one entry; the index counts from 1."""

    index: tuple[int, ...]
    outcome: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class PartResult:
    """What one part got and why.

    `outcome` is one of `Outcome`, or `unanswered`. `feedback` is for the student; `evidence` is for the
    record and may hold a value of the key.
    """

    id: str
    score: Fraction
    max_score: Fraction
    outcome: str
    evidence: Evidence | None = None
    feedback: tuple[str, ...] = ()
    mistake: str | None = None
    entries: tuple[EntryResult, ...] = ()
    read_as: str = ""
    read_as_mathml: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a submission got, part by part, and which engine judged it."""

    score: Fraction
    max_score: Fraction
    parts: tuple[PartResult, ...]
    engine: str = field(default_factory=present_engine)

    @classmethod
    def of(cls, parts: tuple[PartResult, ...]) -> Result:
        """The result with the sums of the parts."""
        score = sum((part.score for part in parts), Fraction(0))
        return cls(score, sum((part.max_score for part in parts), Fraction(0)), parts)

    def to_json(self) -> dict[str, Any]:
        """The result as plain JSON data; `from_json` reads it back exactly."""
        return {
            **_points(self.score, self.max_score),
            "parts": [_part_to_json(part) for part in self.parts],
            "engine": self.engine,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """The result that `to_json` wrote."""
        parts = tuple(_part_from_json(part) for part in data["parts"])
        return cls(Fraction(data["exact"][0]), Fraction(data["exact"][1]), parts, data["engine"])


def grade(variant: Variant, responses: Mapping[str, str]) -> Result:
    """The result of the responses, a text for each part; a part without one is unanswered."""
    require_known_parts([part.id for part in variant.parts], responses)
    found = [grade_part(part, responses.get(part.id, "")) for part in variant.parts]
    for place, earlier in followers(variant, found):
        part = variant.parts[place]
        found[place] = follow(part, responses[part.id], found[place], earlier, responses[earlier.id])
    return Result.of(tuple(found))


def followers(variant: Variant, found: Sequence[PartResult]) -> Iterator[tuple[int, VariantPart]]:
    """The places of wrong parts that may be right from a wrong answer to an earlier part, with that part."""
    outcomes = {result.id: result.outcome for result in found}
    for place, part in enumerate(variant.parts):
        earlier = variant.part(part.follows.part) if part.follows is not None else None
        if earlier is None or outcomes[part.id] != Outcome.DIFFERENT:
            continue
        if outcomes[earlier.id] in {Outcome.DIFFERENT, Outcome.UNDECIDED}:
            yield place, earlier


def follow(
    part: VariantPart, text: str, found: PartResult, earlier: VariantPart, given: str, budget: Budget = _BUDGET
) -> PartResult:
    """The result of a wrong part, judged once more from the student's own answer to the part before."""
    if part.follows is None:
        return found
    try:
        tree = reduce_literals(read_part(earlier, given).tree)
        value = part.follows.value_from(tree, part.domain)
        if not part.follows.is_as_hard(tree, value, part.key):
            return replace(found, feedback=(*found.feedback, TOO_EASY % {"part": part.follows.label}))
    except GraderError:
        return found  # from this answer no further step can be taken
    key = options_tree((value.text,)) if isinstance(value, Word) else value
    if key_fault(BY_NAME[part.type], key, settings_of(part)):
        return found
    own = grade_part(replace(part, key=key, task=None, points=part.points * part.follows.share), text, budget)
    if own.outcome == Outcome.UNDECIDED:
        return replace(own, score=found.score, max_score=found.max_score)
    if own.score <= found.score:
        return found
    words = FROM_OWN if own.outcome == Outcome.EQUAL else PARTLY_FROM_OWN
    return replace(
        found, score=own.score, mistake=None, entries=own.entries, feedback=(words % {"part": part.follows.label},)
    )


def require_known_parts(known: Sequence[str], responses: Mapping[str, str]) -> None:
    """Refuse a response to a part that is not among these, the parts of the problem."""
    for given in responses:
        if given not in known:
            message = f"There is no part {given[:40]!r}; the parts are {', '.join(known)}."
            raise InvalidRequest(message, f"responses.{given[:40]}")


def grade_part(part: VariantPart, text: str, budget: Budget = _BUDGET) -> PartResult:
    """The result of one part: read, judge, explain, points."""
    if not text.strip():
        return PartResult(part.id, Fraction(0), part.points, UNANSWERED)
    kind, settings = BY_NAME[part.type], settings_of(part)
    context = Context(part.domain, part.vocabulary, budget=budget)
    try:
        response = read_response(kind, text, settings, context)
    except AnswerError as error:
        return PartResult(part.id, Fraction(0), part.points, Outcome.INVALID, Unreadable.of(error), (str(error),))
    checked = judge_response(kind, response, part.key, settings, context)
    question = None if checked.verdict.outcome is Outcome.EQUAL else _question(part)
    if question is not None:
        asked = where_asked(question, context)
        if asked is not context:
            context, checked = asked, judge_response(kind, response, part.key, settings, asked)
        checked = within_reach(checked, kind, response, part.key, settings, context, question)
    checked = _with_mistake(part, kind, settings, response, checked, context, question)
    return _part_result(part, kind, settings, response, checked, context)


def _question(part: VariantPart) -> Question | None:
    """What the task asks from which the key was derived, None for a key that the author wrote."""
    return None if part.task is None else question_of_texts(part.task, part.domain)


def _with_mistake(
    part: VariantPart,
    kind: AnswerType[Any],
    settings: Settings,
    response: Answer,
    checked: Checked,
    context: Context,
    question: Question | None,
) -> Checked:
    """What was checked, with the mistake that explains a wrong response and what the student is told of it."""
    own = own_mistake(part, settings, response, context) if is_wrong(checked) else None
    if own is not None:
        return _told(checked, own.id, own.feedback, settings)
    mistake = recognise(kind, settings, response.tree, part.key, checked, context, question, part.recipe)
    if mistake is None or checked.mistake is not None:
        return checked
    return _told(checked, mistake.id, mistake.sentence, settings)


def _told(checked: Checked, mistake: str, sentence: str, settings: Settings) -> Checked:
    """What was checked, with a mistake and its sentence as far as something is disclosed."""
    said = () if settings.disclose == "none" else (sentence,)
    return replace(checked, mistake=mistake, feedback=(*checked.feedback, *said))


def undecided(part: str, points: Fraction, evidence: OutOfBudget) -> PartResult:
    """The result of a part whose judging had to be given up: it goes to a person, and is not wrong."""
    verdict = Verdict(Outcome.UNDECIDED, evidence)
    return PartResult(part, Fraction(0), points, verdict.outcome, evidence, explain(verdict, "none"))


def read_part(part: VariantPart, text: str) -> Answer:
    """How a response to the part is read, for a preview; raises AnswerError."""
    return read_response(BY_NAME[part.type], text, settings_of(part), Context(part.domain, part.vocabulary))


def settings_of(part: VariantPart) -> Settings:
    """The settings of the part's type; the options of a choice are among them."""
    given = dict(part.settings)
    if part.options:
        given["options"] = dict(part.options)
    return _validated(part.type, _frozen(given))


@lru_cache(maxsize=256)
def _validated(type: str, given: tuple[Any, ...]) -> Settings:
    return validate_settings(BY_NAME[type], _thawed(given))


def _frozen(value: Any) -> Any:
    """JSON data as nested tuples, to look it up by."""
    if isinstance(value, Mapping):
        return ("mapping", *((name, _frozen(each)) for name, each in value.items()))
    return ("list", *map(_frozen, value)) if isinstance(value, list | tuple) else value


def _thawed(value: Any) -> Any:
    """The JSON data again."""
    if not isinstance(value, tuple):
        return value
    kind, *members = value
    if kind == "list":
        return [_thawed(each) for each in members]
    return {name: _thawed(each) for name, each in members}


def _part_result(
    part: VariantPart, kind: AnswerType[Any], settings: Settings, response: Answer, checked: Checked, context: Context
) -> PartResult:
    outcome = checked.verdict.outcome
    has_earned = outcome in {Outcome.EQUAL, Outcome.DIFFERENT, Outcome.UNDECIDED, Outcome.WRONG_FORM}
    return PartResult(
        id=part.id,
        score=part.points * checked.share if has_earned else Fraction(0),
        max_score=part.points,
        outcome=outcome,
        evidence=checked.verdict.evidence,
        feedback=_feedback(part, settings, response, checked, context),
        mistake=checked.mistake,
        entries=tuple(EntryResult(e.index, e.verdict.outcome, e.verdict.evidence) for e in checked.entries),
        read_as=kind.show(response.tree, settings),
        read_as_mathml=to_mathml(response.tree) if kind.is_mathematical else "",
    )


def _feedback(
    part: VariantPart, settings: Settings, response: Answer, checked: Checked, context: Context
) -> tuple[str, ...]:
    """What was noticed in reading, what is wrong as far as it is disclosed, what the author says."""
    words = sentences(response, part.key, checked, context, settings.disclose)
    notices = tuple(notice.text for notice in response.notices)
    return tuple(dict.fromkeys((*notices, *words, *_authors_words(part, checked))))


def _authors_words(part: VariantPart, checked: Checked) -> tuple[str, ...]:
    outcome = checked.verdict.outcome
    wrong = part.feedback.get("wrong", "")
    said = {
        Outcome.EQUAL: part.feedback.get("right", ""),
        Outcome.DIFFERENT: part.feedback.get("partial", wrong) if checked.share else wrong,
    }.get(outcome, "")
    return (said,) if said else ()


def _points(score: Fraction, max_score: Fraction) -> dict[str, Any]:
    """Points as JSON numbers for whoever shows them, and exactly for whoever adds them up."""
    return {"score": _number(score), "max_score": _number(max_score), "exact": [str(score), str(max_score)]}


def _number(points: Fraction) -> int | float:
    return int(points) if points.denominator == 1 else float(points)


def _part_to_json(part: PartResult) -> dict[str, Any]:
    return {
        "id": part.id,
        **_points(part.score, part.max_score),
        "outcome": str(part.outcome),
        "evidence": _kind_of(part.evidence),
        "details": _details(part.evidence),
        "feedback": list(part.feedback),
        "mistake": part.mistake,
        "entries": [
            {
                "index": list(entry.index),
                "outcome": str(entry.outcome),
                "evidence": _kind_of(entry.evidence),
                "details": _details(entry.evidence),
            }
            for entry in part.entries
        ],
        "read_as": part.read_as,
        "read_as_mathml": part.read_as_mathml,
    }


def for_student(result: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a result without the details of the evidence, which may hold values of the key."""
    parts = []
    for part in result["parts"]:
        entries = [{**entry, "details": None} for entry in part["entries"]]
        parts.append({**part, "details": None, "entries": entries})
    return {**result, "parts": parts}


def _kind_of(evidence: Evidence | None) -> str | None:
    return None if evidence is None else evidence.kind


def _details(evidence: Evidence | None) -> dict[str, Any] | None:
    if evidence is None:
        return None
    details = evidence_to_json(evidence)
    if "point" in details:
        details["point"] = [list(pair) for pair in details["point"]]
    return details


def _part_from_json(data: Mapping[str, Any]) -> PartResult:
    return PartResult(
        id=data["id"],
        score=Fraction(data["exact"][0]),
        max_score=Fraction(data["exact"][1]),
        outcome=data["outcome"],
        evidence=_evidence(data["details"]),
        feedback=tuple(data["feedback"]),
        mistake=data["mistake"],
        entries=tuple(
            EntryResult(tuple(entry["index"]), entry["outcome"], _evidence(entry["details"]))
            for entry in data["entries"]
        ),
        read_as=data["read_as"],
        read_as_mathml=data["read_as_mathml"],
    )


def _evidence(details: dict[str, Any] | None) -> Evidence | None:
    return None if details is None else evidence_from_json(details)
