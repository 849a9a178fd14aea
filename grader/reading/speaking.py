"""A tree as it is said aloud: for previews in words and for readers who do not see the formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from grader.reading.binding import as_base, in_product, in_sum
from grader.reading.names import GREEK
from grader.reading.spoken_words import ENGLISH, LANGUAGES
from grader.reading.tree import Tree

ATOMS = frozenset({"number", "name", "constant"})
SPOKEN_WHOLE = frozenset({"sqrt", "cbrt", "root", "abs", "norm", "floor", "ceil", "inv"})


def to_words(tree: Tree, language: str = "en") -> str:
    """The tree in words, with brackets and ends said wherever they matter.

    >>> from grader.reading.text import read
    >>> to_words(read("2x^2 + sin(x)/3").tree)
    '2 x squared plus the fraction with numerator sine of x and denominator 3, end of fraction'
    """
    return _Speaker(LANGUAGES.get(language, ENGLISH)).say(tree)


class _Speaker:
    """Says trees with the words of one language."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def say(self, tree: Tree) -> str:
        teller = _TELLERS.get(tree.kind)
        return teller(self, tree) if teller else tree.value

    def child(self, tree: Tree, *, bracketed: bool) -> str:
        said = self.say(tree)
        return self.words["brackets"].format(said) if bracketed else said

    def listed(self, trees: Iterable[Tree]) -> str:
        return ", ".join(map(self.say, trees))

    def number(self, tree: Tree) -> str:
        mantissa, _, exponent = tree.value.partition("e")
        return self.words["times ten"].format(mantissa, int(exponent)) if exponent else mantissa

    def name(self, tree: Tree) -> str:
        base, _, subscript = tree.value.partition("_")
        base = self.words["gap"] if base == "□" else base
        if base in GREEK and base[0].isupper():
            base = self.words["capital"].format(base.lower())
        elif len(base) == 1 and base.isupper():
            base = self.words["capital"].format(base)
        return self.words["sub"].format(base, " ".join(subscript)) if subscript else base

    def sum(self, tree: Tree) -> str:
        first, *rest = tree.args
        pieces = [self.child(first, bracketed=in_sum(first, 0))]
        for term in rest:
            inner = term.args[0] if term.kind == "neg" else term
            bracketed = in_sum(inner, 1) or inner.kind == "neg"
            pieces += [self.words["minus" if term.kind == "neg" else "plus"], self.child(inner, bracketed=bracketed)]
        return " ".join(pieces)

    def neg(self, tree: Tree) -> str:
        inner = tree.args[0]
        return f"{self.words['minus']} {self.child(inner, bracketed=in_sum(inner, 0) or inner.kind == 'neg')}"

    def product(self, tree: Tree) -> str:
        pieces: list[str] = []
        for place, factor in enumerate(tree.args):
            bracketed = in_product(factor, place) and factor.kind != "quotient"
            if place and not (_is_short(tree.args[place - 1]) and _is_short(factor) and _first(factor) != "number"):
                pieces.append(self.words["times"])
            pieces.append(self.child(factor, bracketed=bracketed))
        return " ".join(pieces)

    def quotient(self, tree: Tree) -> str:
        above, below = tree.args
        if above.kind in ATOMS and below.kind in ATOMS:
            return f"{self.say(above)} {self.words['over']} {self.say(below)}"
        return self.words["fraction"].format(self.say(above), self.say(below))

    def power(self, tree: Tree) -> str:
        base, exponent = tree.args
        said = self.child(base, bracketed=as_base(base))
        known = {"2": "squared", "3": "cubed"}.get(exponent.value) if exponent.kind == "number" else None
        if known:
            return self.words[known].format(said)
        is_simple = exponent.kind in ATOMS or (exponent.kind == "neg" and exponent.args[0].kind in ATOMS)
        return self.words["power" if is_simple else "long power"].format(said, self.say(exponent))

    def call(self, tree: Tree) -> str:
        given = [self.say(arg) for arg in tree.args]
        is_simple = len(tree.args) == 1 and tree.args[0].kind in ATOMS
        if tree.value in SPOKEN_WHOLE:
            said = self.words[tree.value].format(*given)
            is_root = tree.value in {"sqrt", "cbrt", "root"}
            return said if is_simple else self.words["end root" if is_root else "end"].format(said)
        argument = ", ".join(given) if is_simple else self.words["brackets"].format(", ".join(given))
        if tree.value == "log" and len(tree.args) == 2:
            return self.words["log base"].format(self.words["brackets"].format(given[0]), given[1])
        return self.words["of"].format(self.words.get(tree.value, tree.value), argument)

    def apply(self, tree: Tree) -> str:
        base = tree.value.rstrip("'")
        primes = [self.words["prime"]] * (len(tree.value) - len(base))
        return self.words["of"].format(" ".join([base, *primes]), self.listed(tree.args))

    def postfix(self, tree: Tree) -> str:
        inner = tree.args[0]
        return self.words[tree.kind].format(self.child(inner, bracketed=as_base(inner)))

    def joined(self, tree: Tree) -> str:
        return f" {self.words[tree.kind]} ".join(map(self.say, tree.args))

    def vector(self, tree: Tree) -> str:
        return self.words["column" if tree.value == "column" else "vector"].format(self.listed(tree.args))

    def matrix(self, tree: Tree) -> str:
        rows = (self.words["row"].format(place, self.listed(row.args)) for place, row in enumerate(tree.args, 1))
        return self.words["matrix"].format("; ".join(rows))

    def members(self, tree: Tree) -> str:
        said = self.listed(tree.args)
        return said if tree.kind == "list" else self.words["set"].format(said)

    def interval(self, tree: Tree) -> str:
        low, high = (self.words["included" if sign in "[]" else "excluded"] for sign in tree.value)
        lower, upper = map(self.say, tree.args)
        return self.words["interval"].format(lower, low, upper, high)

    def relation(self, tree: Tree) -> str:
        pieces = [self.say(tree.args[0])]
        for sign, operand in zip(tree.value.split(), tree.args[1:], strict=True):
            pieces += [self.words.get(sign, sign), self.say(operand)]
        return " ".join(pieces)

    def piecewise(self, tree: Tree) -> str:
        cases = (
            self.words["if" if case.kind == "case" else "otherwise"].format(*map(self.say, case.args))
            for case in tree.args
        )
        return self.words["piecewise"].format("; ".join(cases))

    def entry(self, tree: Tree) -> str:
        return self.words["sub"].format(tree.value, " ".join(map(self.say, tree.args)))

    def sigma(self, tree: Tree) -> str:
        body, *ends = map(self.say, tree.args)
        form = "sum from" if len(ends) > 1 else "sum over"
        return self.words[form].format(body, tree.value, *ends)

    def constant(self, tree: Tree) -> str:
        return self.words.get(tree.value, tree.value)

    def empty(self, _tree: Tree) -> str:
        return self.words["empty"]


