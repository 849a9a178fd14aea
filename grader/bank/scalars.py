"""What an unquoted scalar of YAML stands for, and the ones that readers of YAML disagree about."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

Scalar = None | bool | int | Decimal | str
Trap = tuple[str, str]
"""The fault and its repair."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})?\.[0-9]{1,30}|[-+]?[1-9][0-9]{0,17}\.")
_EXACT = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,2}|/[0-9]{1,30})?")
_SWITCHES = frozenset({"yes", "no", "on", "off", "y", "n"})
_SHORT = frozenset({"y", "n"})  # names of variables; readers that take them for booleans are very old


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    meaning: str


_FORMS = (
    _Form(
        re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+"), "a number to some readers of YAML and a word to others"
    ),
    _Form(re.compile(r"[-+]?0[0-9_]+"), "an octal number to some readers of YAML"),
    _Form(re.compile(r"[-+]?0[xob][0-9a-fA-F_]+"), "a number in another base to some readers of YAML"),
    _Form(re.compile(r"[-+]?[0-9]+(_[0-9]+)+"), "a number to some readers of YAML and a word to others"),
    _Form(re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"), "a number of minutes to some readers of YAML"),
    _Form(re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"), "a date to some readers of YAML"),
    _Form(re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE), "infinity or not-a-number in YAML"),
)


def scalar_value(text: str) -> tuple[Scalar, Trap | None]:
    """The value of an unquoted scalar, and the trap that it is, if it is one.

    >>> scalar_value("-3"), scalar_value("x^2")
    ((-3, None), ('x^2', None))
    """
    if text in {"", "~", "null", "Null", "NULL"}:
        return None, None
    if text in {"true", "True", "TRUE"}:
        return True, None
    if text in {"false", "False", "FALSE"}:
        return False, None
    if _INTEGER.fullmatch(text):
        return int(text), None
    if _DECIMAL.fullmatch(text):
        return Decimal(text), None
    return text, _trap(text)


def exact_number(text: str) -> Fraction:
    """The number as it is written, of a bounded length and size; ValueError where there is none.

    >>> exact_number("0.1"), exact_number("2/3")
    (Fraction(1, 10), Fraction(2, 3))
    """
    if not _EXACT.fullmatch(text):
        message = "This is no number, or a longer one than is read."
        raise ValueError(message)
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(text) from None


_TYPOGRAPHIC = frozenset("“”„‘’‚«»")


def _trap(text: str) -> Trap | None:
    if text[0] in _TYPOGRAPHIC:
        message = f"{text[0]} is a typographic quote, which is no quote to YAML."
        return message, "Write straight quotes: \" or '."
    if text.lower() in _SWITCHES - _SHORT:
        message = f"Unquoted, {text} is false or true to some readers of YAML and a word to others."
        return message, f'Write "{text}" for the word, or true or false.'
    for form in _FORMS:
        if form.pattern.fullmatch(text):
            return f"Unquoted, {text} is {form.meaning}.", f'Write "{text}" in quotes.'
    return None
