"""Typed text to a tree: the notation of students, authors and callers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from grader.errors import AnswerError
from grader.reading.cursor import MAX_DEPTH, Notice
from grader.reading.names import Vocabulary, canonical
from grader.reading.parsing import Parser
from grader.reading.source import Source, plain
from grader.reading.tokens import Token, refuse_thousands, tokenise
from grader.reading.tree import Tree, is_deeper_than, names_in


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a text."""

    characters: int = 2000


class Reading(NamedTuple):
    """The tree, what a person should know, the second reading, and the label that was dropped."""

    tree: Tree
    notices: tuple[Notice, ...] = ()
    second: Tree | None = None
    label: str | None = None


_ANY = Vocabulary()
_LIMITS = Limits()
_NOTHING = re.compile(r"\s*(no(ne)?( real)? (solutions?|values?)|none|the empty set|empty set)\s*\.?\s*", re.IGNORECASE)
_ARGUMENTS = r"(?:\s*\([^()=]*\))?"
# `np.array([[1, 2]])`, `Matrix([[1, 2]])` and `np.sin(x)` are read as what they hold.
_LIBRARY = re.compile(
    r"(?<![\w.])(?:(?:np|numpy|math|torch|sympy|sp)\.)?(?:array|matrix|Matrix)(?=\s*\(\s*\[)"
    r"|(?<![\w.])(?:np|numpy|math|torch|sympy|sp)\.(?=[A-Za-z])"
)
# A matrix in one pair of square brackets, with round brackets only within a line.
_BLOCK = re.compile(r"\s*\[(?:[^()\[\]{}|<>;]|\([^()\[\]{}|<>;\n]*\))*\]\s*")
_ABSENT = re.compile(r"(?<![^\W\d_])(log1p|expm1|exp2)(?=\s*\()")
_INSTEAD = {"log1p": "ln(1 + x)", "expm1": "e^x - 1", "exp2": "2^x"}
_SIGNED_EXPONENT = re.compile(r"(?<![\w.])[\d.]+[eE][+-]\d+")
_LABEL = re.compile(
    r"\s*((?:grad|nabla|∇|Hess|Jac)?\s*_?[^\W\d_]*(?:_\{?\w+\}?|\d+)?'{0,3}" + _ARGUMENTS + r"|"
    r"[d∂](?:\^?\(?[2-9]\)?)?\s*[^\W\d]*"
    + _ARGUMENTS
    + r"\s*/\s*[d∂]\s*[^\W_]+(?:_\{?\w+\}?)?(?:\^\(?[2-9]\)?)?(?:\s*[d∂]\s*\w+)?"
    r")\s*=(?!=)\s*"
)


def read(source: str, vocabulary: Vocabulary = _ANY, limits: Limits = _LIMITS) -> Reading:
    """The reading of a typed text; nothing in it is ever executed.

    Linear in the length of the text. Raises AnswerError with the span, in characters of `source`,
    of what cannot be read.
    """
    if len(source) > limits.characters:
        message = f"This is {len(source)} characters long; at most {limits.characters} are read."
        raise AnswerError(message, limits.characters, len(source), "Write it shorter.")
    text = plain(source)
    try:
        return _read(text, vocabulary)
    except AnswerError as error:
        start, end = text.span(error.start, error.end)
        raise AnswerError(error.message, start, end, error.repair) from None


def _read(text: Source, vocabulary: Vocabulary) -> Reading:
    """Read plain text; spans in errors count characters of the plain text."""
    body = text.text
    if _NOTHING.fullmatch(body):
        return Reading(Tree("empty", (), "", 0, len(body)))
    if "." in body or "(" in body:
        body = _LIBRARY.sub(lambda match: " " * len(match[0]), body)
    absent = _ABSENT.search(body)
    if absent:
        raise AnswerError(
            f"The function {absent[1]} is not read here.", *absent.span(), f"Write {_INSTEAD[absent[1]]}."
        )
    label = None
    if "=" in body and not vocabulary.keep_label:
        body, label = _without_label(body, vocabulary)
    if not body.strip():
        raise AnswerError("There is nothing to read.", 0, len(body), "Type an answer.")
    if "," in body and not vocabulary.decimal_comma:
        refuse_thousands(body)
    tree, notices, second = _parsed(body, vocabulary)
    if label is not None:
        notices = (Notice("label", 0, len(label), f"The part {label} = is left out."), *notices)
    if text.places is not None:
        tree, second = _placed(tree, text), second and _placed(second, text)
        notices = tuple(Notice(n.code, *text.span(n.start, n.end), n.text) for n in notices)
    return Reading(tree, notices, None if second == tree else second, label)