def _is_short(tree: Tree) -> bool:
    """Something that may follow another factor without a word between them, as in `2 x`."""
    return tree.kind in ATOMS or (tree.kind == "power" and tree.args[0].kind in ATOMS and tree.args[1].kind == "number")


def _first(tree: Tree) -> str:
    return tree.args[0].kind if tree.kind == "power" else tree.kind


_TELLERS: Mapping[str, Callable[[_Speaker, Tree], str]] = {
    "number": _Speaker.number,
    "name": _Speaker.name,
    "constant": _Speaker.constant,
    "sum": _Speaker.sum,
    "neg": _Speaker.neg,
    "product": _Speaker.product,
    "quotient": _Speaker.quotient,
    "power": _Speaker.power,
    "call": _Speaker.call,
    "apply": _Speaker.apply,
    "factorial": _Speaker.postfix,
    "percent": _Speaker.postfix,
    "transpose": _Speaker.postfix,
    "elementwise": _Speaker.joined,
    "union": _Speaker.joined,
    "and": _Speaker.joined,
    "or": _Speaker.joined,
    "vector": _Speaker.vector,
    "matrix": _Speaker.matrix,
    "set": _Speaker.members,
    "list": _Speaker.members,
    "interval": _Speaker.interval,
    "relation": _Speaker.relation,
    "piecewise": _Speaker.piecewise,
    "entry": _Speaker.entry,
    "sigma": _Speaker.sigma,
    "empty": _Speaker.empty,
}
