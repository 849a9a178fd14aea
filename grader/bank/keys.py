"""Keys of a variant checked by a second route: no engine is believed until another one agrees."""

from __future__ import annotations

from collections.abc import Iterator

from grader.bank.following import values_for
from grader.bank.problem import Options, Problem
from grader.bank.source import Path
from grader.bank.tasks import verify_solved
from grader.bank.values import Found, Values
from grader.errors import BankError, GraderError


def key_faults(problem: Problem, values: Values) -> Iterator[BankError]:
    """The tasks of a variant whose results another route contradicts, each at its place in the file."""
    for path, found in _solved(problem, values):
        if found.task is not None and found.trees is not None and found.solved is not None:
            try:
                verify_solved(found.task, found.trees, found.solved, problem.domain)
            except BankError as error:
                yield error
            except GraderError as error:
                yield values.fault(path, error)


def _solved(problem: Problem, values: Values) -> Iterator[tuple[Path, Found]]:
    """Each task that this variant has solved, once."""
    seen: set[Path] = set()
    for name, found in values.found().items():
        seen.add(problem.derived[name].path)
        if found.path == problem.derived[name].path:
            yield found.path, found
    for part in problem.parts:
        if not isinstance(part.answer, Options) and part.answer.path not in seen:
            found = values_for(part, values).solve(part.answer)
            if found.path == part.answer.path:
                yield found.path, found
