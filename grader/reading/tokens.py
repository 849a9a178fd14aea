"""Plain text to tokens: numbers, names, functions, words and signs, each with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache
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


_POINT = r"\s*(?:(?P<number>(?:\d+(?:\.(?![*/^])\d*)?|\.\d+))(?P<exponent>[eE][+-]?\d+)?"
_COMMA = r"\s*(?:(?P<number>(?:\d+(?:[.,]\d+)?|[.,]\d+))(?P<exponent>[eE][+-]?\d+)?"
_LETTERS = r"(?P<letters>[^\W\d_]+|[√∛])(?P<subscript>_\{[A-Za-z0-9, ]*\}|_\d+|_[A-Za-z]+|\d+)?"
_REST = (
    r"|(?P<word>" + _LETTERS.replace("?P<letters>", "?:").replace("?P<subscript>", "?:") + r")"
    r"|(?P<sign>\*\*|<=|>=|!=|==|=<|=>|\.\*|\.\^|\.\/|[-+*/^!%()\[\]{},;|'<>=:_~&.∪∩∂∇±→])"
    r"|(?P<bad>\S))"
)
_WORD = re.compile(_LETTERS)
_TOKEN = re.compile(_POINT + _REST)
_TOKEN_COMMA = re.compile(_COMMA + _REST)
_SIGNS: Mapping[str, str] = {"**": "^", "==": "=", "=<": "<=", "=>": ">=", ".^": "^", "./": "/", ":": ":"}
MAX_EXPONENT_DIGITS = 3
MAX_WORDS = 4096
_new = tuple.__new__
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.])(?!,\d)")


def tokenise(text: str, vocabulary: Vocabulary, *, scientific: bool = True) -> list[Token]:
    """The tokens of a plain text, closed by one of kind `end`.

    With `scientific` off, `2e+3` is 2*e + 3.
    Raises AnswerError at a character or name that has no meaning.
    """
    words = _words(vocabulary)
    scan = (_TOKEN_COMMA if vocabulary.decimal_comma else _TOKEN).match
    tokens: list[Token] = []
    append = tokens.append
    previous = 0
    while match := scan(text, previous):
        kind = match.lastgroup or "bad"
        found = match[kind]
        end = match.end()
        start = end - len(found)
        if kind == "sign":
            append(_new(Token, (_SIGNS.get(found, found), "", start, end, start > previous)))
            previous = end
        elif kind == "word":
            is_transpose = found[0] == "T" and tokens and tokens[-1].kind == "^" and not vocabulary.knows("T")
            known_word = _TRANSPOSE if is_transpose else words.get(found)
            pieces, length = known_word or _remember(found, start, vocabulary, words)
            for piece, value, first, last in pieces:
                append(_new(Token, (piece, value, start + first, start + last, start > previous and not first)))
            previous = start + length
        elif kind == "number" and found.isdigit():
            append(_new(Token, ("number", found, start, end, start > previous)))
            previous = end
        elif kind == "bad":
            raise AnswerError(f"The character {found} has no meaning here.", start, end, "Delete it.")
        else:
            previous = _number(tokens, match, vocabulary, scientific=scientific, gap=match.start("number") > previous)
    append(Token("end", "", len(text), len(text), gap=len(text) > previous))
    return tokens


def _number(tokens: list[Token], match: re.Match[str], vocabulary: Vocabulary, *, scientific: bool, gap: bool) -> int:
    """A number; an `e` after it is an exponent unless `e` is a declared name."""
    literal, exponent = match["number"].replace(",", "."), match["exponent"]
    start, end = match.span("number")
    if exponent and scientific and meanings(vocabulary).get(exponent[0], _NO_MEANING).kind != "name":
        end = match.end("exponent")
        if len(exponent.strip("eE+-")) > MAX_EXPONENT_DIGITS:
            raise AnswerError("This exponent is too large.", start, end, "Use at most 3 digits in an exponent.")
        literal += exponent.lower()
    literal = literal.removesuffix(".")
    tokens.append(Token("number", "0" + literal if literal.startswith(".") else literal, start, end, gap))
    return end


Piece = tuple[str, str, int, int]
_NO_MEANING = Meaning("", "")
_TRANSPOSE: tuple[tuple[Piece, ...], int] = ((("name", "T", 0, 1),), 1)


@lru_cache(maxsize=512)
def _words(_: Vocabulary) -> dict[str, tuple[tuple[Piece, ...], int]]:
    """The words met so far under a vocabulary, each with its tokens and the length used."""
    return {}


def _remember(
    word: str, start: int, vocabulary: Vocabulary, words: dict[str, tuple[tuple[Piece, ...], int]]
) -> tuple[tuple[Piece, ...], int]:
    """Cut a word that was not met before, and keep the result."""
    match = _WORD.match(word)
    assert match is not None  # noqa: S101 (the token pattern found it)
    cut = _cut(match["letters"], match["subscript"] or "", start, vocabulary)
    if len(words) < MAX_WORDS:
        words[word] = cut
    return cut


def _cut(run: str, subscript: str, start: int, vocabulary: Vocabulary) -> tuple[tuple[Piece, ...], int]:
    """Letters cut into names and functions, the longest first, and the number of characters used."""
    table = meanings(vocabulary)
    if run in WORDS and run not in table:
        return (("word", run, 0, len(run)),), len(run)
    pieces: list[Piece] = []
    here = 0
    while here < len(run):
        joined = _with_subscript(run[here:], subscript, vocabulary, table) if subscript else None
        if joined:
            kind, value, used = joined
            end = len(run) + used
            return (*pieces, (kind, value, here, end)), end
        meaning, length = _longest(run, here, start, vocabulary, table)
        pieces.append((meaning.kind, meaning.value, here, here + length))
        here += length
    if subscript:
        _refuse_subscript(pieces[-1], subscript, start, vocabulary)
    return tuple(pieces), len(run)


def _refuse_subscript(last: Piece, subscript: str, start: int, vocabulary: Vocabulary) -> None:
    """Raise AnswerError for a subscripted name that is not declared; `sin2x` is not one."""
    kind, value, first, end = last
    place = (start + first, start + end + len(subscript))
    if subscript.startswith("_"):
        raise AnswerError(f"The name {value}{subscript} is not used in this problem.", *place, known(vocabulary))
    if kind == "name":
        repair = f"Write {value}*{subscript} or {value}^{subscript}."
        raise AnswerError(f"The name {value}{subscript} is not used in this problem.", *place, repair)


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
    if subscript.startswith("_") and subscript[1:].isalpha():
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
    usable = [spelling for spelling, meaning in meanings(vocabulary).items() if _is_usable(meaning, vocabulary)]
    near = [rest.lower()] if rest.lower() in usable else difflib.get_close_matches(rest, usable, n=1, cutoff=0.7)
    repair = f"Did you mean {near[0]}? {known(vocabulary)}" if near else known(vocabulary)
    return AnswerError(f"The name {rest} is not used in this problem.", start + here, start + len(run), repair)


def _is_usable(meaning: Meaning, vocabulary: Vocabulary) -> bool:
    """Whether a response may use it: all but the names that are not declared."""
    return meaning.kind != "name" or _is_declared(meaning.value, vocabulary)


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
