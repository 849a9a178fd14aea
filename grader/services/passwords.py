"""Which passwords people may choose: long ones that nobody would think of first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from grader.errors import InvalidRequest

SHORTEST = 12
LONGEST = 200
LEAST_LEFT = 4
"""So many different characters must stand beside what everybody tries first."""
SHORTEST_NAME = 3
HASHER = PasswordHasher()
# Whatever common passwords are put together from.
WORDS = """
password passwort passwd pass qwertyuiop qwertzuiop qwerty qwertz azerty asdfghjkl asdfgh zxcvbnm yxcvbnm
qazwsxedc qazwsx iloveyou ichliebedich letmein welcome willkommen hello hallo monkey dragon master princess
sunshine football fussball baseball basketball superman batman pokemon starwars shadow michael jordan jessica
charlie daniel thomas computer internet whatever trustno freedom flower cookie cheese summer sommer winter
spring autumn herbst monday friday january february august september october november december changeme change
default secret geheim administrator admin root user login guest test student teacher professor instructor
university school calculus grader mathe maths correcthorsebatterystaple
"""
COMMON = tuple(sorted(WORDS.split(), key=len, reverse=True))  # a longer word before one that it holds
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "01234567890")
LEET = str.maketrans(dict(zip("@4831!05$7", "aabeliosst", strict=True)))
_SPACES = re.compile(r"\s+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_REPEATED = re.compile(r"(.)\1{2,}")
_SIGNS = re.compile(r"[\W_]")


def require_good(password: str, *own: str) -> None:
    """InvalidRequest unless people may choose this password; `own` is what others know of the person."""
    if not len(_SPACES.sub(" ", password)) >= SHORTEST or len(password) > LONGEST:
        raise InvalidRequest("A password has 12 to 200 characters.", "password")
    if is_common(password, own):
        raise InvalidRequest("This password is among the first to be tried. Put a few words together.", "password")


def is_common(password: str, own: Iterable[str] = ()) -> bool:
    """Whether hardly anything is left without common words, the person's own names, rows of keys and years.

    >>> is_common("P@ssw0rd!2026"), is_common("correct horse"), is_common("ada.lovelace.1", ["Ada Lovelace"])
    (True, False, True)
    """
    text = password.casefold()
    names = (name.casefold() for each in own for name in _SIGNS.split(each) if len(name) >= SHORTEST_NAME)
    words = (*COMMON, *sorted(names, key=len, reverse=True))
    spelled = _without_rows(_YEAR.sub(" ", text)).translate(LEET)  # digits first: not every 1 is meant as a letter
    return any(_is_little(_SIGNS.sub("", each), words) for each in (text, spelled))


def hashed(password: str) -> str:
    """The password as argon2 keeps it."""
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


def matches(kept: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        return HASHER.verify(kept, password[:LONGEST].encode("utf-8", "surrogatepass"))
    except VerifyMismatchError:
        return False


def _is_little(left: str, words: Iterable[str]) -> bool:
    for word in words:
        left = left.replace(word, " ")
    left = _without_rows(_REPEATED.sub(" ", _YEAR.sub(" ", left)))
    return len(set(left) - {" "}) < LEAST_LEFT


def _without_rows(text: str) -> str:
    """The text without three or more keys in a row, forwards or backwards."""
    kept, begin = "", 0
    while begin < len(text):
        end = begin + 1
        for row in ROWS:
            for way in (row, row[::-1]):
                length = 1
                while begin + length < len(text) and text[begin : begin + length + 1] in way:
                    length += 1
                end = max(end, begin + length)
        kept += "" if end - begin > 2 else text[begin:end]
        begin = end
    return kept
