"""Texts with `{{ expression }}` and `{% if condition %}`: read once, printed for each variant.

The language is this and no more: there is no code in a template, so there is nothing to run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from grader.bank.conditions import Condition
from grader.errors import AnswerError
from grader.reading.tree import Tree, names_in

T = TypeVar("T")

_TAG = re.compile(r"\{*\{\{|\{%")
_FILTER = re.compile(r"\|\s*([a-z]+)(?:\s+(\d{1,2}))?\s*$")
_STEPS = re.compile(r"\s*steps\(([^()]*)\)\s*")
_TABLE = re.compile(r"\s*table\(([^,]*)((?:,[^,]*)*)\)\s*(?:\|\s*(decimal)(?:\s+(\d{1,2}))?\s*)?")
_INCLUDED = re.compile(r">([^{}]*)")
_NAME = re.compile(r"[^\W\d]\w*")
FILTERS = ("latex", "text", "decimal", "raw")
MOST_NESTED = 5
MOST_PIECES = 2000
MOST_INCLUDED = 20


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text that is printed as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Print:
    """A quantity or expression, with the filter that it is printed through; `name` for a bare name."""

    tree: Tree
    filter: str = "latex"
    places: int | None = None
    start: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """Pieces for when a condition holds, and for when it does not."""

    condition: Condition
    then: tuple[Piece, ...]
    otherwise: tuple[Piece, ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Steps:
    """How the value of a quantity was derived, a line for each rule."""

    name: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a matrix-valued quantity under headers; one header more than columns counts the rows."""

    tree: Tree
    headers: tuple[str, ...] = ()
    places: int | None = None
    is_decimal: bool = False
    start: int = 0


