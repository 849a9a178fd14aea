"""Plain text to tokens: numbers, names, functions, words and signs, each with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NamedTuple

from grader.errors import AnswerError
from grader.reading.names import (
    CALLED_GREEK,
    GREEK_LETTERS,
    WORDS,
    Meaning,
    Vocabulary,
    canonical,
    meanings,
)


class Token(NamedTuple):
    """Kind, value, span; `gap`: white space stands before it.

    Kinds: `number`, `name`, `constant`, `call`, `apply`, `log` (with its base as value), `word`,
    `end`, or the sign itself.
    """

    kind: str
    value: str
    start: int
    end: int
    gap: bool


_POINT = r"(?P<number>(?:\d+(?:\.(?![*/^])\d*)?|\.\d+))(?P<exponent>[eE][+-]?\d+)?"
_COMMA = r"(?P<number>(?:\d+(?:[.,]\d+)?|[.,]\d+))(?P<exponent>[eE][+-]?\d+)?"
_REST = (
    r"|(?P<letters>[^\W\d_]+)(?P<subscript>_\{[A-Za-z0-9, ]*\}|_\d+|_[A-Za-z]+|\d+)?"
    r"|(?P<sign>\*\*|<=|>=|!=|==|=<|=>|\.\*|\.\^|\.\/|[-+*/^!%()\[\]{},;|'<>=:_~&.∪∩∂∇±→])"
    r"|(?P<bad>\S)"
)
_TOKEN = re.compile(_POINT + _REST)
_TOKEN_COMMA = re.compile(_COMMA + _REST)
_SIGNS: Mapping[str, str] = {"**": "^", "==": "=", "=<": "<=", "=>": ">=", ".^": "^", "./": "/", ":": ":"}
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,.])")


def tokenise(text: str, vocabulary: Vocabulary) -> list[Token]:
    """The tokens of a plain text, closed by one of kind `end`.

    Raises AnswerError at a character or name that has no meaning.
    """
    table = meanings(vocabulary)
    pattern = _TOKEN_COMMA if vocabulary.decimal_comma else _TOKEN
    tokens: list[Token] = []
    previous = 0
    position = 0
    size = len(text)
    match_at = pattern.search
    while position < size:
        match = match_at(text, position)
        if match is None:
            break
        start, position = match.span()
        gap = start > previous
        kind = match.lastgroup
        if kind == "sign":
            sign = match[0]
            tokens.append(Token(_SIGNS.get(sign, sign), "", start, position, gap))
        elif kind in {"number", "exponent"}:
            position = _number(tokens, match, table, gap)
        elif kind == "bad":
            raise AnswerError(f"The character {match[0]} has no meaning here.", start, position, "Delete it.")
        else:
            position = _letters(tokens, match, vocabulary, table, gap)
        previous = position
    tokens.append(Token("end", "", size, size, gap=size > previous))
    return tokens


def _number(tokens: list[Token], match: re.Match[str], table: Mapping[str, Meaning], gap: bool) -> int:
    """A number; an `e` after it is an exponent unless `e` is a declared name."""
    literal, exponent = match["number"].replace(",", "."), match["exponent"]
    start, end = match.span()
    declared = exponent and table.get(exponent[0], Meaning("", "")).kind == "name"
    if exponent and not declared:
        if len(exponent.strip("eE+-")) > 3:
            raise AnswerError("This exponent is too large.", start, end, "Use at most 3 digits in an exponent.")
        literal += exponent.lower()
    else:
        end = match.end("number")
    literal = literal.rstrip(".") if literal.endswith(".") else literal
    tokens.append(Token("number", "0" + literal if literal.startswith(".") else literal, match.start(), end, gap))
    return end


def _letters(
    tokens: list[Token], match: re.Match[str], vocabulary: Vocabulary, table: Mapping[str, Meaning], gap: bool
) -> int:
    """A run of letters cut into names and functions, the longest first; gives where reading goes on."""
    run, subscript = match["letters"], match["subscript"] or ""
    start = match.start()
    if run in WORDS and run not in table:
        tokens.append(Token("word", run, start, start + len(run), gap))
        return start + len(run)
    here = 0
    while here < len(run):
        if subscript:
            joined = _with_subscript(run[here:], subscript, vocabulary, table)
            if joined:
                kind, value, used = joined
                end = start + len(run) + used
                tokens.append(Token(kind, value, start + here, end, gap and here == 0))
                return end
        meaning, length = _longest(run, here, start, vocabulary, table)
        tokens.append(Token(meaning.kind, meaning.value, start + here, start + here + length, gap and here == 0))
        here += length
    end = start + len(run)
    if subscript.startswith("_"):
        whole = tokens[-1].value + subscript
        raise AnswerError(
            f"The name {whole} is not used in this problem.", tokens[-1].start, match.end(), known(vocabulary)
        )
    last = tokens[-1]
    if subscript and last.kind == "name":
        repair = f"Write {last.value}*{subscript} or {last.value}^{subscript}."
        raise AnswerError(
            f"The name {last.value}{subscript} is not used in this problem.", last.start, match.end(), repair
        )
    return end


def _with_subscript(
    letters: str, subscript: str, vocabulary: Vocabulary, table: Mapping[str, Meaning]
) -> tuple[str, str, int] | None:
    """Kind, value and characters used of a name with a subscript, or None if there is none such."""
    spelled = letters + subscript
    meaning = table.get(spelled) or table.get(canonical(spelled))
    if meaning:
        return meaning.kind, meaning.value, len(subscript)
    if letters == "log" and subscript.startswith("_"):
        base = subscript[1:].strip("{}")
        return "log", base, len(subscript)
    if subscript.startswith("_") and not subscript.startswith("_{"):
        for length in range(len(subscript) - 1, 1, -1):
            meaning = table.get(canonical(letters + subscript[:length]))
            if meaning:
                return meaning.kind, meaning.value, length
    if vocabulary.names is None and _is_free_name(letters, table):
        return "name", canonical(letters + subscript), len(subscript)
    return None


def _is_free_name(letters: str, table: Mapping[str, Meaning]) -> bool:
    """Whether the letters may carry a subscript when no names are declared."""
    meaning = table.get(letters)
    return len(letters) == 1 if meaning is None else meaning.kind == "name"


def _longest(
    run: str, here: int, start: int, vocabulary: Vocabulary, table: Mapping[str, Meaning]
) -> tuple[Meaning, int]:
    """The longest spelling at this place and its length; an unknown name is an error."""
    for length in range(min(len(run) - here, 24), 0, -1):
        meaning = table.get(run[here : here + length])
        if meaning is None:
            continue
        if meaning.kind == "name" and vocabulary.names is not None and meaning.value not in vocabulary.names:
            called = meaning.value in CALLED_GREEK
            alike = _look_alike(run[here : here + length], vocabulary)
            if alike:
                return Meaning("name", alike), length
            if not called and not _is_declared(meaning.value, vocabulary):
                if all(_is_declared(letter, vocabulary) for letter in run[here : here + length]):
                    continue
                raise _unknown(run, here, start, vocabulary)
        return meaning, length
    letter = run[here]
    if vocabulary.names is None:
        return Meaning("name", letter), 1
    alike = _look_alike(letter, vocabulary)
    if alike:
        return Meaning("name", alike), 1
    raise _unknown(run, here, start, vocabulary)


def _is_declared(name: str, vocabulary: Vocabulary) -> bool:
    """Whether the canonical name is among the declared ones in any spelling."""
    return vocabulary.names is None or any(canonical(declared) == name for declared in vocabulary.names)


_ALIKE: Mapping[str, str] = {
    "ν": "v",
    "χ": "x",
    "ρ": "p",
    "α": "a",
    "ω": "w",
    "κ": "k",
    "η": "n",
    "ο": "o",
    "υ": "u",
    "γ": "y",
    "ι": "i",
    "х": "x",
    "у": "y",
    "а": "a",
    "е": "e",
    "о": "o",
    "р": "p",
    "с": "c",
    "к": "k",
    "т": "t",
    "в": "b",
    "м": "m",
    "v": "nu",
    "w": "omega",
    "ß": "beta",
}


def _look_alike(letter: str, vocabulary: Vocabulary) -> str | None:
    """The declared name that looks like this undeclared letter."""
    twin = _ALIKE.get(letter)
    if twin is None or not vocabulary.names:
        return None
    own = GREEK_LETTERS.get(letter, letter)
    return twin if _is_declared(twin, vocabulary) and not _is_declared(own, vocabulary) else None


def _unknown(run: str, here: int, start: int, vocabulary: Vocabulary) -> AnswerError:
    """The error for letters that mean nothing, with the nearest name."""
    rest = run[here:]
    near = difflib.get_close_matches(rest, list(meanings(vocabulary)), n=1, cutoff=0.7)
    repair = f"Did you mean {near[0]}? {known(vocabulary)}" if near else known(vocabulary)
    return AnswerError(f"The name {rest} is not used in this problem.", start + here, start + len(run), repair)


def known(vocabulary: Vocabulary) -> str:
    """A sentence that lists the names of the problem."""
    names = sorted(canonical(name) for name in vocabulary.names or ())
    return f"The names here are {', '.join(names)}." if names else "No variables are used here."


def refuse_thousands(text: str) -> None:
    """Raise AnswerError at a number written with thousands separators outside brackets."""
    match = _THOUSANDS.search(text)
    if match and not any(bracket in text[: match.start()] for bracket in "([{<"):
        digits = match[0].replace(",", "")
        spaced = match[0].replace(",", ", ")
        raise AnswerError(
            f"A comma inside a number is not read: {match[0]}.",
            match.start(),
            match.end(),
            f"Write {digits}, or {spaced} for several values.",
        )
