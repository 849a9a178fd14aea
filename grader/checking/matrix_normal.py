"""A normal form of matrix expressions: a sum of words over atoms, with exact factors that are numbers.

A word is a product of letters that do not commute. `(AB)^T = B^T A^T`, `S^T = S` for a symmetric S,
`A A^-1 = I`, and where a word passes a size of 1 it falls apart into numbers, which do commute and are
their own transposes. Traces are cyclic. All else (functions, entry-by-entry and Kronecker products,
inverses of sums) becomes one letter, named by the normal forms of its arguments. Each rule holds
wherever both sides have values, so equal normal forms prove equality there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product

from grader.checking.matrix_forms import (
    LARGEST_POWER,
    MOST_TERMS,
    Form,
    Letter,
    TooLarge,
    accumulate,
    constant,
    hadamard,
    inverse,
    multiply,
    of_word,
    ones,
    power_of,
    reciprocal,
    repeated,
    root,
    text,
    text_of,
    trace_of,
    transposed,
    turn,
    turnable,
)
from grader.checking.matrix_terms import Term
from grader.checking.shapes import ONE, Size


class Normaliser:
    """Normal forms under what is known of the names."""

    def __init__(self, assumptions: Mapping[str, frozenset[str]]) -> None:
        self.assumptions = assumptions

    def form(self, term: Term) -> Form:
        """The normal form; TooLarge where it grows beyond the bounds."""
        rule = _RULES.get(term.kind)
        found = rule(self, term) if rule else self.opaque(term)
        if len(found) > MOST_TERMS:
            raise TooLarge
        return found

    def name(self, term: Term) -> Form:
        """A declared name: a number, or a letter."""
        name = str(term.value)
        if term.is_scalar:
            return power_of(name)
        known = self.assumptions.get(name, frozenset())
        is_symmetric = bool(known & {"symmetric", "positive_definite", "diagonal"})
        letter = Letter(name, *term.sizes, symmetric=is_symmetric, orthogonal="orthogonal" in known)
        return of_word((letter,))

    def total(self, term: Term) -> Form:
        """A sum."""
        result: Form = {}
        for arg in term.args:
            accumulate(result, self.form(arg))
        return result

    def products(self, term: Term) -> Form:
        """A product, multiplied out."""
        result = self.form(term.args[0])
        for arg in term.args[1:]:
            result = multiply(result, self.form(arg))
        return result

    def transpose(self, term: Term) -> Form:
        """The transpose, word by word."""
        return transposed(self.form(term.args[0]))

    def power(self, term: Term) -> Form:
        """A whole power of a matrix."""
        exponent = _whole(term.args[1])
        base = self.form(term.args[0])
        if exponent is None:
            return self.opaque(term)
        if exponent < 0:
            base = inverse(base, term.args[0].sizes[0])
        return repeated(base, abs(exponent))

    def entries(self, term: Term) -> Form:
        """An operation entry by entry; products and sums are linear, a power of a number is taken apart."""
        operation = str(term.value)
        if operation == "pow" and term.is_scalar:
            exponent = _whole(term.args[1])
            if exponent is not None:
                base = self.form(term.args[0])
                return repeated(base if exponent >= 0 else reciprocal(base), abs(exponent))
        if operation == "pow":
            exponent = _whole(term.args[1])
            if exponent is not None and 0 < exponent <= LARGEST_POWER and not term.args[0].is_scalar:
                base = self.form(term.args[0])
                result = base
                for _ in range(exponent - 1):
                    result = hadamard(result, base, term.sizes)
                return result
        if operation == "plus":
            left, right = (self._spread(arg, term) for arg in term.args)
            result = dict(left)
            accumulate(result, right)
            return result
        if operation == "times":
            left, right = (self.form(arg) for arg in term.args)
            return hadamard(left, right, term.sizes)
        return self.opaque(term)

    def _spread(self, arg: Term, whole: Term) -> Form:
        form = self.form(arg)
        return multiply(form, of_word(ones(*whole.sizes))) if arg.is_scalar and not whole.is_scalar else form

    def trace(self, term: Term) -> Form:
        """The trace: linear, cyclic, and of the transpose the same."""
        result: Form = {}
        for (factors, word), times in self.form(term.args[0]).items():
            accumulate(result, multiply({(factors, ()): times}, trace_of(word, term.args[0].sizes[0])))
        return result

    def determinant(self, term: Term) -> Form:
        """The determinant of a product of square letters; of anything else one atom."""
        form = self.form(term.args[0])
        if len(form) == 1:
            ((factors, word), times), size = next(iter(form.items())), term.args[0].sizes[0]
            if not factors and times == 1 and all(letter.rows == letter.columns == size for letter in word):
                result = constant(1)
                for letter in word:
                    result = multiply(result, power_of(f"det[{letter.key}]", -1 if letter.inverted else 1))
                return result
        return power_of(f"det[{term.args[0].sizes[0]}:{min(text(form), text(transposed(form)))}]")

    def norm(self, term: Term) -> Form:
        """The norm as the root of the sum of squares, which is not negative."""
        form = self.form(term.args[0])
        rows, columns = term.args[0].sizes
        if columns == ONE:
            square = multiply(transposed(form), form)
        elif rows == ONE:
            square = multiply(form, transposed(form))
        else:
            square = {}
            for (factors, word), times in multiply(transposed(form), form).items():
                accumulate(square, multiply({(factors, ()): times}, trace_of(word, columns)))
        return root(square)

    def linear(self, term: Term) -> Form:
        """A function that is linear in its one argument, word by word."""
        rows, columns = term.sizes
        result: Form = {}
        for (factors, word), times in self.form(term.args[0]).items():
            argument = text_of(word)
            if term.kind == "diagonal":
                argument = min(argument, text_of(turn(word)))
            letter = Letter(f"{term.kind}[{argument}]", rows, columns, symmetric=term.kind == "diag")
            accumulate(result, multiply({(factors, ()): times}, of_word((letter,))))
        return result

    def kronecker(self, term: Term) -> Form:
        """The Kronecker product, linear in both arguments."""
        left, right = (self.form(arg) for arg in term.args)
        rows, columns = term.sizes
        result: Form = {}
        for ((f, u), a), ((g, v), b) in product(left.items(), right.items()):
            letter = turnable("kron", [u, v], rows, columns)
            accumulate(result, multiply(multiply({(f, ()): a}, {(g, ()): b}), of_word((letter,))))
        return result

    def opaque(self, term: Term) -> Form:
        """One atom or letter, named by the normal forms of the arguments."""
        forms = [self.form(arg) for arg in term.args]
        name = f"{term.kind}:{term.value}"
        key = f"{name}[{'|'.join(map(text, forms))}]"
        if term.is_scalar:
            return power_of(key)
        rows, columns = term.sizes
        if term.kind != "entries":
            return of_word((Letter(key, rows, columns),))
        other = f"{name}[{'|'.join(text(transposed(form)) for form in forms)}]"
        return of_word((Letter(min(key, other), rows, columns, other < key, symmetric=key == other),))


def _whole(term: Term) -> int | None:
    """The value of a literal whole exponent."""
    value = _literal(term)
    return int(value) if value is not None and value.denominator == 1 else None


def _literal(term: Term) -> Fraction | None:
    if term.kind == "number" and isinstance(term.value, Fraction):
        return term.value
    if term.kind == "product":
        parts = [_literal(arg) for arg in term.args]
        result = Fraction(1)
        for part in parts:
            if part is None:
                return None
            result *= part
        return result
    return None


def _size(_: Normaliser, term: Term) -> Form:
    result = constant(1)
    if isinstance(term.value, Size):
        result = constant(term.value.number)
        for letter in term.value.letters:
            result = multiply(result, power_of(f"#{letter}"))
    return result


_RULES: Mapping[str, Callable[[Normaliser, Term], Form]] = {
    "number": lambda _, term: constant(term.value if isinstance(term.value, Fraction) else 0),
    "constant": lambda _, term: power_of(f"constant {term.value}"),
    "size": _size,
    "name": Normaliser.name,
    "identity": lambda _, term: constant(1),  # noqa: ARG005 - the empty word, whatever its size
    "zero": lambda _, term: {},  # noqa: ARG005 - no word at all
    "ones": lambda _, term: of_word(ones(*term.sizes)),
    "sum": Normaliser.total,
    "product": Normaliser.products,
    "transpose": Normaliser.transpose,
    "power": Normaliser.power,
    "entries": Normaliser.entries,
    "tr": Normaliser.trace,
    "det": Normaliser.determinant,
    "norm": Normaliser.norm,
    "diag": Normaliser.linear,
    "diagonal": Normaliser.linear,
    "vec": Normaliser.linear,
    "kron": Normaliser.kronecker,
}
