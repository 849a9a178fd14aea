"""Tokens to a tree, by precedence climbing with one token of look-ahead.

From loose to tight: `or`, `and`, relations, sums, products with juxtaposition, signs, powers,
postfix signs. Where the notation is ambiguous the parser notes it; a second pass with
`second=True` takes the other reading at every such place.
"""

from __future__ import annotations

from math import gcd
from typing import NoReturn

from grader.errors import AnswerError
from grader.reading.brackets import GROUPING, product_of, sequence, ungroup
from grader.reading.cursor import MAX_DEPTH, Notice
from grader.reading.functions import check_exponent
from grader.reading.names import CALLED_GREEK
from grader.reading.operands import ATOMS, STARTERS
from grader.reading.summing import Sums
from grader.reading.tokens import Token, known
from grader.reading.tree import Tree

LARGEST_ROOT = 5  # x^2/7 is not taken for a slip of x^(2/7)
TWO_VALUES = "Give both values, with a comma between them; or write + (-x)."
COMMA_BETWEEN = "Write a comma between two numbers, and nothing between thousands."
SEMICOLON_BETWEEN = "Write a semicolon between two numbers, and nothing between thousands."
SIGNS = frozenset({"+", "-"})
ADDING = SIGNS | {"±"}
POSTFIX = frozenset({"^", "!", "%", "'"})
# What is a further factor wherever it follows one directly, but between entries that spaces separate.
EASILY_JUXTAPOSED = frozenset({"name", "constant", "call", "("})
PLAIN_ATOMS = frozenset({"number", "constant"})
AFTER_PRODUCT = frozenset({"end", "+", "-", "±", ")", "]", "}", ",", ";", "=", "<", ">", "<=", ">=", "!=", "word"})
# A short whole exponent of a name with one of these behind it can be read in one way only.
AFTER_SHORT_EXPONENT = (AFTER_PRODUCT | {"*", "name", "constant", "call", "("}) - {"word"}
SHORT_EXPONENT = 3
_new = tuple.__new__
REGION_STARTERS = frozenset({"(", "[", "]", "{"})
RELATIONS = frozenset({"=", "<", ">", "<=", ">=", "!="})


