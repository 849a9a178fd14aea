"""What can stand between operators: numbers, names, functions, brackets, absolute values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise

from grader.errors import AnswerError
from grader.reading.brackets import BEGINNINGS, BY_COMMAS, CLOSING, ENDS, arrange, product_of, spaced_entries, ungroup
from grader.reading.cursor import Cursor, Notice
from grader.reading.functions import application, check_exponent, logarithm
from grader.reading.indexed import entry, without_indices
from grader.reading.names import BY_NAME, CALLED_GREEK
from grader.reading.tokens import Token, known
from grader.reading.tree import Tree

ATOMS = frozenset(
    {"number", "name", "constant", "operand", "entry", "array"}
)  # operand: a tree that the LaTeX reader has built
IF = frozenset({"if", "for", "where", "when"})
ELSE = frozenset({"otherwise", "else"})
ALWAYS = frozenset({*ELSE, "True", "true"})  # SymPy prints the last case as (0, True)
CASE_WORDS = IF | ALWAYS
MAX_BARS = 24
MAX_NORMS = 200  # attempts: a pair of bars that fails as a norm is read again as an absolute value
STARTERS = ATOMS | {"call", "apply", "log", "sum", "(", "[", "{", "|"}


class Operands(Cursor, ABC):
    """Reads one operand; what stands inside brackets is read by the parser proper."""

    @abstractmethod
    def sum(self) -> Tree:
        """Terms with plus and minus between them."""

    @abstractmethod
    def condition(self, left: Tree) -> Tree:
        """What may follow a sum: relations, `and`, `or`, union."""

    @abstractmethod
    def factor(self) -> Tree:
        """An operand with its postfix signs and exponent."""

    @abstractmethod
    def signed_factor(self) -> Tree:
        """A factor which may have a sign."""

    @abstractmethod
    def summation(self, token: Token) -> Tree:
        """A sum over indices with what is summed."""

    @abstractmethod
    def signs(self) -> list[Token]:
        """The minus signs at this place; plus signs are passed over."""

    @abstractmethod
    def juxtaposed(self) -> bool:
        """Whether a factor follows directly, without a sign."""

    def primary(self) -> Tree:
        """A number, name, function application, bracket or absolute value."""
        token = self.tokens[self.at]
        kind = token.kind
        if kind in {"(", "[", "{", "<", "]"}:
            return self.bracket(token)
        if kind in {"call", "log"}:
            self.at += 1
            return self.called(token)
        if kind in {"number", "constant"}:
            self.at += 1
            return Tree(kind, (), token.value, token.start, token.end)
        if kind == "name":
            self.at += 1
            return self.named(token)
        if kind == "|":
            return self.absolute(token)
        if kind == "apply":
            return self.applied(token)
        if kind == "sum":
            return self.summation(token)
        if kind not in {"entry", "array"}:
            self.refuse()
        self.at += 1
        return entry(token.value, token.start, token.end, self.vocabulary) if kind == "entry" else self.indexed(token)

    def named(self, token: Token) -> Tree:
        """A name; some Greek letters are functions when they are called and not declared."""
        function = CALLED_GREEK.get(token.value)
        if function and not self.vocabulary.knows(token.value):
            if self.kinds[self.at] == "(" or self.is_raised_function():
                return self.called(Token("call", function, token.start, token.end, token.gap))
            if self.vocabulary.names is not None:
                self.fail(f"The name {token.value} is not used in this problem.", token, known(self.vocabulary))
        return Tree("name", (), token.value, token.start, token.end)

    def is_raised_function(self) -> bool:
        """Whether an exponent and then a bracket follow, as in `σ^2(x)` and `σ²(x)`, and no name is raised."""
        if self.vocabulary.names is None or self.kinds[self.at] != "^":
            return False
        after = self.kinds[self.at + 1 : self.at + 5]
        return after[:2] == ["number", "("] or after == ["(", "number", ")", "("]

    def indexed(self, token: Token) -> Tree:
        """An entry with its indices in square brackets: `A[i, p]`."""
        if self.kinds[self.at] != "[":
            if token.value in (self.vocabulary.indices or ()):
                return Tree("name", (), token.value, token.start, token.end)
            raise without_indices(token.value, token.start, token.end, self.vocabulary)
        indices: list[str] = []
        while self.kinds[self.at] != "]" or not indices:
            index = self.tokens[self.at + 1]
            if index.kind not in {"name", "number", "array"} or self.kinds[self.at + 2] not in {",", "]"}:
                self.fail("An index is one letter or number.", index, f"Write {token.value}[i, j].")
            indices.append(index.value)
            self.at += 2
        self.at += 1
        value = f"{token.value}[{','.join(indices)}]"
        return entry(value, token.start, self.tokens[self.at - 1].end, self.vocabulary)

    def called(self, token: Token) -> Tree:
        """A function of the table with its exponent and argument."""
        exponent = None
        if self.kinds[self.at] == "^":
            self.at += 1
            self.enter(token)
            exponent = ungroup(self.signed_factor() if self.kinds[self.at] == "-" else self.primary())
            self.depth -= 1
            check_exponent(exponent)
        args = self.arguments(token)
        end = self.tokens[self.at - 1].end
        inverse = BY_NAME[token.value].inverse if token.kind == "call" else ""
        if exponent is not None and inverse and _is_minus_one(exponent):
            self.doubt(token, f"The exponent -1 on {token.value} means the inverse function.")
            if not self.second:
                return application(
                    Token("call", inverse, token.start, token.end, gap=False), args, end, self.vocabulary
                )
        build = logarithm if token.kind == "log" else application
        value = build(token, args, end, self.vocabulary)
        return value if exponent is None else Tree("power", (value, exponent), "", token.start, end)

    def arguments(self, token: Token) -> tuple[Tree, ...]:
        """The arguments of a function: in brackets, or the product that follows it."""
        kind = self.kinds[self.at]
        self.enter(token)
        if kind == "(":
            args = self.bracketed()
        elif kind in {"[", "{"}:
            inner = self.bracket(self.tokens[self.at])
            args = (ungroup(inner),)
        elif kind == "|":
            args = (self.primary(),)
        elif kind in {"call", "log", "apply", "sum"}:
            args = (self.factor(),)
        elif (kind in ATOMS or kind == "-") and token.value in {"min", "max"}:
            self.fail(f"The arguments of {token.value} need brackets.", token, f"Write {token.value}(a, b).")
        elif kind in ATOMS or kind == "-":
            args = (self.unbracketed(token),)
        else:
            self.fail(f"The argument of {token.value or 'log'} is missing.", token, "Write it in brackets.")
        self.depth -= 1
        return args

    def bracketed(self) -> tuple[Tree, ...]:
        """The arguments in round brackets, with commas or semicolons between."""
        opening = self.tokens[self.at]
        self.at += 1
        saved, self.spaced = self.spaced, False
        rows = self.rows(")", opening)
        self.spaced = saved
        closing = self.tokens[self.at - 1]
        if closing.kind != ")":
            self.fail(f"This {closing.kind} does not fit the opening (.", closing, "Write ) here.")
        return tuple(entry for row in rows for entry in row)

    def unbracketed(self, function: Token) -> Tree:
        """The product of juxtaposed numbers, names and powers after a function name."""
        self.refuse_base(function)
        minus = self.signs()
        factors = [self.factor()]
        while self.kinds[self.at] in ATOMS and not (self.spaced and self.tokens[self.at].gap):
            token = self.tokens[self.at]
            is_root = function.end - function.start == 1
            is_exponential = token.value == "e" and token.kind == "constant" and self.kinds[self.at + 1] == "^"
            is_apart = factors[-1].kind in {"name", "power"} or factors[-1].start == function.end
            if is_exponential or is_root or (token.gap and is_apart):
                self.doubt(token, f"The argument of {function.value} goes on as far as the factors do.")
                if self.second:
                    break
            self.juxtaposed()
            factors.append(self.factor())
        if self.goes_on(function):
            self.doubt(self.tokens[self.at], f"The argument of {function.value} ends before the bracket.")
            if self.second:
                factors.append(self.factor())
        argument = product_of(factors)
        for token in reversed(minus):
            argument = Tree("neg", (argument,), "", token.start, argument.end)
        return argument

    def refuse_base(self, function: Token) -> None:
        """Refuse `log3(x)`, in which the number may be the base."""
        base = self.tokens[self.at]
        touches = base.kind == "number" and base.start == function.end and base.value.isdigit()
        if function.value == "log" and touches and self.kinds[self.at + 1] in {"(", "[", "{", "|"}:
            written = f"log{base.value}"
            self.fail(
                f"It is not clear whether {base.value} is the base in {written}.",
                function,
                f"Write log_{base.value}(x).",
            )

    def goes_on(self, function: Token) -> bool:
        """Whether a bracket touches a number that ends an argument, as in `sin 2(x + 1)`."""
        token = self.tokens[self.at]
        is_root = function.end - function.start == 1
        return token.kind == "(" and not token.gap and self.kinds[self.at - 1] == "number" and not is_root

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
        saved, in_region = self.spaced, self.in_region
        self.spaced = opening.kind == "[" and spaced_entries(self.kinds, self.at) and not self.spaces_multiply()
        self.in_region = False
        rows = self.rows(closing, opening)
        self.spaced, self.in_region = saved, in_region
        self.depth -= 1
        closed = self.tokens[self.at - 1]
        tree = arrange(opening, rows, closed, intervals=in_region or self.vocabulary.intervals)
        if tree.kind == "piecewise" and tree.value == BY_COMMAS:
            self.notices.append(Notice("cases", opening.start, closed.end, "This is read as a function by cases."))
            tree = tree._replace(value="")
        return tree

    def spaces_multiply(self) -> bool:
        """Whether the second reading takes spaces for products, which it cannot between two numbers."""
        if not self.second:
            return False
        inside = self.kinds[self.at : self.kinds.index("]", self.at) if "]" in self.kinds[self.at :] else None]
        return not any(first == second == "number" for first, second in pairwise(inside))

    def rows(self, closing: str, opening: Token) -> list[list[Tree]]:
        """Entries up to the closing bracket, in rows with semicolons between."""
        saved, self.bars = self.bars, 0
        rows: list[list[Tree]] = [[]]
        if self.kinds[self.at] == closing and opening.kind != "]":
            self.at += 1
            self.bars = saved
            return rows
        entry = self.sum()
        if self.kinds[self.at] == closing and closing != ">":
            self.at += 1
            self.bars = saved
            rows[0].append(entry)
            return rows
        while True:
            if self.kinds[self.at] == "," and self.tokens[self.at + 1].value in CASE_WORDS:
                self.at += 1
            after = self.kinds[self.at]
            rows[-1].append(entry if after in (closing, ",") else self.entry(entry, closing))
            token = self.tokens[self.at]
            is_half_open = token.kind in ENDS and opening.kind in BEGINNINGS and sum(map(len, rows)) == 2
            if token.kind == closing or (is_half_open and (len(rows) > 1 or not (self.spaced and token.kind == "["))):
                self.at += 1
                self.bars = saved
                return rows
            if token.kind == ",":
                self.at += 1
            elif token.kind == ";" or (token.value in ELSE and rows[-1][-1].kind == "case"):
                self.at += 1
                rows.append([])
            elif not self.spaced or token.kind not in STARTERS | {"-", "+"}:
                self.unclosed(opening, closing)
            elif token.kind in {"name", "call"} and self.kinds[self.at - 1] in ATOMS | {")"} and not self.ambiguous:
                self.doubt(token, "A space separates two entries here.")
            entry = self.sum()

    def entry(self, left: Tree, closing: str) -> Tree:
        """One entry that goes on after a sum: a condition, or a case of a piecewise."""
        if closing == ">" and self.kinds[self.at] == ">":
            return left
        left = self.condition(left)
        token = self.tokens[self.at]
        if token.kind == "word" and token.value in IF:
            self.at += 1
            word = self.tokens[self.at]
            if word.value in ALWAYS:
                self.at += 1
                return Tree("otherwise", (left,), "", left.start, word.end)
            test = self.condition(self.sum())
            return Tree("case", (left, test), "", left.start, test.end)
        is_before_value = token.value in ELSE and self.kinds[self.at + 1] in STARTERS | {"-"}
        if token.kind == "word" and token.value in ALWAYS and not is_before_value:
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
        place, notices, depth, saved = self.at, len(self.notices), self.depth, (self.bars, self.spaced)
        self.norms += 1
        if self.kinds.count("|") > MAX_BARS or self.norms > MAX_NORMS:
            self.fail("There are too many bars here.", opening, "Write abs(…) and norm(…) instead.")
        self.at += 2
        self.bars = 1
        try:
            inner = self.sum()
            found = self.kinds[self.at] == "|" and self.kinds[self.at + 1] == "|"
        except AnswerError:
            found = False
        self.bars, self.spaced = saved
        if not found:
            self.at, self.depth = place, depth
            del self.notices[notices:]
            return None
        self.at += 2
        return Tree("call", (inner,), "norm", opening.start, self.tokens[self.at - 1].end)


def _is_minus_one(exponent: Tree) -> bool:
    """Whether this is -1."""
    return exponent.kind == "neg" and exponent.args[0].kind == "number" and exponent.args[0].value == "1"
