r"""What stands between delimiters in LaTeX: `\left( … \right)`, bars, floors, angles."""

from __future__ import annotations

from grader.reading.brackets import ungroup
from grader.reading.latex_commands import FENCES, LEFT_FENCES, RIGHT_FENCES, SIGNS
from grader.reading.latex_items import Item
from grader.reading.latex_tokens import Items
from grader.reading.tokens import Token
from grader.reading.tree import Tree

_RIGHT = frozenset({r"\right", r"\mright", "}", "end", "\\end"})
_LEFT = frozenset({"(", "[", "{"}) | {"]"}
_SIDES = frozenset({")", "]", "}"}) | {"["}


def fence(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\lvert x \rvert`, `\lfloor x \rfloor`, `\langle a, b \rangle`."""
    function, closers = FENCES[item.kind]
    source.at += 1
    inner = source.until(closers | {"}", "end", r"\right", r"\end"})
    closed = source.item
    if closed.kind not in closers:
        source.fail(f"{item.kind} is not closed.", item, f"Write {min(closers)} where it ends.")
    source.at += 1
    _fenced(source, tokens, function, inner, Item(item.kind, "", item.start, closed.end, item.gap))


def _fenced(source: Items, tokens: list[Token], function: str, inner: list[Token], item: Item) -> None:
    """A function written as a pair of signs; of a matrix in bars, the determinant."""
    if not inner:
        source.fail("There is nothing between these signs.", item, "Write the argument.")
    tree = source.tree(inner, item.end)
    if function == "vector":
        args = tree.args if tree.kind == "list" else (tree,)
        built = Tree("vector", args, "", item.start, item.end)
    else:
        function = "det" if function == "abs" and inner[-1].value in source.grids and len(inner) == 1 else function
        built = Tree("call", (ungroup(tree),), function, item.start, item.end)
    source.operand(tokens, built, item.start, item.end, gap=item.gap)


def fenced(source: Items, tokens: list[Token], item: Item) -> None:
    r"""`\left( … \right)` with any pair of delimiters."""
    opening = source.items[source.at + 1]
    if opening.kind == "end":
        source.fail(f"There is no delimiter after {item.kind}.", item, f"Write {item.kind}(.")
    source.at += 2
    inner = source.until(_RIGHT)
    right = source.item
    if right.kind not in {r"\right", r"\mright"}:
        repair = r"Write \right) where it ends."
        source.fail(f"There is no \\right for this {item.kind}.", Item("", "", item.start, opening.end, False), repair)
    closed = source.items[source.at + 1]
    if closed.kind == "end":
        source.fail(r"There is no delimiter after \right.", right, r"Write \right).")
    source.at += 2
    whole = Item(item.kind, "", item.start, closed.end, item.gap)
    if len(inner) == 1 and inner[0].value in source.grids and LEFT_FENCES.get(opening.kind) is None:
        tokens += inner
        return
    if "." in (opening.kind, closed.kind):
        if closed.kind in {"|", r"\vert"} and source.item.kind == "_":
            source.fail("A value at a point is not read.", whole, "Write what it comes to.")
        source.fail("One side has no bracket here.", whole, "Write both brackets.")
    left, end = LEFT_FENCES.get(opening.kind), RIGHT_FENCES.get(closed.kind)
    if left is not None or end is not None:
        if left != end:
            source.fail(
                f"{closed.kind} does not fit the opening {opening.kind}.", closed, "Write the same on both sides."
            )
        _fenced(source, tokens, left or "", inner, whole)
        return
    first, last = SIGNS.get(opening.kind, ("",))[0], SIGNS.get(closed.kind, ("",))[0]
    if first not in _LEFT or last not in _SIDES:
        wrong = opening if first not in _LEFT else closed
        source.fail(f"{wrong.kind} is no bracket.", wrong, "Write (, [ or |.")
    tokens.append(Token(first, "", item.start, opening.end, item.gap))
    tokens += [*inner, Token(last, "", right.start, closed.end, gap=False)]
