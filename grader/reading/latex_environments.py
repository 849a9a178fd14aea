r"""What stands between `\begin` and `\end`: matrices, cases, lines."""

from __future__ import annotations

from grader.reading.brackets import ungroup
from grader.reading.latex_commands import LINES, MATRICES
from grader.reading.latex_items import Item
from grader.reading.latex_tokens import Items
from grader.reading.operands import CASE_WORDS
from grader.reading.tokens import Token
from grader.reading.tree import Tree, call

_STOPS = frozenset({"&", "\\\\", r"\end", "}", "end", r"\right"})
_CASES = frozenset({"cases", "dcases", "rcases"})
_PUNCTUATION = frozenset({",", ";", "."})
Cell = tuple[list[Token], Item]


def environment(source: Items, tokens: list[Token], item: Item) -> None:
    r"""A whole `\begin{…} … \end{…}` as one operand."""
    source.at += 1
    name, _, closing = source.raw_braces(item)
    name = name.strip()
    opening = Item(item.kind, name, item.start, closing.end, item.gap)
    if name not in MATRICES | _CASES | LINES:
        source.fail(f"There is no environment {name} here.", opening, r"Write \begin{bmatrix} or \begin{cases}.")
    if name == "array":
        _skip_columns(source)
    rows, end = _rows(source, opening)
    whole = Item(item.kind, name, item.start, end, item.gap)
    if name in LINES:
        tokens += _lines(rows)
        return
    is_cases = name in _CASES or (name == "array" and _opens_cases(source, item))
    if is_cases:
        tree = _cases(source, rows, whole)
    else:
        tree = _matrix(source, rows, whole)
        if name in {"vmatrix", "Vmatrix"}:
            tree = call("det" if name == "vmatrix" else "norm", tree)
    tree = tree._replace(start=item.start, end=end)
    key = source.operand(tokens, tree, item.start, end, gap=item.gap)
    if name not in {"vmatrix", "Vmatrix"}:
        source.grids.add(key)


def _skip_columns(source: Items) -> None:
    r"""Pass the layout of an array, `{cc}` or `[t]{c|c}`."""
    if source.item.kind == "[":
        while source.item.kind not in {"]", "end"}:
            source.at += 1
        source.at += source.item.kind == "]"
    if source.item.kind == "{":
        source.at = source.closing_place(source.at) + 1


def _opens_cases(source: Items, item: Item) -> bool:
    r"""Whether `\left\{` stands directly before this array and `\right.` after it."""
    before = source.text[: item.start].rstrip().removesuffix("{").removesuffix("\\lbrace").rstrip("\\")
    return before.rstrip().endswith("\\left") and source.item.kind == r"\right" and _is_point(source)


def _is_point(source: Items) -> bool:
    r"""Whether the delimiter after `\right` is a point."""
    return source.items[source.at + 1].value.startswith(".")


def _rows(source: Items, opening: Item) -> tuple[list[list[Cell]], int]:
    r"""The cells in rows, each with the item that closes it, up to the matching `\end`; where that ends."""
    rows: list[list[Cell]] = [[]]
    while True:
        inner = source.until(_STOPS)
        closer = source.item
        rows[-1].append((inner, closer))
        if closer.kind not in {"&", "\\\\", r"\end"}:
            source.fail(
                rf"There is no \end for this \begin{{{opening.value}}}.", opening, rf"Write \end{{{opening.value}}}."
            )
        source.at += 1
        if closer.kind == "\\\\":
            rows.append([])
        elif closer.kind == r"\end":
            name, _, brace = source.raw_braces(closer)
            if name.strip() != opening.value:
                place = Item("", "", closer.start, brace.end, gap=False)
                source.fail(
                    rf"\begin{{{opening.value}}} is closed by \end{{{name.strip()}}}.",
                    place,
                    rf"Write {opening.value}.",
                )
            if len(rows) > 1 and len(rows[-1]) == 1 and not rows[-1][0][0]:
                rows.pop()
            return rows, brace.end


def _matrix(source: Items, rows: list[list[Cell]], whole: Item) -> Tree:
    """A matrix; with one column a column vector, with one row a row vector."""
    if rows == [[rows[0][0]]] and not rows[0][0][0]:
        source.fail("There is nothing in this matrix.", whole, "Write its entries.")
    lengths = [len(row) for row in rows]
    if len(set(lengths)) != 1:
        sizes = ", ".join(map(str, lengths))
        source.fail(f"The rows of this matrix have {sizes} entries.", whole, "Give every row the same number.")
    built = tuple(tuple(_entry(source, cell) for cell in row) for row in rows)
    if lengths[0] == 1:
        return Tree("vector", tuple(row[0] for row in built), "column")
    if len(built) == 1:
        return Tree("vector", built[0], "row")
    return Tree("matrix", tuple(Tree("row", row, "", row[0].start, row[-1].end) for row in built))


def _entry(source: Items, cell: Cell) -> Tree:
    """The tree of one cell."""
    tokens, closer = cell
    if not tokens:
        source.fail("An entry of this matrix is empty.", closer, f"Write it before {closer.kind}.")
    return ungroup(source.tree(tokens, closer.start))


def _cases(source: Items, rows: list[list[Cell]], whole: Item) -> Tree:
    """A piecewise, or a list of statements where no line has a condition."""
    tokens = [Token("{", "", whole.start, whole.start, gap=False)]
    for row in rows:
        if len(row) > 2:
            source.fail("A line of cases has an expression and a condition.", row[2][1], "Use one & in each line.")
        if len(tokens) > 1:
            tokens.append(Token(";", "", row[0][1].start, row[0][1].start, gap=False))
        tokens += _case(source, row)
    tokens.append(Token("}", "", whole.end, whole.end, gap=False))
    tree = source.tree(tokens, whole.end)
    return tree._replace(kind="list") if tree.kind == "set" else tree


def _case(source: Items, row: list[Cell]) -> list[Token]:
    """The tokens of one line as in `x if x > 0`."""
    inner, closer = row[0]
    value = _stripped(inner)
    if not value:
        source.fail("The expression of this case is empty.", closer, "Write it before the condition.")
    test = _stripped(row[1][0]) if len(row) == 2 else []
    if not test:
        return value
    if test[0].kind == "word" and test[0].value in {"otherwise", "else"}:
        return [*value, test[0]]
    if not (test[0].kind == "word" and test[0].value in CASE_WORDS):
        value.append(Token("word", "if", test[0].start, test[0].start, gap=True))
    return [*value, *test]


def _stripped(tokens: list[Token]) -> list[Token]:
    """The tokens without punctuation at either end."""
    first, last = 0, len(tokens)
    while last > first and tokens[last - 1].kind in _PUNCTUATION:
        last -= 1
    while first < last and tokens[first].kind in _PUNCTUATION:
        first += 1
    return tokens[first:last]


def _lines(rows: list[list[Cell]]) -> list[Token]:
    """The tokens of several lines, with commas between."""
    tokens: list[Token] = []
    for row in rows:
        line = [token for inner, _ in row for token in inner]
        if tokens and line:
            tokens.append(Token(",", "", line[0].start, line[0].start, gap=False))
        tokens += line
    return tokens