class Parser(Sums):
    """Reads a whole response."""

    def response(self) -> Tree:
        """The whole text: one statement, or several with commas or semicolons between."""
        first = self.statement()
        kind = self.kinds[self.at]
        if kind in {",", ";"}:
            rows = [[first]]
            while (kind := self.kinds[self.at]) in {",", ";"}:
                self.at += 1
                if kind == ";":
                    rows.append([])
                rows[-1].append(self.statement())
            first = sequence(rows)
        if self.kinds[self.at] != "end":
            self.refuse()
        return first

    def statement(self) -> Tree:
        """A sum, or relations between sums joined by `and` and `or`."""
        left = self.sum()
        return left if self.kinds[self.at] in {"end", ",", ")", "]"} else self.condition(left)

    def condition(self, left: Tree) -> Tree:
        """What may follow a sum: relations, `and`, `or`, union."""
        alternatives, conjuncts = [], [self.relation(left)]
        while True:
            token = self.tokens[self.at]
            if (token.kind == "word" and token.value == "and") or token.kind == "∩":
                self.at += 1
                conjuncts.append(self.relation(self.sum()))
            elif (token.kind == "word" and token.value == "or") or token.kind == "∪":
                self.at += 1
                alternatives.append(_joined("and", conjuncts))
                conjuncts = [self.relation(self.sum())]
                if token.kind == "∪":
                    alternatives[-1] = _union(alternatives[-1], conjuncts.pop())
                    conjuncts = [alternatives.pop()]
            else:
                return _joined("or", [*alternatives, _joined("and", conjuncts)])

    def relation(self, left: Tree) -> Tree:
        """A chain such as `0 < x <= 1`, or a membership."""
        operands, operators = [left], []
        while True:
            token = self.tokens[self.at]
            is_membership = token.kind == "word" and token.value == "in"
            if token.kind not in RELATIONS and not is_membership:
                break
            self.at += 1
            operators.append("in" if is_membership else token.kind)
            operands.append(self.region() if is_membership else self.sum())
        if not operators:
            return left
        return Tree("relation", tuple(operands), " ".join(operators), left.start, operands[-1].end)

    def region(self) -> Tree:
        """What follows `in`: an interval, a set, or a union of them."""
        saved, self.in_region = self.in_region, True
        found = self.sum()
        while self.kinds[self.at] == "∪" and self.kinds[self.at + 1] in REGION_STARTERS:
            self.at += 1
            found = _union(found, self.sum())
        self.in_region = saved
        return found

    def sum(self) -> Tree:
        """Terms with plus and minus between them."""
        kinds = self.kinds
        first = self.signed() if kinds[self.at] in SIGNS else self.product()
        if kinds[self.at] not in ADDING:
            return first
        terms = [ungroup(first)]
        while (kind := kinds[self.at]) in ADDING:
            token = self.tokens[self.at]
            if kind == "±":
                self.fail("The sign ± gives two values at once.", token, "Give both values, with a comma between them.")
            if self.spaced and self.splits_entries(token):
                break
            self.at += 1
            following = kinds[self.at]
            if following in SIGNS:
                if kind == "+" and following == "-" and not self.tokens[self.at].gap:
                    self.fail("The signs +- give two values at once.", token, TWO_VALUES)
                term = ungroup(self.signed())
            else:
                term = self.product()
                if term[0] in GROUPING:
                    term = ungroup(term)
            terms.append(term if kind == "+" else _new(Tree, ("neg", (term,), "", token[2], term[4])))
        if len(terms) == 1:
            return first
        return _new(Tree, ("sum", tuple(terms), "", terms[0][3], terms[-1][4]))

    def splits_entries(self, token: Token) -> bool:
        """Whether a sign starts a new entry, as in `[1 -2]`."""
        return self.spaced and token.gap and not self.tokens[self.at + 1].gap

    def signs(self) -> list[Token]:
        """The minus signs at this place; plus signs are passed over."""
        minus = []
        while (kind := self.kinds[self.at]) in {"-", "+"}:
            token = self.tokens[self.at]
            if kind == "-":
                minus.append(token)
            elif self.kinds[self.at + 1] == "-" and not self.tokens[self.at + 1].gap:
                self.fail("The signs +- give two values at once.", token, TWO_VALUES)
            self.at += 1
        if len(minus) > MAX_DEPTH:
            self.fail("There are too many signs in a row.", minus[0], "Use at most one.")
        return minus

    def signed(self) -> Tree:
        """A product with any minus signs before it."""
        minus = self.signs()
        term = self.product()
        for token in reversed(minus):
            term = Tree("neg", (ungroup(term),), "", token.start, term.end)
        return term

    def product(self) -> Tree:
        """Factors joined by times, divided-by and juxtaposition, from left to right."""
        kinds = self.kinds
        first = self.factor()
        if kinds[self.at] in AFTER_PRODUCT:
            return first
        factors = [first]
        divided = False
        while (kind := kinds[self.at]) not in AFTER_PRODUCT:
            if kind == "*":
                self.at += 1
                factors.append(self.signed_factor() if kinds[self.at] in SIGNS else self.factor())
                divided = False
            elif kind == "/":
                self.at += 1
                below = self.divisor()
                factors = [_quotient(factors, below)]
                divided = True
            elif kind == ".*":
                self.at += 1
                right = self.factor()
                left = product_of(factors)
                factors = [Tree("elementwise", (left, right), "", left.start, right.end)]
            elif self.juxtaposed():
                if divided:
                    self.doubts_division = True
                    self.doubt(self.tokens[self.at], "Division is done before the multiplication that follows it.")
                factors.append(self.factor())
                divided = False
            else:
                break
        return first if len(factors) == 1 and factors[0] is first else product_of(factors)

    def juxtaposed(self) -> bool:
        """Whether a factor follows directly, without a sign."""
        at = self.at
        kind = self.kinds[at]
        if kind not in STARTERS:
            return False
        if not self.spaced and kind in EASILY_JUXTAPOSED:
            return True
        token = self.tokens[at]
        is_next_row = kind == "[" and self.kinds[at - 1] == "]"
        if (kind == "|" and self.bars) or (self.spaced and (token.gap or is_next_row)):
            return False
        if kind == "[" and self.kinds[at + 1] in {"end", "∪", "word", ")", "}"}:
            return False
        if kind == "number" and self.kinds[at - 1] == "number":
            _refuse_numbers(self.tokens[at - 1], token, is_comma=not self.vocabulary.decimal_comma)
        return True

    def divisor(self) -> Tree:
        """A factor below a slash; which factors juxtaposed to it belong to it is an option of the notation."""
        below = self.signed_factor()
        is_tight = self.vocabulary.tight_juxtaposition
        if is_tight and self.juxtaposed():
            self.doubt(self.tokens[self.at], "The division takes in the factors that follow directly.")
        return below if is_tight is self.second else self.tight(below, "all" if is_tight else self.reach.divisors)

    def tight(self, first: Tree, reach: str) -> Tree:
        """A divisor or exponent that takes the factors juxtaposed to it as far as it reaches."""
        factors = [first]
        while reach and self.juxtaposed() and (reach == "all" or self.touches()):
            factors.append(self.factor())
        return product_of(factors)

    def touches(self) -> bool:
        """Whether a number or a name follows without a space."""
        token = self.tokens[self.at]
        return token.kind in ATOMS and not token.gap

    def signed_factor(self) -> Tree:
        """A factor after `*` or `/`, which may have a sign."""
        if self.kinds[self.at] not in SIGNS:
            return self.factor()
        minus = self.signs()
        factor = self.factor()
        for token in reversed(minus):
            factor = Tree("neg", (ungroup(factor),), "", token.start, factor.end)
        return factor

    def factor(self) -> Tree:
        """A postfix expression with its exponent; powers group from the right."""
        at = self.at
        kind, value, start, end, _ = self.tokens[at]
        if kind in PLAIN_ATOMS or (kind == "name" and value not in CALLED_GREEK):
            self.at = at + 1
            base = _new(Tree, (kind, (), value, start, end))
        else:
            base = self.primary()
        following = self.kinds[self.at]
        if following in POSTFIX:
            if following == "^":
                return self.raised(base)
            while self.kinds[self.at] in {"!", "%", "'"}:
                base = self.postfix(base)
            return self.raised(base) if self.kinds[self.at] == "^" else base
        return base

    def raised(self, base: Tree) -> Tree:
        """The base with the exponent that follows its `^`."""
        sign = self.tokens[self.at]
        self.at += 1
        following = self.tokens[self.at]
        if base[0] == "name" and following[0] == "number" and self.kinds[self.at + 1] in AFTER_SHORT_EXPONENT:
            value = following[1]
            if len(value) <= SHORT_EXPONENT and value.isdigit():
                self.at += 1
                exponent = _new(Tree, ("number", (), value, following[2], following[3]))
                return _new(Tree, ("power", (base, exponent), "", base[3], following[3]))
        if self.is_transpose(base, following):
            self.at += 1
            result = Tree("transpose", (base,), "", base.start, following.end)
            return self.raised(result) if self.kinds[self.at] == "^" else result
        if (
            following.kind == "name"
            and following.value == "T"
            and self.vocabulary.names
            and not self.vocabulary.knows("T")
        ):
            self.fail("A transpose is not read here: this is no matrix.", following, known(self.vocabulary))
        self.enter(sign)
        exponent = self.signed_factor()
        self.depth -= 1
        exponent = self.doubtful_exponent(base, exponent, following)
        check_exponent(exponent)
        return Tree("power", (ungroup(base), ungroup(exponent)), "", base.start, exponent.end)

    def is_transpose(self, base: Tree, following: Token) -> bool:
        """Whether `^T` stands here and means the transpose."""
        if following.kind != "name" or following.value != "T" or self.vocabulary.knows("T"):
            return False
        return self.transposes or base.kind in {"vector", "matrix", "transpose"}

    def doubtful_exponent(self, base: Tree, exponent: Tree, first: Token) -> Tree:
        """Note `e^2x` and `x^1/2`, or read them the other way on the second pass."""
        token = self.tokens[self.at]
        if first.kind not in {"number", "-"} and first.kind not in ATOMS:
            return exponent
        is_exponential = base.kind == "number" or (base.kind == "constant" and base.value == "e")
        if token.kind in ATOMS and not token.gap and is_exponential and self.juxtaposed():
            self.doubts_exponent = True
            self.doubt(token, "The exponent ends before the factor that follows it.")
            return self.tight(exponent, self.reach.exponents) if self.second else exponent
        if token.kind == "/" and self.looks_like_a_root(exponent):
            self.doubt(token, "The power is taken before the division.")
            if self.second:
                self.at += 1
                if exponent.kind == "neg":
                    root = _quotient([exponent.args[0]], self.factor())
                    return Tree("neg", (root,), "", exponent.start, root.end)
                return _quotient([exponent], self.factor())
        return exponent

    def looks_like_a_root(self, exponent: Tree) -> bool:
        """Whether an exponent and the literal divisor after it make a fraction in lowest terms."""
        below = self.tokens[self.at + 1]
        above = exponent.args[0] if exponent.kind == "neg" else exponent
        if self.tokens[self.at].gap or not (above.value.isdigit() and below.kind == "number" and below.value.isdigit()):
            return False
        # Nobody writes the exponent 1 but for a root: x^1/8 may be any.
        is_usual = int(above.value) == 1 or int(below.value) <= LARGEST_ROOT
        return is_usual and gcd(int(above.value), int(below.value)) == 1

    def postfix(self, operand: Tree) -> Tree:
        """A factorial, a percent sign or a transposing prime."""
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "'":
            if operand.kind not in {"name", "vector", "matrix", "transpose"} or not (
                self.transposes or operand.kind != "name"
            ):
                self.fail("A prime is not read here.", token, "Write the derivative itself.")
            return Tree("transpose", (operand,), "", operand.start, token.end)
        if token.kind == "%":
            self.notices.append(Notice("percent", token.start, token.end, "A percent sign divides by 100."))
        return Tree("factorial" if token.kind == "!" else "percent", (ungroup(operand),), "", operand.start, token.end)


