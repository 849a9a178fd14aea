"""What a pair of brackets with entries means: group, vector, matrix, set, interval, piecewise."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import AnswerError
from grader.reading.tokens import Token
from grader.reading.tree import Tree

CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">", "]": "["}
GROUPING = frozenset({"vector", "set"})
_OPENING = frozenset({"(", "[", "{"})
_CLOSING = frozenset({")", "]", "}"})
BEGINNINGS, ENDS = frozenset({"(", "[", "]"}), frozenset({")", "]", "["})  # of intervals
CONDITIONS = frozenset({"relation", "and", "or"})
BY_COMMAS = "commas"  # what `arrange` calls a piecewise whose conditions stand after commas
_STATEMENTS = frozenset({"relation", "and", "or", "union", "vector", "matrix", "set", "interval"})


def spaced_entries(kinds: Sequence[str], start: int) -> bool:
    """Whether the bracket that opens before `start` holds no comma, so that spaces separate."""
    depth = 0
    for kind in kinds[start:]:
        if kind in _OPENING:
            depth += 1
        elif kind in _CLOSING:
            depth -= 1
            if depth < 0:
                return True
        elif kind == "," and depth == 0:
            return False
    return True


def ungroup(tree: Tree) -> Tree:
    """The one entry of square or curly brackets that only group."""
    while tree[0] in GROUPING and len(tree.args) == 1 and not tree.value:
        tree = tree.args[0]
    return tree


def product_of(factors: list[Tree]) -> Tree:
    """The product of the factors, or the one factor."""
    if len(factors) == 1:
        return factors[0]
    args = tuple([ungroup(factor) if factor[0] in GROUPING else factor for factor in factors])
    return tuple.__new__(Tree, ("product", args, "", factors[0][3], factors[-1][4]))


def arrange(opening: Token, rows: list[list[Tree]], closed: Token, *, intervals: bool) -> Tree:
    """The tree for entries in brackets; raises AnswerError where the rows are ragged or empty."""
    if opening.kind == "(" and closed.kind == ")" and len(rows) == 1 == len(rows[0]):
        return rows[0][0]
    pair = opening.kind + closed.kind
    span = (opening.start, closed.end)
    if pair == "{}":
        return _curly(rows, span)
    if not rows[0]:
        raise AnswerError("There is nothing in these brackets.", *span, "Write the entries, or {} for the empty set.")
    if pair not in {"()", "[]", "<>"} or (intervals and pair != "<>" and sum(map(len, rows)) == 2):
        ends = {"(": "(", "[": "[", "]": "("}[opening.kind] + {")": ")", "]": "]", "[": ")"}[closed.kind]
        both = tuple(entry for row in rows for entry in row)
        if len(both) != 2:
            raise AnswerError("An interval has two ends.", *span, "Write a comma between its two ends.")
        return Tree("interval", both, ends, *span)
    if len(rows) > 1:
        return _stacked(rows, span)
    entries = rows[0]
    if all(entry.kind == "vector" for entry in entries) and opening.kind != "<":
        return _nested(entries, span)
    return Tree("vector", tuple(entries), "", *span)


def sequence(rows: list[list[Tree]]) -> Tree:
    """What stands between commas and semicolons without brackets: a list, or the rows of a matrix."""
    members = [member for row in rows for member in row]
    span = (members[0].start, members[-1].end)
    is_grid = len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1
    if is_grid and not any(member.kind in _STATEMENTS for member in members):
        return _stacked(rows, span)
    return Tree("list", tuple(members), "", *span)


def _nested(entries: list[Tree], span: tuple[int, int]) -> Tree:
    """A matrix from vectors in brackets."""
    if len({len(entry.args) for entry in entries}) != 1:
        raise _ragged([len(entry.args) for entry in entries], span)
    rows = (entry._replace(kind="row", value="") for entry in entries)
    return Tree("matrix", tuple(rows), "", *span)


def _stacked(rows: list[list[Tree]], span: tuple[int, int]) -> Tree:
    """A column vector or a matrix from rows with semicolons between."""
    rows = rows if rows[-1] else rows[:-1]
    if len({len(row) for row in rows}) != 1:
        raise _ragged([len(row) for row in rows], span)
    if len(rows[0]) == 1 and all(row[0].kind == "vector" for row in rows):
        return _nested([row[0] for row in rows], span)
    if len(rows[0]) == 1:
        return Tree("vector", tuple(row[0] for row in rows), "column", *span)
    built = (Tree("row", tuple(row), "", row[0].start, row[-1].end) for row in rows)
    return Tree("matrix", tuple(built), "", *span)


def _ragged(lengths: list[int], span: tuple[int, int]) -> AnswerError:
    """The error for rows of different lengths."""
    sizes = ", ".join(str(length) for length in lengths)
    return AnswerError(f"The rows of this matrix have {sizes} entries.", *span, "Give every row the same number.")


def _curly(rows: list[list[Tree]], span: tuple[int, int]) -> Tree:
    """A set, a piecewise, or the empty set."""
    entries = [entry for row in rows for entry in row]
    if not entries:
        return Tree("empty", (), "", *span)
    if len(rows) > 1 and all(len(row) == 2 and row[1].kind in CONDITIONS for row in _with_conditions(rows)):
        cases = [Tree("case", tuple(row), "", row[0].start, row[1].end) if row[1:] else row[0] for row in rows]
        return piecewise(cases, span)._replace(value=BY_COMMAS)
    if any(entry.kind in {"case", "otherwise"} for entry in entries):
        return piecewise(entries, span)
    return Tree("set", tuple(entries), "", *span)


def _with_conditions(rows: list[list[Tree]]) -> list[list[Tree]]:
    """The rows of which each must hold a value and its condition: all, but a last one for all other cases."""
    return rows[:-1] if len(rows[-1]) == 1 and rows[-1][0].kind == "otherwise" else rows


def piecewise(entries: Sequence[Tree], span: tuple[int, int]) -> Tree:
    """A piecewise from its cases; an expression without condition may only come last."""
    cases = []
    for place, entry in enumerate(entries):
        if entry.kind == "vector" and len(entry.args) == 2:
            entry = Tree("case", entry.args, "", entry.start, entry.end)  # noqa: PLW2901 (one case, two spellings)
        if entry.kind != "case" and place < len(entries) - 1:
            raise AnswerError("This case has no condition.", entry.start, entry.end, "Write: expression if condition.")
        cases.append(entry if entry.kind in {"case", "otherwise"} else Tree("otherwise", (entry,), "", *entry[3:]))
    return Tree("piecewise", tuple(cases), "", *span)
