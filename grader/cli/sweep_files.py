"""The report of a sweep as a file: every problem in numbers, and the page that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from grader.bank.findings import Finding
from grader.bank.loading import load_problem
from grader.bank.measuring import Measure, measure_problem
from grader.bank.problem import Problem
from grader.errors import InvalidRequest
from grader.sweep import ProblemSweep
from grader.web.sweep_report import Swept, sweep_page

Work = tuple[str, str, int]
"""The text of a problem, its file, and how many seeds."""


def measured(
    problems: Sequence[Problem], seeds: int, jobs: int, progress: Callable[[int], None]
) -> tuple[tuple[Measure, ...], ...]:
    """The variants of each problem in numbers; `jobs` processes share the work."""
    work = [(problem.source, problem.file, seeds) for problem in problems]
    found = []
    if jobs <= 1:
        for each in map(_measured, work):
            found.append(each)
            progress(seeds)
        return tuple(found)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for each in pool.map(_measured, work):
            found.append(each)
            progress(seeds)
    return tuple(found)


def _measured(work: Work) -> tuple[Measure, ...]:
    source, file, seeds = work
    return measure_problem(load_problem(source, file), seeds)


def require_writable(path: Path | None) -> None:
    """Refuse a place for the report before a long sweep, and not after it."""
    if path is not None and (not path.parent.is_dir() or path.is_dir()):
        raise InvalidRequest(f"{path} cannot be written: name a file in a folder that is there.", "--report")


def write_report(
    path: Path,
    problems: Sequence[Problem],
    sweeps: Sequence[ProblemSweep],
    measures: Sequence[tuple[Measure, ...]],
    broken: Sequence[Finding],
    seeds: int,
) -> None:
    """Write the page."""
    swept = [Swept(*each) for each in zip(problems, sweeps, measures, strict=True)]
    path.write_text(sweep_page(swept, broken, seeds), encoding="utf-8")
