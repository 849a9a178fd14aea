"""Every problem over many seeds: variants made, keys verified, examples tried, repeats counted."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from multiprocessing import get_context
from typing import Any

from grader.bank.findings import ERROR, WARNING, Finding, merged
from grader.bank.linting import Drawn, Examined, examine, fixed_cases
from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variant import Variant, variant_bytes
from grader.errors import BankErrors
from grader.grading import grade
from grader.isolation import Isolation

CHUNK = 25
FEW_VARIANTS = 20

Progress = Callable[[str, int], None]
"""Hears a problem's id and how many more seeds of it are done."""


@dataclass(frozen=True)
class ProblemSweep:
    """What the seeds of one problem showed; `distinct` counts variants that a student could tell apart."""

    id: str
    seeds: int
    distinct: int
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_clean(self) -> bool:
        """Whether nothing must be mended."""
        return not any(finding.severity == ERROR for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The sweep for programs."""
        findings = [finding.to_json() for finding in self.findings]
        return {"id": self.id, "seeds": self.seeds, "distinct": self.distinct, "findings": findings}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A few seeds of one problem, as they go to a process."""

    id: str
    source: str
    file: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a chunk showed: findings, and for each variant made a fingerprint."""

    chunk: Chunk
    findings: tuple[Finding, ...]
    fingerprints: tuple[tuple[int, str], ...]


def sweep(
    problems: Sequence[Problem], seeds: int, jobs: int = 1, progress: Progress = lambda _id, _count: None
) -> tuple[ProblemSweep, ...]:
    """The sweep of each problem over seeds 0, 1, 2, …; `jobs` processes share the work."""
    found: dict[str, list[Swept]] = {problem.id: [] for problem in problems}
    for swept in _swept(chunks(problems, seeds), jobs):
        found[swept.chunk.id].append(swept)
        progress(swept.chunk.id, swept.chunk.last - swept.chunk.first)
    return tuple(joined(problem, seeds, found[problem.id]) for problem in problems)


def chunks(problems: Sequence[Problem], seeds: int) -> Iterator[Chunk]:
    """The work of a sweep in pieces that a process can take."""
    for problem in problems:
        for first in range(0, seeds, CHUNK):
            yield Chunk(problem.id, problem.source, problem.file, first, min(first + CHUNK, seeds))


def _swept(chunks: Iterator[Chunk], jobs: int) -> Iterator[Swept]:
    if jobs <= 1:
        yield from map(sweep_chunk, chunks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_collect_seldom) as pool:
        waiting: list[Future[Swept]] = [pool.submit(sweep_chunk, chunk) for chunk in chunks]
        for future in as_completed(waiting):
            yield future.result()


def _collect_seldom() -> None:
    """Much is kept on purpose in a process of a sweep; looking through it again and again takes a fifth of the time."""
    gc.set_threshold(50_000, 20, 50)


def sweep_chunk(chunk: Chunk) -> Swept:
    """The findings of a few seeds; runs in a process of its own."""
    problem = _loaded(chunk.source, chunk.file)
    findings: list[Finding] = []
    fingerprints: list[tuple[int, str]] = []
    for seed in range(chunk.first, chunk.last):
        variant, found = examine(problem, seed, grade, _known(problem.version, problem.file))
        findings.extend(found)
        if variant is not None:
            fingerprints.append((seed, fingerprint(variant)))
    if chunk.first == 0:
        findings.extend(fixed_cases(problem, grade))
    return Swept(chunk, tuple(findings), tuple(fingerprints))


@lru_cache(maxsize=8)
def _loaded(source: str, file: str) -> Problem:
    return load_problem(source, file)


@lru_cache(maxsize=2)
def _known(version: str, file: str) -> dict[Drawn, Examined]:
    """What this process has seen of a problem in a file: the same draw on another seed is not examined again."""
    del version, file
    return {}


def fingerprint(variant: Variant) -> str:
    """The same for variants that show a student the same questions, whatever their seeds."""
    return sha256(variant_bytes(variant.without_seed())).hexdigest()


def joined(problem: Problem, seeds: int, swept: Sequence[Swept]) -> ProblemSweep:
    """The pieces of one problem put together."""
    findings = [finding for part in swept for finding in part.findings]
    distinct = len({made for part in swept for _, made in part.fingerprints})
    if problem.parameters and distinct < min(FEW_VARIANTS, seeds // 2):
        message = f"Only {distinct} different variants came from {seeds} seeds."
        error = problem.document.error(("parameters",), message, "Let the parameters range wider.", at_key=True)
        findings.append(Finding.of(error, "few-variants", WARNING, problem.id))
    return ProblemSweep(problem.id, seeds, distinct, merged(findings))


SMALL_CHUNK = 10
CHUNK_SECONDS = 40.0  # ten seeds take a second or two; this is for a problem that never ends


State = tuple[int, int, tuple[Finding, ...]]
"""So many seeds are done, so many variants were different, this was found."""


def sweep_within(process: Callable[[], Isolation], source: str, seeds: int) -> Iterator[State]:
    """The sweep of a text in a child process, told again and again while it goes on.

    GivenUp where a few variants go past the limits.
    """
    swept: list[Swept] = []
    for first in range(0, seeds, SMALL_CHUNK):
        chunk = Chunk("", source, "", first, min(first + SMALL_CHUNK, seeds))
        isolation = process()
        swept.append(isolation.start(_sweep_or_faults, chunk, seconds=CHUNK_SECONDS)())
        yield isolation.start(_state, source, chunk.last, tuple(swept))()


def _sweep_or_faults(chunk: Chunk) -> Swept:
    """The findings of a few seeds, or the faults of a text that cannot be read."""
    try:
        return sweep_chunk(chunk)
    except BankErrors as error:
        return Swept(chunk, tuple(Finding.of(fault, "file") for fault in error.errors), ())


def _state(source: str, done: int, swept: Sequence[Swept]) -> State:
    """The pieces put together."""
    try:
        whole = joined(_loaded(source, ""), done, swept)
    except BankErrors:
        return done, 0, merged(finding for part in swept for finding in part.findings)
    return done, whole.distinct, whole.findings
