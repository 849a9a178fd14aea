"""Faults to plant in a child process: settings that misbehave as soon as they are looked at."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path


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


class Hoarding(Spinning):
    """Uses more and more memory, a little at a time."""

    def __iter__(self) -> Iterator[str]:
        kept = []
        while True:
            kept.append(bytearray(2**20))


class Dying(Spinning):
    """Ends its process as a crash in a library would."""

    def __iter__(self) -> Iterator[str]:
        os.abort()


def own_number() -> int:
    """The number of the process that does this."""
    return os.getpid()


def limits_of_the_process() -> tuple[int, int, int]:
    """Seconds of processor time, bytes of a core dump and MiB of address space that this process may use."""
    soft = [resource.getrlimit(which)[0] for which in (resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_AS)]
    return soft[0], soft[1], soft[2] // 2**20


def spin() -> None:
    """Never ends, in a child whose processor time is almost used up."""
    resource.setrlimit(resource.RLIMIT_CPU, (1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    while True:
        pass


def sleep(seconds: float) -> None:
    """Takes its time."""
    time.sleep(seconds)


def fail() -> None:
    """A defect."""
    message = "a defect"
    raise ZeroDivisionError(message)


def kill_oneself() -> None:
    """What the kernel does to a process when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_once(folder: str) -> str:
    """The same, but only the first time."""
    mark = Path(folder) / "killed"
    if not mark.exists():
        mark.touch()
        kill_oneself()
    return "done"