Piece = Verbatim | Print | Choose | Steps | Table


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces, and the same text in other languages."""

    pieces: tuple[Piece, ...] = ()
    translations: Mapping[str, Template] = field(default_factory=dict)

    def in_language(self, language: str) -> Template:
        """The text in a language, in English where it is not translated."""
        return self.translations.get(language, self)

    def prints(self) -> Iterator[Print]:
        """All that is printed, in any branch of a condition and any language."""
        yield from (piece for piece in _all(self.pieces) if isinstance(piece, Print))
        yield from (piece for other in self.translations.values() for piece in other.prints())

    def conditions(self) -> Iterator[Condition]:
        """All conditions."""
        yield from (piece.condition for piece in _all(self.pieces) if isinstance(piece, Choose))
        yield from (condition for other in self.translations.values() for condition in other.conditions())

    def steps(self) -> Iterator[Steps]:
        """All derivations that are written out."""
        yield from (piece for piece in _all(self.pieces) if isinstance(piece, Steps))
        yield from (piece for other in self.translations.values() for piece in other.steps())

    def names(self) -> Iterator[str]:
        """The quantities that the text speaks of."""
        yield from (name for piece in self.prints() for name in names_in(piece.tree))
        yield from (name for condition in self.conditions() for name in condition.names)
        yield from (piece.name for piece in self.steps())
        yield from (name for piece in self.tables() for name in names_in(piece.tree))

    def tables(self) -> Iterator[Table]:
        """All tables."""
        yield from (piece for piece in _all(self.pieces) if isinstance(piece, Table))
        yield from (piece for other in self.translations.values() for piece in other.tables())


def _all(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    for piece in pieces:
        yield piece
        if isinstance(piece, Choose):
            yield from _all(piece.then)
            yield from _all(piece.otherwise)


class Reader(Protocol):
    """How the mathematics within a template is read."""

    def expression(self, text: str) -> Tree:
        """The tree of an expression; raises AnswerError."""

    def condition(self, text: str) -> Condition:
        """The condition; raises AnswerError."""

    def derivation(self, name: str) -> str:
        """The name of a quantity that was derived in steps; raises AnswerError."""

    def included(self, name: str) -> tuple[Piece, ...]:
        """The pieces of a fragment; raises AnswerError where there is none of this name."""


@dataclass
class _Token:
    kind: str  # text, print, if, else, endif
    body: str
    start: int
    inside: int = 0


def parse(source: str, reader: Reader, report: Callable[[AnswerError], None]) -> Template:
    """The template of a text; every fault is reported with its span in the text."""
    try:
        tokens = list(_tokens(source))
    except AnswerError as error:
        report(error)
        return Template()
    parser = _Parser(tokens, reader, report)
    pieces = parser.pieces(0)
    while parser.at < len(tokens):
        stray = tokens[parser.at]
        report(AnswerError(f"{{% {stray.kind} %}} stands here without an {{% if … %}}.", stray.start, stray.start + 2))
        parser.at += 1
        pieces += parser.pieces(0)
    return Template(pieces)


def _tokens(source: str) -> Iterator[_Token]:
    at = 0
    for _ in range(MOST_PIECES):
        match = _TAG.search(source, at)
        if match is None:
            yield _Token("text", source[at:], at)
            return
        opening = match.end() - 2
        yield _Token("text", source[at:opening], at)
        is_print = source[opening + 1] == "{"
        closing = "}}" if is_print else "%}"
        end = source.find(closing, opening + 2)
        if end < 0:
            sign = "{{" if is_print else "{%"
            raise AnswerError(f"This {sign} is never closed.", opening, opening + 2, f"Write {closing} after it.")
        body = source[opening + 2 : end]
        yield _Token("print", body, opening, opening + 2) if is_print else _tag(body, opening)
        at = end + 2
    raise AnswerError(f"The text has more than {MOST_PIECES} pieces.", at, at + 1, "Write it shorter.")


def _tag(body: str, opening: int) -> _Token:
    words = body.strip()
    if words in {"else", "endif"}:
        return _Token(words, "", opening)
    if words.startswith("if "):
        inside = opening + 2 + body.index("if ") + 3
        return _Token("if", body[body.index("if ") + 3 :], opening, inside)
    shown = words.split(" ")[0][:30] if words else "nothing"
    repair = "Known are {% if … %}, {% else %} and {% endif %}."
    raise AnswerError(f"{shown!r} is not known between {{% and %}}.", opening, opening + 2, repair)


def _blank(text: str) -> int:
    """How many blanks a text begins with."""
    return len(text) - len(text.lstrip())


@dataclass
class _Parser:
    tokens: list[_Token]
    reader: Reader
    report: Callable[[AnswerError], None]
    at: int = 0
    fragments: int = 0

    def pieces(self, depth: int) -> tuple[Piece, ...]:
        """Pieces up to the next else, endif, or the end."""
        found: list[Piece] = []
        while self.at < len(self.tokens) and self.tokens[self.at].kind not in {"else", "endif"}:
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "text":
                if token.body:
                    found.append(Verbatim(token.body))
            elif token.kind == "print":
                found.extend(self._print(token))
            else:
                found.extend(self._choose(token, depth))
        return tuple(found)

    def _print(self, token: _Token) -> list[Piece]:
        body, kind, places = token.body, "latex", None
        derived = _STEPS.fullmatch(body)
        if derived:
            offset = token.inside + derived.start(1) + _blank(derived[1])
            name = self._read(lambda: self.reader.derivation(derived[1].strip()), offset)
            return [] if name is None else [Steps(name, token.start)]
        table = _TABLE.fullmatch(body)
        if table:
            return self._table(table, token)
        included = _INCLUDED.fullmatch(body)
        if included:
            offset = token.inside + included.start(1) + _blank(included[1])
            return self._included(included[1].strip(), offset)
        match = _FILTER.search(body)
        if match:
            kind, places = match[1], int(match[2]) if match[2] else None
            if kind not in FILTERS and _NAME.fullmatch(kind) and body.count("|") % 2 == 0:
                match, kind, places = None, "latex", None  # the bars of |x|
        if kind not in FILTERS or (places is not None and kind != "decimal"):
            repair = "Known are text, decimal, decimal 3, raw, and nothing for LaTeX."
            start = token.inside + (match.start() if match else 0)
            self.report(AnswerError(f"There is no filter {kind!r}.", start, token.inside + len(body), repair))
            return []
        text = body[: match.start()] if match else body
        tree = self._read(lambda: self.reader.expression(text), token.inside)
        return [] if tree is None else [Print(tree, kind, places, token.start, text.strip())]

    def _table(self, match: re.Match[str], token: _Token) -> list[Piece]:
        tree = self._read(lambda: self.reader.expression(match[1]), token.inside + match.start(1))
        if tree is None:
            return []
        headers = tuple(header.strip() for header in match[2].split(",")[1:])
        return [Table(tree, headers, int(match[4]) if match[4] else None, bool(match[3]), token.start)]

    def _included(self, name: str, offset: int) -> list[Piece]:
        self.fragments += 1
        if self.fragments > MOST_INCLUDED:
            message = f"This text includes more than {MOST_INCLUDED} fragments."
            self.report(AnswerError(message, offset, offset + len(name), "Write it shorter."))
            return []
        pieces = self._read(lambda: self.reader.included(name), offset)
        return list(pieces or ())

    def _choose(self, token: _Token, depth: int) -> list[Piece]:
        if depth >= MOST_NESTED:
            self.report(AnswerError("Conditions are nested too deep here.", token.start, token.start + 2))
        condition = self._read(lambda: self.reader.condition(token.body), token.inside)
        then = self.pieces(depth + 1)
        otherwise: tuple[Piece, ...] = ()
        if self._next("else"):
            otherwise = self.pieces(depth + 1)
        if not self._next("endif"):
            repair = "Write {% endif %} where it ends."
            self.report(AnswerError("This {% if … %} is never ended.", token.start, token.start + 2, repair))
        return [] if condition is None else [Choose(condition, then, otherwise, token.start)]

    def _next(self, kind: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at].kind == kind:
            self.at += 1
            return True
        return False

    def _read(self, reading: Callable[[], T], offset: int) -> T | None:
        try:
            return reading()
        except AnswerError as error:
            start, end = error.start + offset, error.end + offset
            self.report(AnswerError(error.message, start, end, error.repair))
            return None
