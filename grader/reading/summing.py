"""Sums over indices: `sum_k A_ik B_kj`, `sum_{k=1}^n x_k`, `sum_{k,l} A_kl`."""

from __future__ import annotations

from abc import abstractmethod

from grader.reading.brackets import CLOSING, product_of, ungroup
from grader.reading.operands import Operands
from grader.reading.tokens import Token
from grader.reading.tree import ONE, Tree

MAX_SUMS = 4
ENDING = frozenset(CLOSING.values()) - frozenset(CLOSING)
_REPAIR = "Write sum_k A_ik B_kj or sum_(k=1)^n x_k."


class Sums(Operands):
    """Reads sums; what is summed is the product that follows."""

    @abstractmethod
    def product(self) -> Tree:
        """Factors joined by times, divided-by and juxtaposition."""

    def summation(self, token: Token) -> Tree:
        """A sum over one or more indices; below a slash only juxtaposed factors are summed."""
        is_below = self.kinds[self.at - 1] == "/" if self.at else False
        self.at += 1
        indices, lower = (token.value.split(","), None) if token.value else self.head(token)
        upper = self.upper_end()
        if len(indices) > MAX_SUMS:
            self.fail(f"A sum runs over at most {MAX_SUMS} indices.", token, "Write it in simpler steps.")
        if upper is not None and upper.value == "oo":
            self.fail("A sum without end is not computed.", token, "Write what it comes to.")
        if upper is not None and lower is None:
            lower = ONE
        ends = () if lower is None else (lower,) if upper is None else (lower, upper)
        self.enter(token)
        if self.kinds[self.at] in {"end", "+", ")"}:
            self.fail("There is nothing behind this sum.", token, _REPAIR)
        body = ungroup(self.denominator(indices) if is_below else self.summed())
        self.depth -= 1
        for index in reversed(indices):
            body = Tree("sigma", (body, *ends), index, token.start, body.end)
        return body

    def denominator(self, indices: list[str]) -> Tree:
        """What is summed below a slash: it goes on as far as the juxtaposed factors have an index of the sum."""
        factors = [self.factor()]
        while self.juxtaposed():
            goes_on = self.follows(indices)
            self.doubt(self.tokens[self.at], "The sum goes on here." if goes_on else "The sum ends here.")
            if goes_on and self.second:
                self.end_with_a_sign()
            if goes_on == self.second:
                break
            factors.append(self.factor())
        return product_of(factors)

    def end_with_a_sign(self) -> None:
        """Put a times sign here, so that the denominator ends as well."""
        place = self.tokens[self.at].start
        self.tokens.insert(self.at, Token("*", "", place, place, gap=False))
        self.kinds.insert(self.at, "*")

    def follows(self, indices: list[str]) -> bool:
        """Whether one of the indices occurs in the factor that comes next, and not of a sum of its own."""
        depth, own = 0, set(indices)
        for place, token in enumerate(self.tokens[self.at :], start=self.at + 1):
            depth += (token.kind in CLOSING) - (token.kind in ENDING)
            names = set(token.value.partition("[")[2].rstrip("]").split(",") if "[" in token.value else [token.value])
            if token.kind in {"entry", "name"} and names & own:
                return True
            if token.kind == "sum":
                own -= set(token.value.split(","))
            if depth <= 0 and token.kind not in {"^", "call"} and (token.kind == "end" or self.kinds[place] != "^"):
                return False
        return False

    def summed(self) -> Tree:
        """The product that is summed, with a sign before it."""
        minus = self.signs()
        body = self.product()
        for token in reversed(minus):
            body = Tree("neg", (ungroup(body),), "", token.start, body.end)
        return body

    def upper_end(self) -> Tree | None:
        """What stands after `^`, if it does."""
        if self.kinds[self.at] != "^":
            return None
        self.at += 1
        return ungroup(self.primary())

    def head(self, token: Token) -> tuple[list[str], Tree | None]:
        """The indices and the lower end after `sum_`, in round or curly brackets."""
        if self.kinds[self.at] != "_" or self.kinds[self.at + 1] not in {"(", "{"}:
            self.fail("This sum does not say over which index it runs.", token, _REPAIR)
        closing = CLOSING[self.kinds[self.at + 1]]
        self.at += 2
        indices = []
        while True:
            index = self.tokens[self.at]
            if index.kind != "name" or "[" in index.value:
                self.fail("The index of a sum is one letter.", index, _REPAIR)
            indices.append(index.value)
            self.at += 1
            if self.kinds[self.at] == ",":
                self.at += 1
            elif self.kinds[self.at] != "name":
                break
        lower = None
        if self.kinds[self.at] == "=":
            self.at += 1
            lower = self.sum()
        if self.kinds[self.at] != closing:
            self.fail("The head of this sum is not closed here.", self.tokens[self.at], _REPAIR)
        self.at += 1
        return indices, lower
