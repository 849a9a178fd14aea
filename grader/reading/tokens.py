"""Plain text to tokens: numbers, names, functions, words and signs, each with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from grader.errors import AnswerError
from grader.reading.indexed import indexed_name
from grader.reading.names import (
    CALLED_GREEK,
    GREEK_LETTERS,
    WORDS,
    Meaning,
    Piece,
    Vocabulary,
    canonical,
    meanings,
)


class Token(NamedTuple):
    """Kind, value, span; `gap`: white space stands before it.

    Kinds: `number`, `name`, `constant`, `call`, `apply`, `log` (with its base as value), `sum` (with
    the names it runs over), `entry` (`A[i,j]`), `array` (without its indices), `word`, `end`, or the
    sign itself.
    """

    kind: str
    value: str
    start: int
    end: int
    gap: bool


_POINT = r"\s*(?:(?P<number>(?:\d+(?:\.(?![*/^])\d*)?|\.\d+))(?P<exponent>[eE][+-]?\d+)?"
# After a name or a bracket a comma begins the next value: `[x,5]` is not `[x*0.5]`.
_COMMA = r"\s*(?:(?P<number>(?:\d+(?:[.,]\d+)?|(?:\.|(?<![^\W\d_])(?<![)\]}]),)\d+))(?P<exponent>[eE][+-]?\d+)?"
_SIGN = r"\*\*|<=|>=|!=|==|=<|=>|\.\*|\.\^|\.\/|[-+*/^!%()\[\]{},;|'<>=:_~&.∪∩∂∇±→]"
_LETTERS = r"(?P<letters>[^\W\d_]+|[√∛])(?P<subscript>_\{[A-Za-z0-9, ]*\}|_\d+|_[A-Za-z]+|\d+)?"
_REST = (
    r"|(?P<word>" + _LETTERS.replace("?P<letters>", "?:").replace("?P<subscript>", "?:") + r")"
    r"|(?P<sign>" + _SIGN + r")"
    r"|(?P<bad>\S))"
)
_WORD = re.compile(_LETTERS)
_TOKEN = re.compile(_POINT + _REST)
_TOKEN_COMMA = re.compile(_COMMA + _REST)
_SIGNS: Mapping[str, str] = {"**": "^", "==": "=", "=<": "<=", "=>": ">=", ".^": "^", "./": "/", ":": ":"}
MAX_EXPONENT_DIGITS = 3
MAX_WORDS = 4096
LONGEST_KEPT = 24
TIMES_TEN = "For times ten write *10."
# Words with their digits, plain numbers and signs; any other text is scanned character by character.
_PIECES = re.compile(
    r" |(?:[^\W\d_]+|[√∛])(?:_\{[A-Za-z0-9, ]*\}|_\d+|_[A-Za-z]+|\d+)?|\d+(?:\.\d+)?(?![\d.]|[eE][+-]?\d)|"
    r"(?!\.\d)(?:" + _SIGN + ")"
).findall
_new = tuple.__new__
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.])(?!,\d)")
_ANGLE = re.compile(r"(?:^|[(\[{<,;=*/+-])\s*<[^>]*$")


def tokenise(text: str, vocabulary: Vocabulary, *, scientific: bool = True) -> list[Token]:
    """The tokens of a plain text, closed by one of kind `end`.

    With `scientific` off, `2e+3` is 2*e + 3.
    Raises AnswerError at a character or name that has no meaning.
    """
    known_tokens = None if vocabulary.decimal_comma else _known_tokens(text, vocabulary)
    return known_tokens or _scanned(text, vocabulary, scientific=scientific)


def _known_tokens(text: str, vocabulary: Vocabulary) -> list[Token] | None:
    """The tokens of a text of which every piece was met before; None where one needs a closer look."""
    known_pieces = vocabulary.pieces
    tokens: list[Token] = []
    append = tokens.append
    start, gap = 0, False
    for found in _PIECES(text):
        pieces = known_pieces.get(found)
        if pieces is None:
            if found == " ":
                start += 1
                gap = True
                continue
            if not "0" <= found[0] <= "9":
                return None
            pieces = (("number", found, 0, len(found)),)
        end = start + len(found)
        if len(pieces) == 1:
            kind, value, _, _ = pieces[0]
            append(_new(Token, (kind, value, start, end, gap)))
        else:
            for kind, value, first, last in pieces:
                append(_new(Token, (kind, value, start + first, start + last, gap and not first)))
        start, gap = end, False
    length = len(text)
    if start != length:
        return None
    append(_new(Token, ("end", "", length, length, gap)))
    return tokens


def _scanned(text: str, vocabulary: Vocabulary, *, scientific: bool) -> list[Token]:
    """The tokens of any text; pieces that mean the same wherever they stand are kept for the next text."""
    pieces = vocabulary.pieces
    scan = (_TOKEN_COMMA if vocabulary.decimal_comma else _TOKEN).match
    tokens: list[Token] = []
    append = tokens.append
    previous = 0
    while match := scan(text, previous):
        kind = match.lastgroup or "bad"
        found = match[kind]
        end = match.end()
        start = end - len(found)
        gap = start > previous
        if kind == "sign":
            sign = _SIGNS.get(found, found)
            append(_new(Token, (sign, "", start, end, gap)))
            _keep(pieces, found, ((sign, "", 0, len(found)),))
            previous = end
        elif kind == "word":
            is_transpose = found[0] == "T" and tokens and tokens[-1].kind == "^" and not vocabulary.knows("T")
            cut, length = _TRANSPOSE if is_transpose else _cut_word(found, start, vocabulary)
            for piece, value, first, last in cut:
                append(_new(Token, (piece, value, start + first, start + last, gap and not first)))
            if length == len(found) and found[0] != "T":
                _keep(pieces, found, cut)
            previous = start + length
        elif kind == "number" and found.isdigit():
            append(_new(Token, ("number", found, start, end, gap)))
            previous = end
        elif kind == "bad":
            repair = _REPAIRS.get(found, "Delete it.")
            raise AnswerError(f"The character {found} has no meaning here.", start, end, repair)
        else:
            previous = _number(tokens, match, vocabulary, scientific=scientific, gap=match.start("number") > previous)
    append(Token("end", "", len(text), len(text), gap=len(text) > previous))
    return tokens


_REPAIRS: Mapping[str, str] = {
    "°": "Angles are in radians: one degree is pi/180.",
    "\\": "LaTeX is not read here: write x/2 for \\frac{x}{2}.",
    "≈": "Write the value alone.",
    "∫": "Write what the integral comes to.",
    "?": "Write the value alone.",
}


def _keep(pieces: dict[str, tuple[Piece, ...]], found: str, cut: tuple[Piece, ...]) -> None:
    """Remember what a piece of text means, up to a bound."""
    if len(found) <= LONGEST_KEPT and len(pieces) < MAX_WORDS:
        pieces[found] = cut


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


_NO_MEANING = Meaning("", "")
_TRANSPOSE: tuple[tuple[Piece, ...], int] = ((("name", "T", 0, 1),), 1)


def _cut_word(word: str, start: int, vocabulary: Vocabulary) -> tuple[tuple[Piece, ...], int]:
    """A word with its subscript cut into tokens, and the number of characters used."""
    match = _WORD.match(word)
    assert match is not None  # noqa: S101 (the token pattern found it)
    return _cut(match["letters"], match["subscript"] or "", start, vocabulary)


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
        raise AnswerError(f"The name {value + subscript} is not used in this problem.", *place, known(vocabulary))
    if kind == "name":
        repair = f"Write {value}*{subscript} or {value}^{subscript}."
        if value == "x" and subscript == "10":
            repair = f"{repair} {TIMES_TEN}"
        raise AnswerError(f"The name {value + subscript} is not used in this problem.", *place, repair)


def _with_subscript(
    letters: str, subscript: str, vocabulary: Vocabulary, table: Mapping[str, Meaning]
) -> tuple[str, str, int] | None:
    """Kind, value and characters used of a name with a subscript, or None if there is none such."""
    if vocabulary.indices is not None and (indexed := indexed_name(letters, subscript, vocabulary, table)):
        return indexed
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
    if vocabulary.names is None or vocabulary.indices is not None:
        return Meaning("name", letter), 1
    alike = _look_alike(letter, vocabulary)
    if alike:
        return Meaning("name", alike), 1
    return _capitalised(run, here, table) or _refuse_unknown(run, here, start, vocabulary)


def _capitalised(run: str, here: int, table: Mapping[str, Meaning]) -> tuple[Meaning, int] | None:
    """A function or constant as phones and Mathematica write it: `Sin`, `ArcTan`, `LN`, `Pi`."""
    if not run[here].isupper():
        return None
    for length in range(min(len(run) - here, LONGEST_KEPT), 1, -1):
        meaning = table.get(run[here : here + length].lower())
        if meaning is not None and meaning.kind in {"call", "constant"}:
            return meaning, length
    return None


def _refuse_unknown(run: str, here: int, start: int, vocabulary: Vocabulary) -> NoReturn:
    """Raise the error for letters that mean nothing."""
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
    """Raise AnswerError at a number written with thousands separators.

    In brackets it may be several values, but not where one of them would begin with a zero.
    """
    for match in _THOUSANDS.finditer(text):
        if ",0" not in match[0] and _is_in_brackets(text[: match.start()]):
            continue
        digits = match[0].replace(",", "." if match[0].startswith("0,") and match[0].count(",") == 1 else "")
        spaced = match[0].replace(",", ", ")
        raise AnswerError(
            f"A comma inside a number is not read: {match[0]}.",
            match.start(),
            match.end(),
            f"Write {digits}, or {spaced} for several values.",
        )


def _is_in_brackets(before: str) -> bool:
    """Whether a bracket is still open at the end; `<` is one where nothing stands before it that it could compare."""
    return any(before.count(opening) > before.count(closing) for opening, closing in ("()", "[]", "{}")) or bool(
        _ANGLE.search(before)
    )


def without_thousands(text: str) -> tuple[str, tuple[int, int]] | None:
    """The text with its numbers in brackets joined across commas, as long as before, and the place of the first."""
    first = _THOUSANDS.search(text)
    if first is None or first[0].startswith("0"):
        return None
    return _THOUSANDS.sub(lambda match: match[0].replace(",", "").ljust(len(match[0])), text), first.span()
