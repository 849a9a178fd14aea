"""A template with the values of a variant put in."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from grader.bank.conditions import Lookup, holds
from grader.bank.drawing import Word
from grader.bank.templates import Choose, Piece, Print, Steps, Table, Template, Verbatim
from grader.bank.wording import ENGLISH, translated, word
from grader.calculus.describing import describe
from grader.calculus.exact_numbers import terminating_decimal
from grader.calculus.literal_matrices import reduce_literals
from grader.checking.bounding import NotScalar, NoValue, Unclear, value_at
from grader.errors import AnswerError
from grader.reading.printing import to_latex, to_text
from grader.reading.tree import Tree, literal_value, names_in, rebuild

_MATHS_OPEN = re.compile(r"\$\$?")
_TIMES = re.compile(r"(\\cdot|\\times|[*/])$")
_FACTOR_NEXT = re.compile(r"\s*([A-Za-z(]|\\(?!cdot|times|le|ge|ne|lt|gt|to|in|quad|qquad|text|right|end|\W)[a-z]+)")
_LATEX = re.compile(r"[\\^_{]")
_SUMS = frozenset({"sum"})


class Awkward(NamedTuple):
    """A print that reads badly, such as `1x` or `+ -3`; `start` is its place in the template.

    `is_outside` where it is LaTeX that stands outside of a formula.
    """

    start: int
    text: str
    is_outside: bool = False


class Printed(NamedTuple):
    """The text of a template, and where it reads badly."""

    text: str
    awkward: tuple[Awkward, ...] = ()


def render(template: Template, values: Lookup, default: str = "latex", language: str = ENGLISH) -> Printed:
    """The text for these values; raises AnswerError where a value has no such print."""
    pieces = _flat(template.in_language(language).pieces, values)
    out = ""
    awkward: list[Awkward] = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, Verbatim):
            out += piece.text
            continue
        if isinstance(piece, Steps):
            out += _steps_of(piece, values, language)
            continue
        if isinstance(piece, Table):
            out += _table_of(piece, values)
            continue
        after = pieces[place + 1] if place + 1 < len(pieces) else None
        following = after.text if isinstance(after, Verbatim) else ""
        kind = default if piece.filter == "latex" else piece.filter
        text, value = shown(piece, values, kind)
        if value is None and default == "latex":
            text = word(text, language)
        if kind != "text" and value is not None and _within_maths(out):
            text, complaint = _joined(out, text, value, following)
            if complaint:
                awkward.append(Awkward(piece.start, complaint))
        elif kind != "text" and value is not None and _LATEX.search(text):
            awkward.append(Awkward(piece.start, text[:40], is_outside=True))
        out += text
    return Printed(out, tuple(awkward))


def _steps_of(piece: Steps, values: Lookup, language: str) -> str:
    """The derivation of a quantity as a Markdown list."""
    lines = describe(values.steps(piece.name), lambda words: translated(words, language))
    return "\n\n" + "\n".join(f"- {line}" for line in lines) + "\n\n"


def _table_of(piece: Table, values: Lookup) -> str:
    """The rows of a matrix as a Markdown table; raises AnswerError for what has none."""
    tree = reduce_literals(values.put_in(piece.tree))
    if tree.kind not in {"matrix", "vector"}:
        raise AnswerError(f"{to_text(tree)[:60]} is no table.", repair="Name a quantity with rows.")
    rows = [row.args if row.kind == "row" else (row,) for row in tree.args]
    width, named = len(rows[0]), len(piece.headers)
    if named not in {0, width, width + 1}:
        raise AnswerError(f"The table has {width} columns, and here are {named} headers.", repair="Name each column.")
    first = 0 if piece.tree.kind == "name" and values.has_start(piece.tree.value) else 1
    lines = [[*piece.headers] or [" "] * width, ["---"] * (named or width)]
    for place, row in enumerate(rows, first):
        cells = [decimals(cell, piece.places) if piece.is_decimal else cell for cell in row]
        lines.append([*([str(place)] if named > width else []), *(f"${to_latex(cell)}$" for cell in cells)])
    return "\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\n"


def _flat(pieces: tuple[Piece, ...], values: Lookup) -> list[Verbatim | Print | Steps | Table]:
    """The pieces that the conditions keep."""
    flat: list[Verbatim | Print | Steps | Table] = []
    for piece in pieces:
        if isinstance(piece, Choose):
            flat.extend(_flat(piece.then if holds(piece.condition, values) else piece.otherwise, values))
        else:
            flat.append(piece)
    return flat


def shown(piece: Print, values: Lookup, kind: str) -> tuple[str, Tree | None]:
    """The print of one value through a filter, and the tree behind it, None for a word."""
    if piece.tree.kind == "name":
        value = values.value(piece.tree.value)
        if isinstance(value, Word):
            return value.text, None
    tree = values.put_in(piece.tree)
    if kind != "raw" and not (piece.tree.kind == "name" and values.is_tidy(piece.tree.value)):
        tree = reduce_literals(tree)
    if kind == "decimal":
        tree = decimals(tree, piece.places)
    return (to_text(tree) if kind == "text" else to_latex(tree)), tree


def decimals(tree: Tree, places: int | None) -> Tree:
    """The tree with its numbers as decimals: exact ones where they end, or rounded to so many places."""
    if tree.kind in {"vector", "matrix", "row", "set", "list"}:
        return tree._replace(args=tuple(decimals(arg, places) for arg in tree.args))
    if places is not None and not names_in(tree):
        return _literal(_rounded(tree, places))
    return rebuild(tree, _ending)


def _ending(node: Tree) -> Tree:
    """A quotient of literals as a decimal, where it ends."""
    value = literal_value(node) if node.kind == "quotient" else None
    text = None if value is None else terminating_decimal(value)
    return node if text is None else _literal(text)


def _literal(text: str) -> Tree:
    size = Tree("number", (), text.lstrip("-"))
    return Tree("neg", (size,)) if text.startswith("-") else size


def _rounded(tree: Tree, places: int) -> str:
    """The value to so many places, an exact half away from zero."""
    try:
        value = value_at(tree, {}, places + 30).middle
    except (NoValue, Unclear, NotScalar):
        raise AnswerError(f"{to_text(tree)} has no decimal value.", tree.start, tree.end) from None
    scaled = abs(value) * 10**places + Fraction(1, 2)
    digits = str(scaled.numerator // scaled.denominator).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if value < 0 and set(text) - {"0", "."} else text


def _within_maths(text: str) -> bool:
    """Whether the text ends inside of `$…$` or `$$…$$`."""
    return len(_MATHS_OPEN.findall(text.replace("\\$", ""))) % 2 == 1


def _joined(before: str, text: str, value: Tree, after: str) -> tuple[str, str]:
    """The print with the braces or brackets that its neighbours call for, and what still reads badly."""
    if before.endswith(("^", "_")):
        return f"{{{text}}}", ""
    bare = before.rstrip()
    is_negative = text.startswith("-")
    after_sign = bare.endswith(("+", "-"))
    after_times = bool(_TIMES.search(bare))
    is_sum = value.kind in _SUMS
    if after.startswith("^") and (is_negative or value.kind not in {"number", "name", "constant", "call"}):
        return f"\\left({text}\\right)", ""
    if (is_negative or is_sum) and (after_times or (bare.endswith("-") and is_sum)):
        return f"\\left({text}\\right)", ""
    if after_sign and is_negative:
        return f"\\left({text}\\right)", ""
    if text in {"1", "-1", "0"} and _FACTOR_NEXT.match(after) and not after_times:
        return text, f"{text}{after.split(maxsplit=1)[0][:12] if after.split() else ''}"
    return text, ""
