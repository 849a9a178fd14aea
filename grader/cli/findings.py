"""What `grader doctor` finds: one line each, with the repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

FAULT, WARNING = "fault", "warning"


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is wrong: the check that found it, how bad it is, what it is, what to do."""

    check: str
    severity: str
    message: str
    repair: str

    def __str__(self) -> str:
        """The line for a person."""
        return f"{self.severity}: {self.message} {self.repair} [{self.check}]"


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the installation, by name."""

    name: str
    look: Callable[[], Iterator[Ailment]]


def fault(check: str, message: str, repair: str) -> Ailment:
    """Something that keeps people from working, or puts them at risk."""
    return Ailment(check, FAULT, message, repair)


def warning(check: str, message: str, repair: str) -> Ailment:
    """Something that is worth a look."""
    return Ailment(check, WARNING, message, repair)
