"""A tree as a student types it: juxtaposed factors, no brackets after functions, `**` for some powers.

Only what the notation reads in one way is written, so the text has the tree's value; brackets stay wherever
a second reading would begin.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from bench.labelled import Line, reading_of
from grader.errors import AnswerError
from grader.reading.printing import to_latex, to_text
from grader.reading.tree import Tree, walk

_UNBRACKETED = frozenset({"sin", "cos", "tan", "ln", "sinh", "cosh", "tanh", "sec", "csc", "cot"})
_RAISED = frozenset({"sin", "cos", "tan", "sec", "sinh", "cosh", "tanh", "ln"})
_SCALAR = frozenset(
    {"number", "name", "constant", "sum", "neg", "product", "quotient", "power", "call", "vector", "factorial"}
)


def casual(found: Iterable[Line]) -> Iterator[Line]:
    """The lines with their responses in casual notation, where that is another text with the same tree."""
    for line in found:
        if (
            line.notation != "text"
            or line.expected in {"invalid", "ambiguous"}
            or line.type not in {"expression", "number", "vector"}
        ):
            continue
        try:
            tree, _ = reading_of(line, line.response, line.notation)
        except AnswerError:
            continue
        text = casual_text(tree, line.id)
        if text != line.response:
            yield replace(line, response=text, id=f"{line.id}-casual")


def latex(found: Iterable[Line]) -> Iterator[Line]:
    """The lines with their responses in LaTeX, as our printer writes their trees."""
    for line in found:
        if line.notation != "text" or line.expected in {"invalid", "ambiguous"}:
            continue
        try:
            tree, _ = reading_of(line, line.response, line.notation)
        except AnswerError:
            continue
        if any(_multiplies_arrays(node) for node in walk(tree)):
            continue  # LaTeX shows a vector as a row, and a row times a row has no meaning
        text = to_latex(tree)
        given = {**line.given, "notation": "latex", "response": text}
        yield replace(line, response=text, notation="latex", id=f"{line.id}-latex", given=given)


def _multiplies_arrays(tree: Tree) -> bool:
    return tree.kind == "product" and sum(arg.kind in {"vector", "matrix", "product"} for arg in tree.args) > 1


def casual_text(tree: Tree, seed: str) -> str:
    """The tree in casual notation; the seed decides between the spellings."""
    return _Writer(Random(zlib.crc32(seed.encode()))).text(tree)


class _Writer:
    """Writes one response in one student's habits."""

    def __init__(self, random: Random) -> None:
        self.power = random.choice(["^", "^", "**"])
        self.drops_brackets = random.random() < 0.7
        self.raises_functions = random.random() < 0.6
        self.minus = random.choice(["-", " - ", "−", " -"])
        self.plus = random.choice(["+", " + ", " +"])
        self.is_spaced = random.random() < 0.6

    def text(self, tree: Tree) -> str:
        """A whole expression."""
        write = {
            "sum": self.sum,
            "neg": lambda one: "-" + self.factor(one.args[0]),
            "product": self.product,
            "quotient": self.quotient,
            "power": self.raised,
            "call": self.called,
            "vector": self.vector,
        }.get(tree.kind)
        return write(tree) if write else to_text(tree)

    def vector(self, tree: Tree) -> str:
        if tree.value == "column":
            return to_text(tree)
        return f"({', '.join(self.text(arg) for arg in tree.args)})"

    def sum(self, tree: Tree) -> str:
        first, *rest = tree.args
        pieces = [self.text(first) if first.kind != "sum" else f"({self.text(first)})"]
        for term in rest:
            inner = term.args[0] if term.kind == "neg" else term
            pieces.append(self.minus if term.kind == "neg" else self.plus)
            is_plain = inner.kind not in {"sum", "neg"}
            pieces.append(self.text(inner) if is_plain else f"({self.text(inner)})")
        return "".join(pieces)

    def factor(self, tree: Tree) -> str:
        """A factor, in brackets unless it is one operand."""
        return f"({self.text(tree)})" if tree.kind in {"sum", "neg", "quotient", "product"} else self.text(tree)

    def product(self, tree: Tree) -> str:
        """Factors side by side where they stay apart when read."""
        written = ""
        for place, arg in enumerate(tree.args):
            piece = self.factor(arg)
            if place:
                written += self.between(tree.args[place - 1], arg, written, piece)
            written += piece
        return written

    def between(self, before: Tree, after: Tree, written: str, piece: str) -> str:
        """Nothing, a space or a star."""
        if piece[0].isdigit() or piece[0] in "-−|{[" or written[-1] in "|}!%]":
            return "*"
        if before.kind == "power" and not written.endswith(")") and not self._ends_plainly(before):
            return "*"
        if before.kind == "power" and before.args[0].kind in {"number", "constant"}:
            return "*"  # in e^2x the exponent might go on
        if piece.startswith("(") and not written.endswith(")") and before.kind != "number":
            return "*"  # x(y+1) would do, but e(…) and f(…) invite doubt
        is_applied = before.kind == "call" or (before.kind == "power" and before.args[0].kind == "call")
        if is_applied and not (written.endswith(")") and after.kind in {"call", "power"}):
            return "*"
        if written[-1].isalnum() and piece[0].isalnum() and not written[-1].isdigit():
            return " "
        if written[-1].isdigit() and piece[0] in "eE":
            return "*"
        if before.kind in {"name", "power"} and written[-1].isdigit() and "_" in to_text(before):
            return " "
        return " " if self.is_spaced and not written[-1].isdigit() else ("" if written[-1] != "." else "*")

    def _ends_plainly(self, power: Tree) -> bool:
        """Whether what follows cannot be taken for a part of the exponent."""
        return power.args[1].kind == "number" and power.args[1].value.isdigit()

    def quotient(self, tree: Tree) -> str:
        above, below = tree.args
        top = (
            self.text(above)
            if above.kind in {"number", "name", "power", "call", "constant"}
            else f"({self.text(above)})"
        )
        is_plain = below.kind in {"number", "name", "constant"} or (below.kind == "power" and self._ends_plainly(below))
        if below.kind == "call":
            return f"{top}/({self.text(below)})"
        return f"{top}/{self.text(below)}" if is_plain and below.kind != "call" else f"{top}/({self.text(below)})"

    def raised(self, tree: Tree) -> str:
        base, exponent = tree.args
        shown = to_text(exponent) if exponent.kind in {"number", "name", "constant"} else f"({self.text(exponent)})"
        if base.kind == "call" and base.value in _RAISED and self.raises_functions and exponent.value.isdigit():
            return f"{base.value}^{shown}({self.text(base.args[0])})"
        is_one = base.kind in {"number", "name", "constant"}
        inner = self.text(base)
        if base.kind == "call" and inner.endswith(")") and inner.startswith(f"{base.value}("):
            is_one = True
        return f"{inner if is_one else f'({inner})'}{self.power}{shown}"

    def called(self, tree: Tree) -> str:
        if tree.value == "piecewise" or len(tree.args) != 1:
            return to_text(tree)
        argument = tree.args[0]
        inner = self.text(argument)
        if self.drops_brackets and tree.value in _UNBRACKETED and self.is_short(argument):
            return f"{tree.value} {inner}"
        if tree.value == "abs":
            return f"|{inner}|" if "|" not in inner else f"abs({inner})"
        return f"{tree.value}({inner})"

    def is_short(self, argument: Tree) -> bool:
        """Whether an argument stands without brackets: a name, or a number times a name."""
        if argument.kind == "name":
            return True
        kinds = [arg.kind for arg in argument.args]
        return argument.kind == "product" and kinds == ["number", "name"] and argument.args[0].value.isdigit()
