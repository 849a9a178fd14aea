"""What every answer type has: settings, read, check, show and examples.

Settings are plain frozen dataclasses and not pydantic models: `from grader import check` loads every
answer type, and pydantic alone would take half of the quarter of a second that a first verdict may
cost. They are validated by pydantic all the same, where YAML and JSON enter: see `settings.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Generic, Literal, TypeVar

from grader.answers.entry_arithmetic import ShapesDoNotFit
from grader.checking.domain import Domain
from grader.checking.equality import Budget
from grader.checking.verdict import Outcome, TypeMismatch, Unreadable, Verdict
from grader.errors import AnswerError
from grader.reading import text as text_reader
from grader.reading.cursor import Notice
from grader.reading.names import Vocabulary
from grader.reading.text import Reading
from grader.reading.tree import Tree

_BUDGET = Budget()
MOST_CHARACTERS = 20_000
"""Of a response of any type; one expression in it has a smaller limit of its own."""

Disclosure = Literal["none", "some", "point", "values"]
Layout = Literal["row", "column", "any"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a part may set whatever its type.

    `disclose` says how much of a counterexample the student is shown: nothing, that there is one,
    the point, or the point with both values. `partial` gives marks for each right entry.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    disclose: Disclosure = "some"
    partial: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """What a response is read and judged against beside the key: the domain, the names, the notation."""

    domain: Domain
    vocabulary: Vocabulary
    notation: str = "text"
    budget: Budget = _BUDGET

    @classmethod
    def of(cls, domain: Domain, notation: str = "text", budget: Budget = _BUDGET) -> Context:
        """The context in which exactly the names of the domain may be used."""
        return cls(domain, domain.vocabulary(), notation, budget)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it was read; `second` is the other reading where the text has two."""

    tree: Tree
    notices: tuple[Notice, ...] = ()
    second: Tree | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """The verdict on one entry; the index counts from 1."""

    index: tuple[int, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a response, entry by entry, with sentences for the student that give nothing away.

    `share` is the part of the points that the response has earned for certain.
    """

    verdict: Verdict
    entries: tuple[Entry, ...] = ()
    feedback: tuple[str, ...] = ()
    share: Fraction = Fraction(0)
    mistake: str | None = None

    @classmethod
    def whole(cls, verdict: Verdict, feedback: tuple[str, ...] = ()) -> Checked:
        """A verdict without entries: all of the points or none."""
        return cls(verdict, (), feedback, Fraction(int(verdict.outcome is Outcome.EQUAL)))


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts that a type makes from a key: right, different (or of the wrong kind), and unreadable ones."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    unreadable: tuple[str, ...]


S = TypeVar("S", bound=Settings)


class AnswerType(ABC, Generic[S]):
    """One kind of answer: how it is read, when it is right, how it is shown."""

    name: ClassVar[str]
    meaning: ClassVar[str]
    settings: type[S]
    is_mathematical: ClassVar[bool] = True

    def read(self, text: str, settings: S, context: Context) -> Answer:  # noqa: ARG002 - some types read by settings
        """The response as typed, nothing simplified; raises AnswerError with the place."""
        reading = read_tree(text, context)
        return Answer(reading.tree, reading.notices, reading.second)

    def key_fault(self, key: Tree, settings: S) -> str:  # noqa: ARG002 - some types fit every key
        """Why the key cannot be a key of this type, as a sentence; empty where it can."""
        return ""

    @abstractmethod
    def check(self, response: Answer, key: Tree, settings: S, context: Context) -> Checked:
        """The verdict on a response that was read."""

    @abstractmethod
    def show(self, tree: Tree, settings: S) -> str:
        """The tree in plain notation, as a student would type it."""

    def key_text(self, key: Tree, settings: S) -> str:
        """The key as one would type it; as many digits as the tolerance asks for, where there is one."""
        return self.show(key, settings)

    @abstractmethod
    def examples(self, key: Tree, settings: S) -> Examples:
        """Right, wrong and unreadable responses to this key, for tests and documentation."""


def key_fault(kind: AnswerType[S], key: Tree, settings: S) -> str:
    """Why this cannot be the key of a part of this type and settings; empty where it can."""
    try:
        return kind.key_fault(key, settings)
    except AnswerError as error:
        return str(error)


def read_response(kind: AnswerType[S], text: str, settings: S, context: Context) -> Answer:
    """The response as typed; raises AnswerError with the place of what cannot be read."""
    if len(text) > MOST_CHARACTERS:
        message = f"This is {len(text)} characters long; at most {MOST_CHARACTERS} are read."
        raise AnswerError(message, MOST_CHARACTERS, len(text), "Write it shorter.")
    return kind.read(text, settings, context)


READERS: Mapping[str, Any] = {"text": text_reader.read}


def read_tree(text: str, context: Context) -> Reading:
    """The text read by the reader of its notation."""
    reading: Reading = READERS[context.notation](text, context.vocabulary)
    return reading


def judge_response(kind: AnswerType[S], response: Answer, key: Tree, settings: S, context: Context) -> Checked:
    """The verdict on the response as read, and where that is wrong, on its second reading.

    A response that is right only in its second reading is ambiguous: the student is asked which was meant.
    """
    checked = _check(kind, response, key, settings, context)
    if response.second is None or checked.verdict.outcome in {Outcome.EQUAL, Outcome.UNDECIDED}:
        return checked
    other = _check(kind, replace(response, tree=response.second, second=None), key, settings, context)
    if other.verdict.outcome is not Outcome.EQUAL:
        return checked
    taken, meant = kind.show(response.tree, settings), kind.show(response.second, settings)
    question = f"This can be read in two ways: as {taken} or as {meant}. Write the one that you mean with brackets."
    return Checked(Verdict(Outcome.AMBIGUOUS, checked.verdict.evidence), feedback=(question,))


def _check(kind: AnswerType[S], response: Answer, key: Tree, settings: S, context: Context) -> Checked:
    """Sizes that do not fit inside the response, and literals too large to work out, make it invalid."""
    try:
        return kind.check(response, key, settings, context)
    except ShapesDoNotFit as error:
        verdict = Verdict(Outcome.INVALID, TypeMismatch(error.expected, error.found))
        return Checked.whole(verdict, (str(error),))
    except AnswerError as error:
        return Checked.whole(Verdict(Outcome.INVALID, Unreadable.of(error)), (str(error),))
