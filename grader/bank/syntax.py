"""YAML's complaints about a file in words that help an author, at the place where the slip is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.error import MarkedYAMLError

from grader.errors import BankError

_TAB = re.compile(r"^ *(\t)")
_BRACES = re.compile(r"(?::|-)\s+(\{\{)")
_QUOTES = frozenset({"'", '"'})
_INDENT = "Indent it exactly like the lines that it belongs with."


@dataclass(frozen=True, slots=True)
class Ended:
    """The scalar that was read last: where it begins, from 1, and the line in which it ends."""

    line: int
    column: int
    last_line: int
    style: str

    @property
    def is_split(self) -> bool:
        """Whether it goes over several lines, as only a | block should."""
        return self.last_line > self.line and self.style not in {"|", ">"}


def syntax_errors(
    error: MarkedYAMLError, file: str, lines: tuple[str, ...], scalar: Ended | None = None
) -> list[BankError]:
    """What is wrong with the YAML; `scalar` is the last one that could be read."""
    tabs = [(number, match.start(1) + 1) for number, row in enumerate(lines, 1) if (match := _TAB.match(row))]
    if tabs and "\\t" in str(error.problem):
        return [BankError("A tab stands in the indentation.", file, *tab, "Indent with spaces.") for tab in tabs]
    line, column = _place(error.problem_mark or error.context_mark)
    opening = _unquoted_braces(lines, line)
    if opening:
        return [BankError("Text that begins with {{ needs quotes in YAML.", file, *opening, "Put the text in quotes.")]
    moved = _elsewhere(error, scalar)
    if moved is not None:
        return [BankError(moved[1], file, *moved[0], moved[2])]
    message, repair = _in_words(error, lines, line, column)
    return [BankError(message, file, line, column, repair)]


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _elsewhere(error: MarkedYAMLError, scalar: Ended | None) -> tuple[tuple[int, int], str, str] | None:
    """The place, message and repair of a slip that YAML only notices further down."""
    problem, line = str(error.problem), _place(error.problem_mark)[0]
    if "unexpected end of stream" in problem and error.context_mark:
        return (
            _place(error.context_mark),
            "The quote that opens here is never closed.",
            "Close it at the end of the text.",
        )
    if scalar is not None and scalar.is_split and scalar.style in _QUOTES and line - scalar.last_line in {0, 1}:
        message = f"The quote that opens here is closed only in line {scalar.last_line}."
        return (scalar.line, scalar.column), message, "Close it in this line, or write a long text as a | block."
    if str(error.context).startswith("while parsing a flow") and error.context_mark:
        opened = _place(error.context_mark)
        if opened[0] < line:
            sign = "{" if "mapping" in str(error.context) else "["
            closing = "}" if sign == "{" else "]"
            return (
                opened,
                f"The {sign} that opens here is not closed before line {line}.",
                f"Write {closing} where it ends.",
            )
    return None


def _in_words(error: MarkedYAMLError, lines: tuple[str, ...], line: int, column: int) -> tuple[str, str]:
    """The message and the repair of a slip that stands where YAML says."""
    problem = str(error.problem or error)
    row = lines[line - 1] if line <= len(lines) else ""
    is_first = not row[: column - 1].strip()
    if "mapping values are not allowed" in problem:
        if row.count(": ") + row.rstrip().endswith(":") < 2:
            return "This line is indented further than the one above, which takes nothing below it.", _INDENT
        return "A second colon stands in this line.", "A text with a colon and a space in it needs quotes."
    if "unknown escape" in problem:
        repair = "In double quotes write a backslash twice, or use single quotes or a | block."
        return "A backslash in double quotes starts an escape.", repair
    if row[column - 1 : column] in {"@", "`", "%"}:
        return f"A text cannot begin with {row[column - 1]} in YAML.", "Put the text in quotes."
    if "expected <block end>" in problem and is_first:
        if row.lstrip().startswith("-"):
            return (
                "This list entry stands among the keys of a mapping.",
                "Write a dash before every entry, equally far in.",
            )
        return "The indentation of this line fits none of the lines above.", _INDENT
    if "expected <block end>" in problem:
        repair = "Put all of the text in one pair of quotes; write a single quote within single quotes twice."
        return "Text follows after the closing quote.", repair
    context = f" {error.context}:" if error.context else ""
    repair = "Look at the indentation, the quotes and the brackets here and in the line above."
    return f"This is not YAML:{context} {problem}.", repair


def _unquoted_braces(lines: tuple[str, ...], line: int) -> tuple[int, int] | None:
    """The place of an unquoted `{{` that opens a value, in the line or the one before."""
    for number in (line, line - 1):
        if 0 < number <= len(lines) and (match := _BRACES.search(lines[number - 1])):
            return number, match.start(1) + 1
    return None
