"""The values of a problem's parameters at many seeds, drawn a few at a time and kept by the process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from threading import Lock
from time import perf_counter

from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variants import draw, value_text
from grader.errors import GraderError

MOST_KEPT = 50_000
SECONDS = 0.15
"""So long is spent on values that are not known yet; who asks again gets further."""

Drawn = Mapping[str, str]

_kept: OrderedDict[tuple[int, int], Drawn] = OrderedDict()
_lock = Lock()


def drawn_values(version_id: int, source: str, seeds: Iterable[int], seconds: float = SECONDS) -> dict[int, Drawn]:
    """The values by seed, as far as there was time; a text that cannot be read any more has none."""
    found: dict[int, Drawn] = {}
    until = perf_counter() + seconds
    for seed in dict.fromkeys(seeds):
        known = _known(version_id, seed)
        if known is None and perf_counter() < until:
            known = _keep(version_id, seed, _drawn(source, seed))
        if known is not None:
            found[seed] = known
    return found


def _drawn(source: str, seed: int) -> Drawn:
    try:
        values = draw(_problem(source), seed)
    except GraderError:
        return {}
    return {name: value_text(value) for name, value in values.drawn.items()}


@lru_cache(maxsize=64)
def _problem(source: str) -> Problem:
    return load_problem(source, "problem")


def _known(version_id: int, seed: int) -> Drawn | None:
    with _lock:
        found = _kept.get((version_id, seed))
        if found is not None:
            _kept.move_to_end((version_id, seed))
        return found


def _keep(version_id: int, seed: int, values: Drawn) -> Drawn:
    with _lock:
        _kept[version_id, seed] = values
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return values
