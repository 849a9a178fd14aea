"""A place in a list of tokens, with what was noticed on the way and the errors raised there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.tokens import Token

MAX_DEPTH = 100


class Notice(NamedTuple):
    """Something a person should know about how the text was read."""

    code: str
    start: int
    end: int
    text: str


class Cursor:
    """Reads one list of tokens; `ambiguous` is set when a second reading exists."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, *, second: bool = False) -> None:
        """Start at the first token."""
        self.tokens = tokens
        self.kinds = [token.kind for token in tokens]
        self.vocabulary = vocabulary
        self.second = second
        self.at = 0
        self.depth = 0
        self.bars = 0
        self.norms = 0
        self.spaced = False
        self.transposes = bool(vocabulary.shapes)
        self.ambiguous = False
        self.notices: list[Notice] = []

    def enter(self, token: Token) -> None:
        """Go one level deeper, up to the bound."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"This is nested more than {MAX_DEPTH} levels deep.", token, "Write it with fewer brackets.")

    def doubt(self, token: Token, sentence: str) -> None:
        """Note that the text can be read in a second way at this token."""
        self.ambiguous = True
        self.notices.append(Notice("ambiguous", token.start, token.end, sentence + "."))

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
        self.fail(f"{token.value or token.kind} cannot stand here.", token, "Something before it may be missing.")
