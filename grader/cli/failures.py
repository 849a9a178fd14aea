"""What a fault looks like on the command line: the exit code of each kind, and its sentence."""

from __future__ import annotations

from collections.abc import Mapping

from grader import errors

DEFECT = 70  # as in sysexits.h: an internal software error

EXIT_CODES: Mapping[type[errors.GraderError], int] = {
    errors.BankError: 1,
    errors.BankErrors: 1,
    errors.InvalidRequest: 2,  # as click does for a wrong option
    errors.AnswerError: 3,
    errors.NotFound: 4,
    errors.Forbidden: 5,
    errors.Unauthenticated: 5,
    errors.Conflict: 6,
    errors.Closed: 6,
    errors.NoTriesLeft: 6,
    errors.TooManyRequests: 7,
    errors.ConfigError: 8,
}


def exit_code(error: errors.GraderError) -> int:
    """The exit code of the nearest kind in the table."""
    for kind in type(error).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return DEFECT


def sentence(error: errors.GraderError) -> str:
    """What is wrong, and in which field of the request."""
    if isinstance(error, errors.CallerError) and error.field:
        return f"{error.message} ({error.field})"
    return str(error)
