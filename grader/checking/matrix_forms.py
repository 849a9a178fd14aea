"""Sums of words over letters that do not commute, and the rules for working with them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from typing import NamedTuple

from grader.checking.shapes import ONE, Size

MOST_TERMS = 400
MOST_LETTERS = 40
LONGEST_TEXT = 4_000
LONGEST_NUMBER = 12_000  # bits
LARGEST_POWER = 12


class TooLarge(Exception):
    """The normal form has too many terms, or there is none."""


class Letter(NamedTuple):
    """One matrix that is not taken apart."""

    key: str
    rows: Size
    columns: Size
    turned: bool = False
    inverted: bool = False
    symmetric: bool = False
    orthogonal: bool = False

    def __str__(self) -> str:
        """Its name in a normal form; the shape tells functions of `I` of different sizes apart."""
        return f"{self.key}:{self.rows}×{self.columns}" + ("'" if self.turned else "") + ("~" if self.inverted else "")

    def transposed(self) -> Letter:
        """The transpose."""
        if self.symmetric:
            return self
        return self._replace(rows=self.columns, columns=self.rows, turned=not self.turned)

    def inverse(self) -> Letter:
        """The inverse, which of an orthogonal matrix is the transpose."""
        if self.orthogonal:
            return self.transposed()
        return self._replace(inverted=not self.inverted)


Word = tuple[Letter, ...]
Factors = tuple[tuple[str, Fraction], ...]  # atoms that are numbers, with their exponents
Form = dict[tuple[Factors, Word], Fraction]


def text(form: Form) -> str:
    """The normal form as a text; equal forms have equal texts."""
    terms = [
        f"{_written(times)}*{text_of_factors(factors)}*{text_of(word)}"
        for (factors, word), times in form.items()
        if times
    ]
    found = "+".join(sorted(terms)) or "0"
    if len(found) > LONGEST_TEXT:
        raise TooLarge
    return found


def text_of(word: Word) -> str:
    """A word as a text."""
    return ".".join(map(str, word))


def text_of_factors(factors: Factors) -> str:
    """Numbers with their exponents as a text."""
    return ",".join(f"{atom}^{_written(exponent)}" for atom, exponent in factors)


def _written(value: Fraction) -> str:
    """A number in digits; TooLarge where the text would be too long anyway."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > LONGEST_NUMBER:
        raise TooLarge
    return str(value)


def constant(value: Fraction | int) -> Form:
    """A number."""
    return {((), ()): Fraction(value)} if value else {}


def power_of(name: str, exponent: Fraction | int = 1) -> Form:
    """A power of a number that has a name."""
    return {(((name, Fraction(exponent)),), ()): Fraction(1)}


def of_word(word: Word) -> Form:
    """One word."""
    return _in_order((), word, Fraction(1))


def accumulate(result: Form, form: Form) -> None:
    """Add a form to the result."""
    for key, times in form.items():
        total = result.get(key, Fraction(0)) + times
        if total:
            result[key] = total
        else:
            result.pop(key, None)


def multiply(left: Form, right: Form) -> Form:
    """The product, multiplied out."""
    if len(left) * len(right) > MOST_TERMS:
        raise TooLarge
    result: Form = {}
    for ((f, u), a), ((g, v), b) in product(left.items(), right.items()):
        accumulate(result, _in_order(_merged(f, g), _joined(u, v), a * b))
    return result


def _merged(first: Factors, second: Factors) -> Factors:
    if not first or not second:
        return first or second
    exponents = dict(first)
    for atom, exponent in second:
        exponents[atom] = exponents.get(atom, Fraction(0)) + exponent
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))


def _joined(left: Word, right: Word) -> Word:
    """The words one after the other, with neighbours that are inverse to each other cancelled."""
    result = list(left)
    for letter in right:
        if result and result[-1].inverse() == letter and letter.rows == letter.columns:
            result.pop()
        else:
            result.append(letter)
    if len(result) > MOST_LETTERS:
        raise TooLarge
    return tuple(result)


def _in_order(factors: Factors, word: Word, times: Fraction) -> Form:
    """One term, with the numbers inside the word taken out of it."""
    sizes = [letter.rows for letter in word] + [letter.columns for letter in word[-1:]]
    cuts = [place for place, size in enumerate(sizes) if size == ONE]
    if len(cuts) > 1:
        for start, end in pairwise(cuts):
            segment = word[start:end]
            own = min(text_of(segment), text_of(turn(segment)))
            factors = _merged(factors, ((f"<{own}>", Fraction(1)),))
        word = word[: cuts[0]] + word[cuts[-1] :]
    return {(factors, word): times}


def turn(word: Word) -> Word:
    """The transpose of a word."""
    return tuple(letter.transposed() for letter in reversed(word))


def transposed(form: Form) -> Form:
    """The transpose, word by word."""
    return {(factors, turn(word)): times for (factors, word), times in form.items()}


