"""Faults to plant in a child process: settings that misbehave as soon as they are looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping


class Spinning(Mapping[str, str]):
    """Never comes to an end."""

    def __iter__(self) -> Iterator[str]:
        while True:
            pass

    def __getitem__(self, name: str) -> str:
        return name

    def __len__(self) -> int:
        return 1


class Eating(Spinning):
    """Asks for more memory than there may be."""

    def __iter__(self) -> Iterator[str]:
        return iter([chr(97) * 2**40])


class Dying(Spinning):
    """Ends its process as a crash in a library would."""

    def __iter__(self) -> Iterator[str]:
        os.abort()


def own_number() -> int:
    """The number of the process that does this."""
    return os.getpid()


def fail() -> None:
    """A defect."""
    message = "a defect"
    raise ZeroDivisionError(message)
