"""Tokens to a tree, by precedence climbing with one token of look-ahead.

From loose to tight: `or`, `and`, relations, sums, products with juxtaposition, signs, powers,
postfix signs. Where the notation is ambiguous the parser notes it; a second pass with
`second=True` takes the other reading at every such place.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import NamedTuple, NoReturn

from grader.errors import AnswerError
from grader.reading.brackets import CLOSING, arrange, spaced_entries, ungroup
from grader.reading.functions import application, check_exponent, logarithm
from grader.reading.names import BY_NAME, CALLED_GREEK, Vocabulary
from grader.reading.tokens import Token, known
from grader.reading.tree import Tree

MAX_DEPTH = 100
LARGEST_ROOT = 5  # x^2/7 is not taken for a slip of x^(2/7)
STARTERS = frozenset({"number", "name", "constant", "call", "apply", "log", "(", "[", "{", "|"})
ATOMS = frozenset({"number", "name", "constant"})
RELATIONS = frozenset({"=", "<", ">", "<=", ">=", "!="})


class Notice(NamedTuple):
    """Something a person should know about how the text was read."""

    code: str
    start: int
    end: int
    text: str


class Parser:
    """Reads one list of tokens; `ambiguous` is set when a second reading exists."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, *, second: bool = False) -> None:
        """Start at the first token."""
        self.tokens = tokens
        self.kinds = [token.kind for token in tokens]
        self.vocabulary = vocabulary
        self.second = second
        self.at = 0
        self.depth = 0
        self.bars = 0
        self.spaced = False
        self.transposes = bool(vocabulary.shapes)
        self.ambiguous = False
        self.notices: list[Notice] = []

    def response(self) -> Tree:
        """The whole text: one statement, or several with commas or semicolons between."""
        first = self.statement()
        kind = self.kinds[self.at]
        if kind in {",", ";"}:
            members = [first]
            while self.kinds[self.at] in {",", ";"}:
                self.at += 1
                members.append(self.statement())
            first = Tree("list", tuple(members), "", members[0].start, members[-1].end)
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
            if token.kind == "word" and token.value == "and":
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
            operands.append(self.sum())
        if not operators:
            return left
        return Tree("relation", tuple(operands), " ".join(operators), left.start, operands[-1].end)

    def sum(self) -> Tree:
        """Terms with plus and minus between them."""
        first = self.signed()
        if self.kinds[self.at] not in {"+", "-", "±"}:
            return first
        terms = [ungroup(first)]
        while True:
            token = self.tokens[self.at]
            if token.kind == "±":
                self.fail("The sign ± gives two values at once.", token, "Give both values, with a comma between them.")
            if token.kind not in {"+", "-"} or self.splits_entries(token):
                break
            self.at += 1
            following = self.tokens[self.at]
            if token.kind == "+" and following.kind == "-" and not following.gap:
                repair = "Give both values, with a comma between them; or write + (-x)."
                self.fail("The signs +- give two values at once.", token, repair)
            term = ungroup(self.signed())
            terms.append(term if token.kind == "+" else Tree("neg", (term,), "", token.start, term.end))
        if len(terms) == 1:
            return first
        return Tree("sum", tuple(terms), "", terms[0].start, terms[-1].end)

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
            self.at += 1
        if len(minus) > MAX_DEPTH:
            self.fail("There are too many signs in a row.", minus[0], "Use at most one.")
        return minus

    def signed(self) -> Tree:
        """A product with any minus signs before it."""
        if self.kinds[self.at] not in {"-", "+"}:
            return self.product()
        minus = self.signs()
        term = self.product()
        for token in reversed(minus):
            term = Tree("neg", (ungroup(term),), "", token.start, term.end)
        return term

    def product(self) -> Tree:
        """Factors joined by times, divided-by and juxtaposition, from left to right."""
        first = self.factor()
        factors = [first]
        divided = False
        while True:
            token = self.tokens[self.at]
            kind = token.kind
            if kind == "*":
                self.at += 1
                factors.append(self.signed_factor())
                divided = False
            elif kind == "/":
                self.at += 1
                below = self.signed_factor()
                if self.vocabulary.tight_juxtaposition or (self.second and self.juxtaposed()):
                    below = self.tight(below)
                factors = [_quotient(factors, below)]
                divided = True
            elif kind == ".*":
                self.at += 1
                right = self.factor()
                left = _product(factors)
                factors = [Tree("elementwise", (left, right), "", left.start, right.end)]
            elif self.juxtaposed():
                if divided:
                    self.doubt(token, "Division is done before the multiplication that follows it")
                factors.append(self.factor())
                divided = False
            else:
                return first if len(factors) == 1 and factors[0] is first else _product(factors)

    def juxtaposed(self) -> bool:
        """Whether a factor follows directly, without a sign."""
        token = self.tokens[self.at]
        kind = token.kind
        if kind not in STARTERS or (kind == "|" and self.bars) or (self.spaced and token.gap):
            return False
        if kind == "[" and self.kinds[self.at + 1] in {"end", "∪", "word", ")", "}"}:
            return False
        if kind == "number" and self.kinds[self.at - 1] == "number":
            before = self.tokens[self.at - 1]
            repair = f"Write {before.value}*{token.value} or {before.value}+{token.value}."
            raise AnswerError("Two numbers stand side by side.", before.start, token.end, repair)
        return True

    def tight(self, below: Tree) -> Tree:
        """A denominator that takes the factors juxtaposed to it."""
        factors = [below]
        while self.juxtaposed():
            factors.append(self.factor())
        return _product(factors)

    def signed_factor(self) -> Tree:
        """A factor after `*` or `/`, which may have a sign."""
        if self.kinds[self.at] not in {"-", "+"}:
            return self.factor()
        minus = self.signs()
        factor = self.factor()
        for token in reversed(minus):
            factor = Tree("neg", (ungroup(factor),), "", token.start, factor.end)
        return factor

    def factor(self) -> Tree:
        """A postfix expression with its exponent; powers group from the right."""
        base = self.primary()
        while self.kinds[self.at] in {"!", "%", "'"}:
            base = self.postfix(base)
        return self.raised(base) if self.kinds[self.at] == "^" else base

    def raised(self, base: Tree) -> Tree:
        """The base with the exponent that follows its `^`."""
        sign = self.tokens[self.at]
        self.at += 1
        following = self.tokens[self.at]
        if self.is_transpose(base, following):
            self.at += 1
            result = Tree("transpose", (base,), "", base.start, following.end)
            return self.raised(result) if self.kinds[self.at] == "^" else result
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
            self.doubt(token, "The exponent ends before the factor that follows it")
            return self.tight(exponent) if self.second else exponent
        if token.kind == "/" and self.looks_like_a_root(exponent):
            self.doubt(token, "The power is taken before the division")
            if self.second:
                self.at += 1
                return _quotient([exponent], self.factor())
        return exponent

    def looks_like_a_root(self, exponent: Tree) -> bool:
        """Whether an exponent and the literal divisor after it make a fraction in lowest terms."""
        below = self.tokens[self.at + 1]
        if self.tokens[self.at].gap or not (exponent.value.isdigit() and below.kind == "number" and below.value.isdigit()):
            return False
        return int(below.value) <= LARGEST_ROOT and gcd(int(exponent.value), int(below.value)) == 1

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

    def primary(self) -> Tree:
        """A number, name, function application, bracket or absolute value."""
        token = self.tokens[self.at]
        kind = token.kind
        if kind == "number" or kind == "constant":
            self.at += 1
            return Tree(kind, (), token.value, token.start, token.end)
        if kind == "name":
            self.at += 1
            return self.named(token)
        if kind == "call" or kind == "log":
            self.at += 1
            return self.called(token)
        if kind in {"(", "[", "{", "<", "]"}:
            return self.bracket(token)
        if kind == "|":
            return self.absolute(token)
        if kind == "apply":
            return self.applied(token)
        return self.refuse()

    def named(self, token: Token) -> Tree:
        """A name; some Greek letters are functions when they are called and not declared."""
        function = CALLED_GREEK.get(token.value)
        if function and not self.vocabulary.knows(token.value):
            if self.kinds[self.at] == "(":
                return self.called(Token("call", function, token.start, token.end, token.gap))
            if self.vocabulary.names is not None:
                self.fail(f"The name {token.value} is not used in this problem.", token, known(self.vocabulary))
        return Tree("name", (), token.value, token.start, token.end)

    def called(self, token: Token) -> Tree:
        """A function of the table with its exponent and argument."""
        exponent = None
        if self.kinds[self.at] == "^":
            self.at += 1
            self.enter(token)
            exponent = self.signed_factor() if self.kinds[self.at] == "-" else self.primary()
            self.depth -= 1
            check_exponent(exponent)
        args = self.arguments(token)
        end = self.tokens[self.at - 1].end
        inverse = BY_NAME[token.value].inverse if token.kind == "call" else ""
        if exponent is not None and inverse and _is_minus_one(exponent):
            self.doubt(token, f"The exponent -1 on {token.value} means the inverse function")
            if not self.second:
                return application(Token("call", inverse, token.start, token.end, gap=False), args, end, self.vocabulary)
        build = logarithm if token.kind == "log" else application
        value = build(token, args, end, self.vocabulary)
        return value if exponent is None else Tree("power", (value, exponent), "", token.start, end)

    def arguments(self, token: Token) -> tuple[Tree, ...]:
        """The arguments of a function: in brackets, or the product that follows it."""
        kind = self.kinds[self.at]
        self.enter(token)
        if kind == "(":
            self.at += 1
            args = tuple(self.entries(")", self.tokens[self.at - 1])[0])
        elif kind in {"[", "{"}:
            inner = self.bracket(self.tokens[self.at])
            args = (ungroup(inner),)
        elif kind == "|":
            args = (self.primary(),)
        elif kind in {"call", "log", "apply"}:
            args = (self.factor(),)
        elif kind in ATOMS or kind == "-":
            args = (self.unbracketed(token),)
        else:
            self.fail(f"The argument of {token.value or 'log'} is missing.", token, "Write it in brackets.")
        self.depth -= 1
        return args

    def unbracketed(self, function: Token) -> Tree:
        """The product of juxtaposed numbers, names and powers after a function name."""
        minus = self.signs()
        factors = [self.factor()]
        while self.kinds[self.at] in ATOMS and not (self.spaced and self.tokens[self.at].gap):
            token = self.tokens[self.at]
            is_root = function.value in {"sqrt", "cbrt"} and function.end - function.start == 1
            is_exponential = token.value == "e" and token.kind == "constant" and self.kinds[self.at + 1] == "^"
            if is_exponential or is_root or (token.gap and factors[-1].kind in {"name", "power"}):
                self.doubt(token, f"The argument of {function.value} goes on as far as the factors do")
                if self.second:
                    break
            self.juxtaposed()
            factors.append(self.factor())
        argument = _product(factors)
        for token in reversed(minus):
            argument = Tree("neg", (argument,), "", token.start, argument.end)
        return argument

    def applied(self, token: Token) -> Tree:
        """A declared function such as `f'(x)`."""
        self.at += 1
        primes = ""
        while self.kinds[self.at] == "'":
            primes += "'"
            self.at += 1
        if self.kinds[self.at] != "(":
            self.fail(f"The argument of {token.value} is missing.", token, f"Write {token.value}{primes}(x).")
        args = self.arguments(token)
        return Tree("apply", args, token.value + primes, token.start, self.tokens[self.at - 1].end)

    def bracket(self, opening: Token) -> Tree:
        """What stands in brackets: a group, vector, matrix, set, interval or piecewise."""
        self.at += 1
        closing = CLOSING[opening.kind]
        self.enter(opening)
        saved = self.spaced
        self.spaced = opening.kind == "[" and spaced_entries(self.kinds, self.at)
        rows = self.rows(closing, opening)
        self.spaced = saved
        self.depth -= 1
        closed = self.tokens[self.at - 1]
        return arrange(opening, rows, closed, intervals=self.vocabulary.intervals)

    def entries(self, closing: str, opening: Token) -> list[list[Tree]]:
        """Entries between brackets that do not group by spaces."""
        saved, self.spaced = self.spaced, False
        rows = self.rows(closing, opening)
        self.spaced = saved
        return rows

    def rows(self, closing: str, opening: Token) -> list[list[Tree]]:
        """Entries up to the closing bracket, in rows with semicolons between."""
        saved, self.bars = self.bars, 0
        rows: list[list[Tree]] = [[]]
        if self.kinds[self.at] == closing and opening.kind != "]":
            self.at += 1
            self.bars = saved
            return rows
        while True:
            rows[-1].append(self.entry(closing))
            token = self.tokens[self.at]
            if token.kind == closing or (token.kind in {")", "]", "["} and len(rows) == 1 and len(rows[0]) == 2):
                self.at += 1
                self.bars = saved
                return rows
            if token.kind == ",":
                self.at += 1
            elif token.kind == ";":
                self.at += 1
                rows.append([])
            elif not self.spaced or token.kind not in STARTERS | {"-", "+"}:
                self.unclosed(opening, closing)

    def entry(self, closing: str) -> Tree:
        """One entry: a sum or condition, with `if` or `otherwise` in a piecewise."""
        left = self.sum()
        kind = self.kinds[self.at]
        if kind == closing or kind == ",":
            return left
        if kind == ">" and closing == ">":
            return left
        left = self.condition(left)
        token = self.tokens[self.at]
        if token.kind == "word" and token.value in {"if", "for", "where"}:
            self.at += 1
            test = self.condition(self.sum())
            return Tree("case", (left, test), "", left.start, test.end)
        if token.kind == "word" and token.value in {"otherwise", "else"}:
            self.at += 1
            return Tree("otherwise", (left,), "", left.start, token.end)
        return left

    def absolute(self, opening: Token) -> Tree:
        """An absolute value between bars, or a norm between double bars."""
        self.enter(opening)
        if self.kinds[self.at + 1] == "|" and not self.tokens[self.at + 1].gap:
            inner = self.norm(opening)
            if inner is not None:
                self.depth -= 1
                return inner
        self.at += 1
        saved, self.bars = self.bars, 1
        inner = self.sum()
        self.bars = saved
        if self.kinds[self.at] != "|":
            self.fail("The closing bar of this absolute value is missing.", opening, "Write abs(…) instead.")
        closing = self.tokens[self.at]
        self.at += 1
        self.depth -= 1
        if self.kinds[self.at] in ATOMS and self.bar_follows():
            self.fail("These bars can be read in two ways.", opening, "Write abs(…) instead.")
        return Tree("call", (ungroup(inner),), "abs", opening.start, closing.end)

    def bar_follows(self) -> bool:
        """Whether the juxtaposed atoms from here end at another bar."""
        if self.bars:
            return False
        place = self.at
        while self.kinds[place] in ATOMS:
            place += 1
        return self.kinds[place] == "|"

    def norm(self, opening: Token) -> Tree | None:
        """A norm, if the text from here on can be read as one."""
        place, notices, depth, saved = self.at, len(self.notices), self.depth, self.bars
        if self.kinds.count("|") > 24:
            self.fail("There are too many bars here.", opening, "Write abs(…) and norm(…) instead.")
        self.at += 2
        self.bars = 1
        try:
            inner = self.sum()
            found = self.kinds[self.at] == "|" and self.kinds[self.at + 1] == "|"
        except AnswerError:
            found = False
        self.bars = saved
        if not found:
            self.at, self.depth = place, depth
            del self.notices[notices:]
            return None
        self.at += 2
        return Tree("call", (inner,), "norm", opening.start, self.tokens[self.at - 1].end)

    def enter(self, token: Token) -> None:
        """Go one level deeper, up to the bound."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"This is nested more than {MAX_DEPTH} levels deep.", token, "Write it with fewer brackets.")

    def doubt(self, token: Token, sentence: str) -> None:
        """Note that the text can be read in a second way at this token."""
        self.ambiguous = True
        self.notices.append(Notice("ambiguous", token.start, token.end, sentence + "."))

    def fail(self, message: str, token: Token, repair: str = "") -> NoReturn:
        """Raise AnswerError at the token."""
        raise AnswerError(message, token.start, token.end, repair)

    def unclosed(self, opening: Token, closing: str) -> NoReturn:
        """Raise AnswerError for a bracket that is not closed where it should be."""
        token = self.tokens[self.at]
        if token.kind == "end":
            self.fail(f"The bracket {opening.kind} is not closed.", opening, f"A closing {closing} is missing at the end.")
        if token.kind in {")", "]", "}"}:
            self.fail(f"This {token.kind} does not fit the opening {opening.kind}.", token, f"Write {closing} here.")
        self.refuse()

    def refuse(self) -> NoReturn:
        """Raise AnswerError for a token that cannot stand here."""
        token = self.tokens[self.at]
        if token.kind == "end":
            place = self.tokens[self.at - 1] if self.at else token
            self.fail("Something is missing at the end.", place, "Complete it, or delete the last sign.")
        if token.kind in {")", "]", "}"}:
            self.fail(f"There is no opening bracket for this {token.kind}.", token, "Delete it, or add the opening one.")
        if token.kind == "±":
            self.fail("The sign ± gives two values at once.", token, "Give both values, with a comma between them.")
        if token.kind == "number":
            self.fail("Two numbers stand side by side.", token, "Write * or + between them.")
        self.fail(f"{token.value or token.kind} cannot stand here.", token, "Something before it may be missing.")


def _product(factors: list[Tree]) -> Tree:
    """The product of the factors, or the one factor."""
    if len(factors) == 1:
        return factors[0]
    return Tree("product", tuple(ungroup(factor) for factor in factors), "", factors[0].start, factors[-1].end)


def _quotient(factors: list[Tree], below: Tree) -> Tree:
    """The product of the factors over the denominator."""
    above = ungroup(_product(factors))
    return Tree("quotient", (above, ungroup(below)), "", above.start, below.end)


def _joined(kind: str, parts: list[Tree]) -> Tree:
    """The parts joined by `and` or `or`; of one part, that part."""
    return parts[0] if len(parts) == 1 else Tree(kind, tuple(parts), "", parts[0].start, parts[-1].end)


def _union(left: Tree, right: Tree) -> Tree:
    """The union, flat where the left side is one."""
    members = left.args if left.kind == "union" else (left,)
    return Tree("union", (*members, right), "", left.start, right.end)


def _is_minus_one(exponent: Tree) -> bool:
    """Whether this is -1."""
    return exponent.kind == "neg" and exponent.args[0].kind == "number" and exponent.args[0].value == "1"
