"""What every answer type has: settings, read, check, show and examples.

Settings are plain frozen dataclasses and not pydantic models: pydantic alone would take half of the
quarter of a second that a first verdict may cost. They are validated by pydantic all the same, where
YAML and JSON enter: see `settings.py`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

from grader.answers.entry_arithmetic import ShapesDoNotFit
from grader.checking.domain import Domain
from grader.checking.equality import Budget
from grader.checking.verdict import Outcome, TypeMismatch, Unreadable, Verdict
from grader.errors import AnswerError
from grader.loading import later
from grader.reading.cursor import Notice
from grader.reading.names import Vocabulary
from grader.reading.text import Reading
from grader.reading.text import read as read_text
from grader.reading.tree import Tree

if TYPE_CHECKING:
    from grader.reading.latex import read as read_latex
else:
    read_latex = later("grader.reading.latex:read")

_BUDGET = Budget()
_ALL, _NOTHING = Fraction(1), Fraction(0)
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
        return cls(domain, domain.plain_vocabulary, notation, budget)


class Answer(NamedTuple):
    """A response as it was read; `second` is the other reading where the text has two, `others` where it has more."""

    tree: Tree
    notices: tuple[Notice, ...] = ()
    second: Tree | None = None
    others: tuple[Tree, ...] = ()


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
        return cls(verdict, (), feedback, _ALL if verdict.outcome is Outcome.EQUAL else _NOTHING)


def is_wrong(checked: Checked) -> bool:
    """Whether the response differs from the key, be it by being another kind of thing."""
    verdict = checked.verdict
    return verdict.outcome is Outcome.DIFFERENT or (
        verdict.outcome is Outcome.INVALID and isinstance(verdict.evidence, TypeMismatch)
    )


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
    needs_key: ClassVar[bool] = True
    # Whether a pair outside a problem may set anything.
    takes_settings: ClassVar[bool] = True
    # Options of the vocabulary in which texts of this type are read, where they are not the usual ones.
    reading: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def read(self, text: str, settings: S, context: Context) -> Answer:  # noqa: ARG002 - some types read by settings
        """The response as typed, nothing simplified; raises AnswerError with the place."""
        reading = read_tree(text, context)
        return Answer(reading.tree, reading.notices, reading.second, reading.others)

    def usual_settings(self) -> S:
        """The settings of a pair outside a problem that sets nothing."""
        return self.settings()

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


_COMMAND = re.compile(r"\\[a-zA-Z]|^\s*\\[(\[].*\\[)\]]\s*$", re.DOTALL)
READERS: Mapping[str, Any] = {"text": read_text, "latex": read_latex}


def read_tree(text: str, context: Context) -> Reading:
    """The text read by the reader of its notation; pasted LaTeX is read as such."""
    notation = "latex" if "\\" in text and _COMMAND.search(text) else context.notation
    reading: Reading = READERS[notation](text, context.vocabulary)
    return reading


_RIGHT_VALUES = frozenset({Outcome.EQUAL, Outcome.WRONG_FORM})


def judge_response(kind: AnswerType[S], response: Answer, key: Tree, settings: S, context: Context) -> Checked:
    """The verdict on the response as read, and where that is wrong, on its second reading.

    A response that is right only in its second reading is ambiguous: the student is asked which was meant.
    """
    checked = _check(kind, response, key, settings, context)
    if response.second is None or checked.verdict.outcome in {Outcome.EQUAL, Outcome.UNDECIDED}:
        return checked
    for meant in (response.second, *response.others):
        other = _check(kind, Answer(meant, response.notices), key, settings, context)
        if other.verdict.outcome in _RIGHT_VALUES and checked.verdict.outcome is not other.verdict.outcome:
            return _asking(kind.show(response.tree, settings), kind.show(meant, settings), checked)
    return checked


def _asking(taken: str, meant: str, checked: Checked) -> Checked:
    """The question which of two readings was meant."""
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
