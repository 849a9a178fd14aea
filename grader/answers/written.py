"""A short text that a person reads, point by point of a rubric; nothing about it is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings
from grader.answers.tolerance import Amount, exact_amount
from grader.checking.verdict import Outcome, PersonReads, Verdict
from grader.errors import AnswerError
from grader.reading.tree import Tree

LONGEST = 10_000
_MOST_CRITERIA = 20


@dataclass(frozen=True, slots=True)
class Criterion:
    """What the text should say, and the points that it earns."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    points: Amount
    text: str

    def __post_init__(self) -> None:
        """Points above nothing for something; ValueError says what is wrong."""
        if isinstance(self.points, bool) or exact_amount(self.points) <= 0:
            raise ValueError("The points of a criterion are a number above 0.")
        if not self.text.strip():
            raise ValueError("A criterion says in its `text` what earns the points.")

    def __str__(self) -> str:
        """One line for whoever reads the answer."""
        is_one = exact_amount(self.points) == 1
        return f"{self.points} {'point' if is_one else 'points'}: {self.text.strip()}"


@dataclass(frozen=True, slots=True)
class WrittenSettings(Settings):
    """`rubric` lists what earns points, for the person who reads."""

    rubric: list[Criterion] | None = None

    def __post_init__(self) -> None:
        """A rubric, where one is given, has criteria; ValueError says what is wrong."""
        if self.rubric is not None and not 0 < len(self.rubric) <= _MOST_CRITERIA:
            raise ValueError(f"A rubric has between 1 and {_MOST_CRITERIA} criteria.")


class WrittenType(AnswerType[WrittenSettings]):
    """Prose; every text waits for a person, and none is right or wrong before that."""

    name = "written"
    meaning = "a few sentences, which a person reads"
    settings = WrittenSettings
    is_mathematical = False
    needs_key = False

    def read(self, text: str, settings: WrittenSettings, context: Context) -> Answer:  # noqa: ARG002 - prose
        """The text as typed, without the space around it; only its length is looked at."""
        words = text.strip()
        if not words:
            raise AnswerError("Nothing is written.", 0, len(text), "Write a few sentences.")
        if len(words) > LONGEST:
            message = f"This is {len(words)} characters long; at most {LONGEST} are read."
            raise AnswerError(message, LONGEST, len(text), "Write it shorter.")
        return Answer(Tree("name", (), words))

    def key_fault(self, key: Tree, settings: WrittenSettings) -> str:
        """A rubric stands in for the key, which a text cannot have."""
        if key.kind != "empty":
            return "A written answer has no key: a person reads it."
        return "" if settings.rubric else "A written answer needs a `rubric`, a list of {points: 1, text: …}."

    def check(
        self,
        response: Answer,  # noqa: ARG002 - a person reads it
        key: Tree,  # noqa: ARG002 - there is none
        settings: WrittenSettings,
        context: Context,  # noqa: ARG002 - no mathematics
    ) -> Checked:
        """Not decided, whatever it says: a person reads it."""
        evidence = PersonReads(len(settings.rubric or ()))
        return Checked.whole(
            Verdict(Outcome.UNDECIDED, evidence), ("A person reads this answer and gives the points.",)
        )

    def show(self, tree: Tree, settings: WrittenSettings) -> str:  # noqa: ARG002 - prose
        """The text as typed."""
        return tree.value

    def key_text(self, key: Tree, settings: WrittenSettings) -> str:  # noqa: ARG002 - the rubric is what there is
        """The rubric in one line."""
        return "; ".join(map(str, settings.rubric or ()))

    def examples(self, key: Tree, settings: WrittenSettings) -> Examples:  # noqa: ARG002 - a person decides
        """No text is right or wrong by itself; an empty or endless one is not read."""
        return Examples((), (), ("", "  ", "word " * LONGEST))
