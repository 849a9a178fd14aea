"""Points and values as short texts for a person."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from grader.checking.balls import Ball

ALL_DIGITS = (6, 10, 16, 24, 40, 60)
LONGEST_FRACTION = 9
SHORT_WHOLE = 100_000
SHORT_BITS = 64  # a number with more is no short fraction, and may have more digits than Python writes out


def short(value: Fraction) -> str:
    """A point's coordinate: the fraction where it is short, else six digits."""
    if value.numerator.bit_length() + value.denominator.bit_length() <= SHORT_BITS:
        text = str(value)
        if len(text) <= LONGEST_FRACTION:
            return text
    return figures(value, ALL_DIGITS[0])


def figures(value: Fraction, digits: int) -> str:
    """The number to so many digits, also where it is too large or too small for a float."""
    try:
        nearest = float(value)
    except OverflowError:
        nearest = 0.0
    if nearest or not value:
        return f"{nearest:.{digits}g}"
    with localcontext(prec=digits):
        return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():g}"


def rounded_words(value: Fraction) -> str:
    """A number that could not be given exactly."""
    return f"{figures(value, 8)} (rounded)"


def two_texts(response: Ball, answer: Ball, apart: Ball) -> tuple[str, str]:
    """Both values with as many digits as it takes to see that they differ, or with how far they are apart."""
    for digits in ALL_DIGITS:
        texts = (decimal(response, digits), decimal(answer, digits))
        if texts[0] != texts[1]:
            return texts
    return beside(answer, apart)


def beside(answer: Ball, apart: Ball) -> tuple[str, str]:
    """Two values of which only one is written out, the other by how far it is away."""
    text = decimal(answer, ALL_DIGITS[1])
    return f"{text} {'-' if apart < 0 else '+'} {decimal(abs(apart))}", text


def decimal(value: Ball, digits: int = ALL_DIGITS[0]) -> str:
    """The number with this many digits, without zeros at the end."""
    nearest = float(value)
    if -SHORT_WHOLE < nearest < SHORT_WHOLE and nearest.is_integer() and value == nearest:
        return str(int(nearest))  # as below, at a tenth of the cost
    text = value.str(digits, radius=False)
    mantissa, e, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent
