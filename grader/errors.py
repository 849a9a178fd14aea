"""Every expected error, in three branches: for a student, for an author, for a caller."""

from __future__ import annotations

from dataclasses import dataclass


class GraderError(Exception):
    """Anything that can go wrong and is expected; all else is a defect."""


@dataclass
class AnswerError(GraderError):
    """A response that cannot be read, with the place in the student's own text.

    `start` and `end` count characters of the text as it was typed.
    """

    message: str
    start: int = 0
    end: int = 0
    repair: str = ""

    def __str__(self) -> str:
        """The sentence, followed by the repair where there is one."""
        return f"{self.message} {self.repair}".strip()


@dataclass
class BankError(GraderError):
    """A fault in a problem file, with the line and column (from 1) at which to mend it."""

    message: str
    file: str = ""
    line: int = 1
    column: int = 1
    repair: str = ""

    def __str__(self) -> str:
        """file:line:column, the fault, the repair."""
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        return f"{place}{self.message} {self.repair}".strip()


@dataclass
class BankErrors(GraderError):
    """All faults of a problem file or bank together."""

    errors: tuple[BankError, ...]

    def __str__(self) -> str:
        """One line a fault."""
        return "\n".join(str(error) for error in self.errors)


@dataclass
class CallerError(GraderError):
    """A request that cannot be carried out; `field` points at the part of it at fault."""

    message: str
    field: str = ""

    def __str__(self) -> str:
        """The sentence for the caller."""
        return self.message


class InvalidRequest(CallerError):
    """The request is not of the form that it should have."""


class Unauthenticated(CallerError):
    """Nobody is logged in, or the token is unknown, expired or revoked."""


class Forbidden(CallerError):
    """The caller is known but may not do this."""


class NotFound(CallerError):
    """There is no such thing, or none that the caller may see."""


class Conflict(CallerError):
    """The request contradicts the present state."""


class Closed(CallerError):
    """The assignment is not open yet, or past its due date."""


class NoTriesLeft(CallerError):
    """All tries of this attempt are used up."""


class TooManyRequests(CallerError):
    """The caller asks too often."""


class LaunchRefused(CallerError):
    """A launch from a learning platform that cannot be trusted or taken; `field` is the reason's short name."""


class Unavailable(GraderError):
    """What the request needs is not there just now; it may be sent once more in a moment."""


class PlatformFailed(GraderError):
    """A learning platform did not answer, or not as its specification says.

    `status` is that of its refusal, 0 where there is none; `wait` the seconds that it asks us to wait.
    """

    def __init__(self, message: str, status: int = 0, wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.wait = wait


class PlatformSilent(PlatformFailed):
    """A learning platform did not answer at all."""


class ConfigError(CallerError):
    """A setting of the installation is wrong; `field` names the variable."""
