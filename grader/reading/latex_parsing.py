"""The parser of plain notation over tokens of LaTeX, some of which are trees already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from grader.reading.brackets import ungroup
from grader.reading.names import BY_NAME, Vocabulary
from grader.reading.operands import ATOMS
from grader.reading.parsing import Parser
from grader.reading.tokens import Token, known
from grader.reading.tree import Tree, call

TOP = "\\top"


class LatexParser(Parser):
    r"""Reads tokens of LaTeX.

    A token of kind `operand` stands for a tree, built from `\frac{…}{…}` or a group, one of kind `call` whose
    value is a key of `operands` for a root, a matrix or a value in bars, which end the argument of a
    function before them. `braced` are those that stood in bare braces.
    """

    def __init__(
        self,
        tokens: list[Token],
        vocabulary: Vocabulary,
        operands: Mapping[str, Tree],
        braced: frozenset[str] | set[str],
        *,
        second: bool,
    ) -> None:
        """Start at the first token."""
        super().__init__(tokens, vocabulary, second=second)
        self.operands = operands
        self.braced = braced

    def primary(self) -> Tree:
        """An operand that is built already, or what plain notation has."""
        token = self.tokens[self.at]
        if token.kind in {"operand", "call"} and token.value in self.operands:
            self.at += 1
            return self.operands[token.value]
        return self.mixed() if token.kind == "number" else super().primary()

    def factor(self) -> Tree:
        r"""A factor; `\otimes` binds as tightly, and `2\frac12` is a product that may be meant as a sum."""
        token = self.tokens[self.at]
        is_mixed = token.kind == "number" and self.kinds[self.at + 1] == "operand"
        left = self.mixed() if is_mixed else super().factor()
        while self.kinds[self.at] == "kron":
            self.at += 1
            right = super().factor()
            left = call("kron", left, right)._replace(start=left.start, end=right.end)
        return left

    def mixed(self) -> Tree:
        """A number; with a fraction of digits behind it, on the second pass their sum."""
        token, after = self.tokens[self.at], self.tokens[self.at + 1]
        number = Tree("number", (), token.value, token.start, token.end)
        self.at += 1
        is_exponent = self.at > 1 and self.kinds[self.at - 2] == "^"
        if after.kind != "operand" or is_exponent or not token.value.isdigit():
            return number
        fraction = self.operands[after.value]
        if not _is_proper(fraction) or self.kinds[self.at + 1] in {"^", "!"}:
            return number
        self.doubt(after, "A number before a fraction is multiplied by it.")
        if not self.second:
            return number
        self.at += 1
        return Tree("sum", (number, fraction), "", number.start, fraction.end)

    def called(self, token: Token) -> Tree:
        """A function; the base of a logarithm may be a tree."""
        base = self.operands.get(token.value) if token.kind == "log" else None
        if base is None:
            return super().called(token)
        value = super().called(token._replace(value="e"))
        if value.kind == "power":
            return value._replace(args=(_rebased(value.args[0], base), value.args[1]))
        return _rebased(value, base)

    def arguments(self, token: Token) -> tuple[Tree, ...]:
        r"""The arguments; those in bare braces, as in `\sin{x} y`, end with the brace."""
        first = self.tokens[self.at]
        if first.value not in self.braced:
            return super().arguments(token)
        self.at += 1
        if self.kinds[self.at] in ATOMS or self.kinds[self.at] in {"^", "!", "("}:
            self.doubt(first, f"The argument of {token.value} ends with the brace.")
        inner = ungroup(self.operands[first.value])
        takes_several = token.kind == "call" and BY_NAME[token.value].most != 1
        return inner.args if inner.kind == "vector" and takes_several else (inner,)

    def unbracketed(self, function: Token) -> Tree:
        r"""The product after a function name; `\sin\frac12 x` may also end with the fraction."""
        sentence = f"The argument of {function.value} goes on as far as the factors do."
        to_fraction = f"The argument of {function.value} goes on as far as the factors do, up to the fraction."
        if self.kinds[self.at] == "operand" and self.kinds[self.at + 1] in ATOMS:
            self.doubt(self.tokens[self.at + 1], sentence)
            return self.factor() if self.second else super().unbracketed(function)
        place = self.at + 1
        while self.kinds[place] in ATOMS or self.kinds[place] == "^":
            before = self.kinds[place - 1]
            if self.kinds[place] == "operand" and before in ATOMS:
                goes_on = before in {"number", "constant"} and self.kinds[place - 2] != "^"
                self.doubt(self.tokens[place], sentence if goes_on else to_fraction)
                if goes_on == self.second:
                    self.kinds[place] = "call"  # which ends an argument without brackets
                    break
            place += 1
        return super().unbracketed(function)

    def is_transpose(self, base: Tree, following: Token) -> bool:
        r"""Whether `^T` stands here and means the transpose; `^\top` always does for a matrix."""
        if following.kind != TOP:
            return super().is_transpose(base, following)
        if self.transposes or base.kind in {"vector", "matrix", "transpose"}:
            return True
        return self.fail("A transpose is not read here: this is no matrix.", following, known(self.vocabulary))

    def doubtful_exponent(self, base: Tree, exponent: Tree, first: Token) -> Tree:
        """As in plain notation where the exponent is not in braces."""
        if first.kind == "operand" or self.kinds[self.at] == "operand":
            return exponent
        return super().doubtful_exponent(base, exponent, first)

    def refuse(self) -> NoReturn:
        """Raise AnswerError for a token that cannot stand here."""
        token = self.tokens[self.at]
        if token.value in self.operands:
            self.fail("This cannot stand here.", token, "Something before it may be missing.")
        super().refuse()


def _is_proper(tree: Tree) -> bool:
    """Whether this is a fraction of digits such as 1/2."""
    return tree.kind == "quotient" and all(arg.kind == "number" and arg.value.isdigit() for arg in tree.args)


def _rebased(logarithm: Tree, base: Tree) -> Tree:
    """The natural logarithm with another base."""
    return Tree("call", (logarithm.args[0], base), "log", logarithm.start, logarithm.end)
