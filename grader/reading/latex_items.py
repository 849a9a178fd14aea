"""LaTeX as typed to items: commands, numbers, letters and signs, each with its place."""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.errors import AnswerError
from grader.reading.latex_commands import IGNORED, SPACES


class Item(NamedTuple):
    r"""Kind, value, span; `gap`: white space or a spacing command stands before it.

    Kinds: `number` (its exponent of ten kept), `letters` (with digits that touch them), `end`, a
    command with its backslash such as `\frac`, or the sign itself.
    """

    kind: str
    value: str
    start: int
    end: int
    gap: bool


_EXPONENT = r"(?:[eE][+-]?\d+)?"
_REST = (
    r"|(?P<letters>[^\W\d_]+\d*|[√∛])|(?P<command>\\(?:[A-Za-z]+|\S|$))"
    r"|(?P<sign>\*\*|<=|>=|!=|==|=<|[-+*/^!%()\[\]{},;|'<>=:_~&.∪∩∂∇±→$])|(?P<bad>\S))"
)
_POINT = re.compile(r"(?:\s|\\\s)*(?:(?P<number>(?:\d+(?:\.(?![*/^.])\d*)?|\.\d+)" + _EXPONENT + ")" + _REST)
_COMMA = re.compile(
    r"(?:\s|\\\s)*(?:(?P<number>(?:\d+(?:(?:[.,]|\{,\})\d+)?|(?:\.|(?<![^\W\d_])(?<![)\]}]),|\{,\})\d+)"
    + _EXPONENT
    + ")"
    + _REST
)
_OF_TEXT = {"**": "^", "==": "=", "=<": "<=", "<=": "<=", ">=": ">=", "!=": "!="}
_LINE_SPACE = re.compile(r"\*?\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu)\s*\]")
_LENGTH = re.compile(r"\s*\{\s*-?[\d.]+\s*[a-z]{2}\s*\}")
_TRAILING_SPACE = re.compile(r"(?<!\\)(?:\\\s+)+$")
_LEFT_OUT = SPACES | IGNORED
_new = tuple.__new__


def items_of(text: str, *, decimal_comma: bool) -> list[Item]:
    """The items of a text, closed by one of kind `end`; spaces and styles are left out."""
    scan = (_COMMA if decimal_comma else _POINT).match
    if text.endswith(" ") and "\\" in text:
        text = _TRAILING_SPACE.sub("", text)
    items: list[Item] = []
    append = items.append
    previous, gap, dollars = 0, False, []
    while match := scan(text, previous):
        kind = match.lastgroup or "bad"
        found = match[kind]
        end = match.end()
        start = end - len(found)
        gap = gap or start > previous
        previous = end
        if kind in {"number", "letters"}:
            append(_new(Item, (kind, found, start, end, gap)))
        elif kind == "sign":
            if found in "~$":
                dollars += [start] if found == "$" else []
                gap = True
                continue
            append(_new(Item, (_OF_TEXT.get(found, found), found, start, end, gap)))
        elif kind == "bad":
            raise AnswerError(f"The character {found} has no meaning here.", start, end, "Delete it.")
        elif found in _LEFT_OUT:
            gap = gap or found in SPACES
            previous = _after_space(text, found, end)
            continue
        else:
            append(_new(Item, (found, found, start, end, gap)))
            if found == "\\\\" and (space := _LINE_SPACE.match(text, end)):
                previous = space.end()
        gap = False
    if len(dollars) % 2:
        raise AnswerError("This $ has no partner.", dollars[-1], dollars[-1] + 1, "Delete it.")
    append(Item("end", "", len(text), len(text), gap))
    return items


def _after_space(text: str, command: str, end: int) -> int:
    r"""The place after a spacing command, and after the length of `\hspace{1em}`."""
    length = _LENGTH.match(text, end) if command in {r"\hspace", r"\mspace"} else None
    return length.end() if length else end
