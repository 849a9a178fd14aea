"""What the judge says and the evidence that it says it on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Self

from grader.errors import AnswerError


class Outcome(StrEnum):
    """The five things that a verdict can say."""

    EQUAL = "equal"
    DIFFERENT = "different"
    INVALID = "invalid"
    UNDECIDED = "undecided"
    AMBIGUOUS = "ambiguous"


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
    """A point at which the two values provably differ, with both values as printed decimals."""

    kind: ClassVar[str] = "counterexample"
    point: tuple[tuple[str, str], ...]
    response_value: str
    answer_value: str

    def __str__(self) -> str:
        """One sentence for a person."""
        at = ", ".join(f"{name} = {value}" for name, value in self.point)
        where = f"At {at} the" if at else "The"
        return f"{where} response is {self.response_value}, the answer {self.answer_value}."


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
            return f"The response has no real value{self.reason and f': {self.reason}'}."
        at = ", ".join(f"{name} = {value}" for name, value in self.point)
        return f"The response is not defined at {at}, where the answer is{self.reason and f': {self.reason}'}."


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
    """Neither proof nor counterexample was found with the time and memory allowed."""

    kind: ClassVar[str] = "budget"
    reason: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"Not decided: {self.reason}."


Evidence = Proof | Counterexample | Agreement | Undefined | TypeMismatch | Unreadable | OutOfBudget
EVIDENCE_KINDS: tuple[type[Evidence], ...] = (
    Proof,
    Counterexample,
    Agreement,
    Undefined,
    TypeMismatch,
    Unreadable,
    OutOfBudget,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and the evidence for it."""

    outcome: Outcome
    evidence: Evidence

    def __str__(self) -> str:
        """The outcome and one sentence of evidence."""
        return f"{self.outcome}: {self.evidence}"


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
