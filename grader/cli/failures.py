"""What a fault looks like on the command line: the exit code of each kind, and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import click

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
    errors.LaunchRefused: 5,
    errors.Conflict: 6,
    errors.Closed: 6,
    errors.NoTriesLeft: 6,
    errors.TooManyRequests: 7,
    errors.ConfigError: 8,
    errors.PlatformFailed: 9,
    errors.PlatformSilent: 9,
    errors.Unavailable: 10,
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


class Failure(click.ClickException):
    """An expected fault as click shows and exits with it."""

    def __init__(self, error: errors.GraderError) -> None:
        super().__init__(sentence(error))
        self.exit_code = exit_code(error)  # type: ignore[misc] # click declares it on the class and sets it here

    def show(self, file: IO[Any] | None = None) -> None:
        """The sentence, on standard error."""
        click.echo(f"{click.style('Error:', fg='red', bold=True)} {self.message}", file=file, err=file is None)
