"""What the judge says and the evidence that it says it on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Self

from grader.errors import AnswerError


class Outcome(StrEnum):
    """The six things that a verdict can say."""

    EQUAL = "equal"
    DIFFERENT = "different"
    INVALID = "invalid"
    UNDECIDED = "undecided"
    AMBIGUOUS = "ambiguous"
    WRONG_FORM = "wrong-form"


@dataclass(frozen=True, slots=True)
class Proof:
    """The two are equal by exact reasoning; `method` names the rung that proved it."""

    kind: ClassVar[str] = "proved"
    method: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"Proved equal ({self.method})."


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A point at which the two values provably differ, with both values as printed decimals.

    `of` is empty for the values themselves, or says what of the two differs: `derivative`.
    """

    kind: ClassVar[str] = "counterexample"
    point: tuple[tuple[str, str], ...]
    response_value: str
    answer_value: str
    of: str = ""

    def __str__(self) -> str:
        """One sentence for a person."""
        at = ", ".join(f"{name} = {value}" for name, value in self.point)
        where = f"At {at} the" if at else "The"
        if self.of:
            said = f"{self.of} of the response is {self.response_value}, that of the answer {self.answer_value}"
        else:
            said = f"response is {self.response_value}, the answer {self.answer_value}"
        return f"{where} {said}."


@dataclass(frozen=True, slots=True)
class Agreement:
    """No proof, but equal at `points` points to at least `digits` certified digits."""

    kind: ClassVar[str] = "agreement"
    points: int
    digits: int

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"Equal at {self.points} points to {self.digits} certified digits; not proved."


@dataclass(frozen=True, slots=True)
class Undefined:
    """The response has no real value where it must have one; `point` is empty for nowhere at all."""

    kind: ClassVar[str] = "undefined"
    point: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def __str__(self) -> str:
        """One sentence for a person."""
        if not self.point:
            reason = self.reason
            return f"The response has no real value: {reason}." if reason else "The response has no real value."
        at = ", ".join(f"{name} = {value}" for name, value in self.point)
        if not self.reason:
            return f"The response is not defined at {at}, where the answer is."
        return f"The response is not defined at {at}, where the answer is: {self.reason}."


@dataclass(frozen=True, slots=True)
class TypeMismatch:
    """The response is another kind of thing, or of another size, than the answer."""

    kind: ClassVar[str] = "type"
    expected: str
    found: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"Expected {self.expected}, found {self.found}."


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The response could not be read; the span counts characters of the text as typed."""

    kind: ClassVar[str] = "unreadable"
    message: str
    start: int
    end: int
    repair: str = ""

    @classmethod
    def of(cls, error: AnswerError) -> Self:
        """The evidence that reading ended in this error."""
        return cls(error.message, error.start, error.end, error.repair)

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"{self.message} {self.repair}".strip()


@dataclass(frozen=True, slots=True)
class OutOfBudget:
    """Neither proof nor counterexample was found with the time and memory allowed.

    `limit` names what stopped a child process: "time", "memory", "process" (it died) or, where a person
    has to say before it is judged again, "quarantine"; empty where the judge itself gave up.
    """

    kind: ClassVar[str] = "budget"
    reason: str
    limit: str = ""

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"Not decided: {self.reason}."


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two ways of judging said opposite things: one of them is at fault, and neither is believed."""

    kind: ClassVar[str] = "contradiction"
    first: str
    second: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"Not decided, two ways of judging contradict each other: {self.first} {self.second}"


@dataclass(frozen=True, slots=True)
class WrongForm:
    """The value is right, but it is not written in the form that is asked for."""

    kind: ClassVar[str] = "form"
    form: str
    reason: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"The value is right, but {self.reason}."


@dataclass(frozen=True, slots=True)
class Unmet:
    """The values given do not meet a condition; `reason` says what its sides come to."""

    kind: ClassVar[str] = "condition"
    condition: str
    reason: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"{self.reason}."


@dataclass(frozen=True, slots=True)
class PersonReads:
    """The answer is a text, and only a person says what it is worth; `criteria` counts those of the rubric."""

    kind: ClassVar[str] = "person"
    criteria: int

    def __str__(self) -> str:
        """One sentence for a person."""
        noun = "criterion" if self.criteria == 1 else "criteria"
        return f"Not decided: a person reads this text by a rubric with {self.criteria} {noun}."


Evidence = (
    Proof
    | Counterexample
    | Agreement
    | Undefined
    | TypeMismatch
    | Unreadable
    | OutOfBudget
    | Contradiction
    | WrongForm
    | Unmet
    | PersonReads
)
EVIDENCE_KINDS: tuple[type[Evidence], ...] = (
    Proof,
    Counterexample,
    Agreement,
    Undefined,
    TypeMismatch,
    Unreadable,
    OutOfBudget,
    Contradiction,
    WrongForm,
    Unmet,
    PersonReads,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and the evidence for it."""

    outcome: Outcome
    evidence: Evidence

    def __str__(self) -> str:
        """The outcome and one sentence of evidence."""
        return f"{self.outcome}: {self.evidence}"


def against(proof: Proof, found: Verdict) -> Verdict:
    """The verdict where something was proved equal and a comparison found `found` later.

    A counterexample contradicts the proof. A point at which the response is not defined does not: what
    is proved holds wherever both sides have values.
    """
    if not isinstance(found.evidence, Counterexample):
        return found
    return Verdict(Outcome.UNDECIDED, Contradiction(str(proof), str(found.evidence)))


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence as plain JSON data; `evidence_from_json` reads it back."""
    data = {field.name: getattr(evidence, field.name) for field in fields(evidence)}
    return {"kind": evidence.kind, **data}


def evidence_from_json(data: dict[str, Any]) -> Evidence:
    """The evidence that `evidence_to_json` wrote."""
    kinds = {kind.kind: kind for kind in EVIDENCE_KINDS}
    values = {key: value for key, value in data.items() if key != "kind"}
    if "point" in values:
        values["point"] = tuple((str(name), str(value)) for name, value in values["point"])
    return kinds[data["kind"]](**values)