def _parsed(body: str, vocabulary: Vocabulary) -> tuple[Tree, tuple[Notice, ...], Tree | None]:
    """The tree of a text without label, what was noticed, and the second reading."""
    body, has_lines = _with_rows(body)
    tokens = tokenise(body, vocabulary)
    if has_lines:
        closing = Token("]", "", len(body), len(body), gap=False)
        tokens = [Token("[", "", 0, 0, gap=False), *tokens[:-1], closing, tokens[-1]]
    parser = Parser(tokens, vocabulary)
    tree = parser.response()
    if has_lines and tree.kind == "vector":
        tree = tree._replace(kind="list", value="")
    if len(tokens) > MAX_DEPTH and is_deeper_than(tree, MAX_DEPTH):
        message = f"This is nested more than {MAX_DEPTH} levels deep."
        raise AnswerError(message, 0, len(body), "Write it in simpler steps.")
    notices = tuple(parser.notices)
    exponent = _SIGNED_EXPONENT.search(body)
    if exponent and any(token.kind == "number" and token.start == exponent.start() for token in tokens):
        notices += (Notice("ambiguous", *exponent.span(), "This is read as a number with an exponent of ten."),)
        tokens = tokenise(body, vocabulary, scientific=False)
    if not any(notice.code == "ambiguous" for notice in notices):
        return tree, notices, None
    return tree, notices, Parser(tokens, vocabulary, second=True).response()


def _without_label(body: str, vocabulary: Vocabulary) -> tuple[str, str | None]:
    """The text with a leading `y =`, `f'(x) =`, `dy/dx =` blanked out, and that label."""
    match = _LABEL.match(body)
    if not match:
        return body, None
    label = match[1].strip()
    rest = " " * match.end() + body[match.end() :]
    if re.search(r"[<>=]", rest.replace("<=", "").replace(">=", "")) and "=" in rest:
        return body, None
    name = canonical(label)
    if label and name.replace("_", "").isalnum() and not name[0].isdigit():
        try:
            found = names_in(Parser(tokenise(rest, vocabulary), vocabulary).response())
        except AnswerError:
            return rest, label
        if name in found:
            return body, None
    return rest, label


def _with_rows(body: str) -> tuple[str, bool]:
    """The text with semicolons for line ends, and whether its lines are rows of a matrix or members of a list."""
    lines = body.strip().split("\n")
    if len(lines) == 1:
        return body, False
    starts = [line.lstrip()[:1] for line in lines[1:]]
    ends = [line.rstrip()[-1:] for line in lines[:-1]]
    if _BLOCK.fullmatch(body) and not (set(starts) & set("+*/^=") or set(ends) & set("+-*/^=,")):
        return _with_semicolons(body), False
    if any(sign in body for sign in "()[]{}|<>;") or set(starts) & set("+*/^=") or set(ends) & set("+-*/^=,"):
        return body.replace("\n", " "), False
    first, last = len(body) - len(body.lstrip()), len(body.rstrip())
    return body[:first] + body[first:last].replace("\n", ";") + " " * (len(body) - last), True


def _with_semicolons(body: str) -> str:
    """A matrix in one pair of brackets with its rows on lines: semicolons for the line ends between rows."""
    opening, closing = body.index("[") + 1, body.rindex("]")
    lines = body[opening:closing].split("\n")
    filled = [place for place, line in enumerate(lines) if line.strip()]
    ends = (";" if place in filled[:-1] else " " for place in range(len(lines)))
    inner = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return body[:opening] + inner[:-1] + body[closing:]


def _placed(tree: Tree, text: Source) -> Tree:
    """The tree with its spans counted in the typed text."""
    start, end = text.span(tree.start, tree.end)
    return Tree(tree.kind, tuple(_placed(arg, text) for arg in tree.args), tree.value, start, end)