def _refuse_numbers(before: Token, after: Token, *, is_comma: bool) -> NoReturn:
    """Raise AnswerError for two numbers side by side, with what may have been meant."""
    if not after.gap and after.end - after.start < len(after.value):
        repair = COMMA_BETWEEN if is_comma else SEMICOLON_BETWEEN
        raise AnswerError("A number has only one decimal point.", before.start, after.end, repair)
    repair = f"Write {before.value}*{after.value} or {before.value}+{after.value}."
    if before.value.isdigit() and len(before.value) <= 3 and after.value.isdigit() and len(after.value) == 3:
        repair = f"Write {before.value}{after.value} if this is one number, {before.value}*{after.value} if it is two."
    else:
        several = "For several values write a comma." if is_comma else "For several values write a semicolon."
        repair = f"{repair} {several}"
    raise AnswerError("Two numbers stand side by side.", before.start, after.end, repair)


def _quotient(factors: list[Tree], below: Tree) -> Tree:
    """The product of the factors over the denominator."""
    above = ungroup(product_of(factors))
    return _new(Tree, ("quotient", (above, ungroup(below)), "", above[3], below[4]))


def _joined(kind: str, parts: list[Tree]) -> Tree:
    """The parts joined by `and` or `or`; of one part, that part."""
    return parts[0] if len(parts) == 1 else Tree(kind, tuple(parts), "", parts[0].start, parts[-1].end)


def _union(left: Tree, right: Tree) -> Tree:
    """The union, flat where the left side is one."""
    members = left.args if left.kind == "union" else (left,)
    return Tree("union", (*members, right), "", left.start, right.end)