def repeated(base: Form, exponent: int) -> Form:
    """A power that is not negative; of a monomial in numbers, of any size that can be written."""
    if len(base) == 1:
        ((factors, word), times) = next(iter(base.items()))
        if not word and times in {1, -1}:
            return {(tuple((atom, power * exponent) for atom, power in factors if exponent), ()): times**exponent}
    if exponent > LARGEST_POWER:
        raise TooLarge
    result = constant(1)
    for _ in range(exponent):
        result = multiply(result, base)
    return result


def _leading(form: Form) -> Fraction:
    return form[min(form, key=lambda key: (text_of_factors(key[0]), text_of(key[1])))]


def reciprocal(form: Form) -> Form:
    """One over a number: a monomial is inverted, a sum is one atom."""
    if not form:
        raise TooLarge
    if len(form) == 1:
        ((factors, _), times) = next(iter(form.items()))
        return {(tuple((atom, -exponent) for atom, exponent in factors), ()): 1 / times}
    first = _leading(form)
    scaled = {key: times / first for key, times in form.items()}
    return multiply(constant(1 / first), power_of(f"({text(scaled)})", -1))


def inverse(form: Form, size: Size) -> Form:
    """The inverse of a matrix: a word of square letters is turned round, anything else is one letter."""
    if not form:
        raise TooLarge
    if len(form) == 1:
        ((factors, word), times) = next(iter(form.items()))
        if all(letter.rows == letter.columns for letter in word):
            inverted = tuple((atom, -exponent) for atom, exponent in factors)
            return {(inverted, tuple(letter.inverse() for letter in reversed(word))): 1 / times}
        scaled: Form = {((), word): Fraction(1)}
        outside: Form = {(tuple((atom, -exponent) for atom, exponent in factors), ()): 1 / times}
    else:
        first = _leading(form)
        scaled = {key: times / first for key, times in form.items()}
        outside = constant(1 / first)
    key, other = text(scaled), text(transposed(scaled))
    letter = Letter(f"({min(key, other)})", size, size, other < key, inverted=True, symmetric=key == other)
    return multiply(outside, of_word((letter,)))


def root(square: Form) -> Form:
    """The root of a sum of squares."""
    if len(square) == 1:
        ((factors, _), times) = next(iter(square.items()))
        if len(factors) == 1 and times == 1:
            (atom, exponent) = factors[0]
            if atom.startswith(("<", "tr[")) and exponent == 1:
                return power_of(atom, Fraction(1, 2))
    return power_of(f"root[{text(square)}]")


def trace_of(word: Word, size: Size) -> Form:
    """The trace of one word: the least of its rotations and of those of its transpose."""
    if not word:
        result = constant(size.number)
        for size_letter in size.letters:
            result = multiply(result, power_of(f"#{size_letter}"))
        return result
    for place, letter in enumerate(word):
        if letter.rows == ONE:
            return of_word(_joined(word[place:], word[:place]))
    while len(word) > 1 and word[-1].inverse() == word[0]:
        word = word[1:-1]
    if not word:
        return trace_of(word, size)
    turns = [each[place:] + each[:place] for each in (word, turn(word)) for place in range(len(word))]
    return power_of(f"tr[{min(map(text_of, turns))}]")


def ones(rows: Size, columns: Size) -> Word:
    """The word of the matrix of ones: a column of ones times a row of ones."""
    left = () if rows == ONE else (Letter(f"1[{rows}]", rows, ONE),)
    right = () if columns == ONE else (Letter(f"1[{columns}]", ONE, columns, turned=True),)
    return left + right


def turnable(name: str, words: list[Word], rows: Size, columns: Size) -> Letter:
    """A letter whose transpose is the same function of the transposes of its arguments."""
    key = f"{name}[{'|'.join(map(text_of, words))}]"
    turned = [turn(word) for word in words]
    if name == "had":
        turned.sort(key=text_of)
    other = f"{name}[{'|'.join(map(text_of, turned))}]"
    return Letter(min(key, other), rows, columns, other < key, symmetric=key == other)


def hadamard(left: Form, right: Form, sizes: tuple[Size, Size]) -> Form:
    """The entry-by-entry product: linear in both, it commutes, and ones are neutral."""
    if len(left) * len(right) > MOST_TERMS:
        raise TooLarge
    neutral = ones(*sizes)
    result: Form = {}
    for ((f, u), a), ((g, v), b) in product(left.items(), right.items()):
        words = sorted((word for word in (u, v) if word != neutral), key=text_of)
        whole: Word = neutral if not words else words[0]
        if len(words) == 2:
            whole = (_entrywise_product(words, sizes),)
        accumulate(result, multiply(multiply({(f, ()): a}, {(g, ()): b}), of_word(whole)))
    return result


def _entrywise_product(words: list[Word], sizes: tuple[Size, Size]) -> Letter:
    return turnable("had", words, *sizes)
