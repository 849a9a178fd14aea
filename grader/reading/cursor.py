"""A place in a list of tokens, with what was noticed on the way and the errors raised there."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.tokens import Token

MAX_DEPTH = 100
MOST_FRAMES = 4_000
"""How many calls may be open at once: a level of brackets takes up to a dozen, beside those of whoever asks."""
sys.setrecursionlimit(max(sys.getrecursionlimit(), MOST_FRAMES))


class Notice(NamedTuple):
    """Something a person should know about how the text was read."""

    code: str
    start: int
    end: int
    text: str


_REPAIRS: Mapping[str, str] = {
    ":": "Write / for a division, and if before a condition.",
    "if": "Write a function by cases in braces: {x if x > 0; 0 otherwise}.",
    ".": "Write * for a product.",
    "&": "Write the word and.",
    "~": "Write the value alone.",
}


class Reach(NamedTuple):
    """How far exponents and divisors go on the second pass: not at all, to what touches them, or to all that follows.

    `e^2x(x + 1)` may mean `e^(2x)*(x + 1)` or `e^(2x(x + 1))`, and `1/2x(x + 1)` either as well.
    """

    exponents: str = "touching"
    divisors: str = "all"


USUAL_REACH = Reach()


class Cursor:
    """Reads one list of tokens; `ambiguous` is set when a second reading exists."""

    # Where most texts stay as they are, the value stands here once and not in every cursor.
    at = 0
    depth = 0
    bars = 0
    norms = 0
    spaced = False
    in_region = False  # brackets with two ends are an interval here
    ambiguous = False
    doubts_exponent = False
    doubts_division = False

    @property
    def transposes(self) -> bool:
        """Whether names may be vectors or matrices."""
        return bool(self.vocabulary.shapes) and self.vocabulary.indices is None

    def __init__(
        self, tokens: list[Token], vocabulary: Vocabulary, *, second: bool = False, reach: Reach = USUAL_REACH
    ) -> None:
        """Start at the first token."""
        self.tokens = tokens
        self.kinds = [token[0] for token in tokens]
        self.vocabulary = vocabulary
        self.second = second
        self.reach = reach
        self.notices: list[Notice] = []

    def enter(self, token: Token) -> None:
        """Go one level deeper, up to the bound."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"This is nested more than {MAX_DEPTH} levels deep.", token, "Write it with fewer brackets.")

    def doubt(self, token: Token, sentence: str) -> None:
        """Note that the text can be read in a second way at this token."""
        self.ambiguous = True
        self.notices.append(Notice("ambiguous", token.start, token.end, sentence))

    def fail(self, message: str, token: Token, repair: str = "") -> NoReturn:
        """Raise AnswerError at the token."""
        raise AnswerError(message, token.start, token.end, repair)

    def unclosed(self, opening: Token, closing: str) -> NoReturn:
        """Raise AnswerError for a bracket that is not closed where it should be."""
        token = self.tokens[self.at]
        if token.kind == "end":
            self.fail(
                f"The bracket {opening.kind} is not closed.", opening, f"A closing {closing} is missing at the end."
            )
        if token.kind in {")", "]", "}"}:
            self.fail(f"This {token.kind} does not fit the opening {opening.kind}.", token, f"Write {closing} here.")
        self.refuse()

    def refuse(self) -> NoReturn:
        """Raise AnswerError for a token that cannot stand here."""
        token = self.tokens[self.at]
        if token.kind == "end":
            place = self.tokens[self.at - 1] if self.at else token
            self.fail("Something is missing at the end.", place, "Complete it, or delete the last sign.")
        if token.kind in {")", "]", "}"}:
            self.fail(
                f"There is no opening bracket for this {token.kind}.", token, "Delete it, or add the opening one."
            )
        if token.kind == "±":
            self.fail("The sign ± gives two values at once.", token, "Give both values, with a comma between them.")
        if token.kind == "number":
            self.fail("Two numbers stand side by side.", token, "Write * or + between them.")
        repair = _REPAIRS.get(token.value or token.kind, "Something before it may be missing.")
        self.fail(f"{token.value or token.kind} cannot stand here.", token, repair)
