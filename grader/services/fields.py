"""Checking the short texts that people type into forms."""

from __future__ import annotations

import re

from grader.errors import InvalidRequest

MAX_TITLE = 200
LONGEST_EMAIL = 254
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


def line(text: str, field: str, longest: int = MAX_TITLE) -> str:
    """The text without space around it.

    InvalidRequest when it is empty, too long or not one printable line.
    """
    trimmed, name = text.strip(), field.replace("_", " ")
    if not trimmed:
        raise InvalidRequest(f"The {name} is missing.", field)
    if len(trimmed) > longest:
        raise InvalidRequest(f"The {name} is longer than {longest} characters.", field)
    if not trimmed.isprintable():
        raise InvalidRequest(f"The {name} holds a character that cannot be printed.", field)
    return trimmed


def is_address(text: str) -> bool:
    """Whether this may be an e-mail address."""
    return len(text) <= LONGEST_EMAIL and text.isprintable() and EMAIL.fullmatch(text) is not None


def address(text: str) -> str:
    """The e-mail address without space around it; InvalidRequest when it is none."""
    trimmed = text.strip()
    if not is_address(trimmed):
        raise InvalidRequest("This is no e-mail address.", "email")
    return trimmed
