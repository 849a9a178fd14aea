"""What a judging process does to itself: it loads everything by judging once, and limits its memory and time."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

from grader.checking.symbolic import prove_zero
from grader.pairs import Pair, judge
from grader.reading.tree import call, number

T = TypeVar("T")
_MEBIBYTE = 2**20
_LEAST_MEBIBYTES = 32
"""What a child may use beyond what its libraries take, however small the limit is."""
_SECONDS_LONGER = 2
"""The processor time that is left to a child after its time is over, should nobody have killed it."""
WARMING = (("2*x*cos(x^2)", "cos(x^2)*x*2"), ("erf(x) + sin(x)^2", "erf(x) + 1 - cos(x)^2"))


def within_processor_time(seconds: float, task: Callable[..., T], *args: Any) -> T:
    """The task; the kernel ends the child if it goes on long after its time, even with its parent gone."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _lower(resource.RLIMIT_CPU, ceil(used + seconds) + _SECONDS_LONGER)
    return task(*args)


def prepare_child(mebibytes: int, niceness: int) -> None:
    """Judge once, so that everything is loaded, and limit the memory; stand back where that is wanted.

    Libraries reserve more address space than they use, so the limit on address space is what they have
    reserved and as much more as may be used: then never more than `mebibytes` are in use.
    """
    os.nice(niceness)
    for response, answer in WARMING:
        judge(Pair(response, answer, variables={"x": {}}), prove=True)
    prove_zero(call("sqrt", number(8)), number(3))
    reserved, used = _memory()
    room = max(mebibytes * _MEBIBYTE - used, _LEAST_MEBIBYTES * _MEBIBYTE)
    _lower(resource.RLIMIT_AS, reserved + room)
    _lower(resource.RLIMIT_CORE, 0)


def _memory() -> tuple[int, int]:
    """The address space that this process has reserved and the memory that it uses, in bytes."""
    pages = resource.getpagesize()
    try:
        reserved, used = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    except OSError:  # no such file: not Linux
        used_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return 4 * used_bytes, used_bytes
    return int(reserved) * pages, int(used) * pages


def _lower(which: int, limit: int) -> None:
    """Set a limit of this process, or the lower one that holds already."""
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
