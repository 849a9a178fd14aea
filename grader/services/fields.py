"""Checking the short texts that people type into forms."""

from __future__ import annotations

from grader.errors import InvalidRequest

MAX_TITLE = 200


def line(text: str, field: str, longest: int = MAX_TITLE) -> str:
    """The text without space around it.

    InvalidRequest when it is empty, too long or not one printable line.
    """
    trimmed = text.strip()
    if not trimmed:
        raise InvalidRequest(f"The {field} is missing.", field)
    if len(trimmed) > longest:
        raise InvalidRequest(f"The {field} is longer than {longest} characters.", field)
    if not trimmed.isprintable():
        raise InvalidRequest(f"The {field} holds a character that cannot be printed.", field)
    return trimmed
