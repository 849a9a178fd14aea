"""Looking at the text of a problem that is being written: its findings, and its variant at a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from types import TracebackType
from typing import Protocol, Self

from grader.bank.findings import ERROR, Finding, merged
from grader.bank.linting import LINT_SEEDS, Drawn, Examined, lint_problem
from grader.bank.linting import examine as look
from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variant import Variant
from grader.bank.variants import make_variant
from grader.bank.wording import ENGLISH
from grader.errors import BankError, BankErrors
from grader.grading import grade
from grader.isolation import GivenUp, Isolation, Limits
from grader.services.problems import ProblemSource, source_of

LONGEST_SOURCE = 200_000
"""Characters; the longest file of the bank has a tenth of that."""
FILE = "problem.yaml"


@dataclass(frozen=True)
class Examination:
    """What was seen in a text: the problem as an assignment needs it, if it can be read, and what is wrong.

    `variant` is the one at the seed that was asked for; without it, `faults` say why there is none.
    """

    problem: ProblemSource | None
    findings: tuple[Finding, ...] = ()
    variant: Variant | None = None
    faults: tuple[Finding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether students may be given the problem: it can be read, and nothing of it must be mended."""
        return self.problem is not None and not any(finding.severity == ERROR for finding in self.findings)


SEEDS_BEFORE_SAVING = 25
"""So many variants are made before students may be given a text; a sweep, which makes more, is forced on nobody."""


class Examine(Protocol):
    """Looks at a text at a seed, and at so many first seeds besides."""

    def __call__(self, source: str, seed: int, seeds: int = 0) -> Examination:
        """What was seen."""


def examine(source: str, seed: int, seeds: int = 0) -> Examination:
    """All that can be found in a text from the text itself, a few variants, and those of so many first seeds."""
    if len(source) > LONGEST_SOURCE:
        return _refused(f"The text has more than {LONGEST_SOURCE} characters.", "Leave something out.")
    try:
        problem = load_problem(source)
    except BankErrors as error:
        return Examination(None, tuple(Finding.of(fault, "file") for fault in error.errors))
    findings = merged((*linted(problem), *_over(problem, seeds)))
    variant, faults = variant_or_faults(problem, seed)
    return Examination(replace(source_of(problem), source=source), findings, variant, faults)


def examine_within(workshop: Workshop, source: str, seed: int, seeds: int = 0) -> Examination:
    """The same in a child process with limits; what goes past them is a finding, that it is stopped says nothing."""
    if len(source) > LONGEST_SOURCE:
        return examine(source, seed)
    try:
        return workshop.isolation().start(examine, source, seed, seeds)()
    except GivenUp as error:
        return _refused(f"The problem could not be looked at: {error}.", "Let its parameters range less wide.")


def linted(problem: Problem) -> tuple[Finding, ...]:
    """Everything that is wrong with a problem that can be read."""
    return merged(lint_problem(problem, grade))


def _over(problem: Problem, seeds: int) -> Iterator[Finding]:
    """What is wrong with the variants of the first seeds beyond those that lint looks at."""
    known: dict[Drawn, Examined] = {}
    for seed in range(len(LINT_SEEDS), seeds):
        yield from look(problem, seed, grade, known)[1]


def variant_or_faults(
    problem: Problem, seed: int, language: str = ENGLISH
) -> tuple[Variant | None, tuple[Finding, ...]]:
    """The variant, or why there is none at this seed."""
    try:
        return make_variant(problem, seed, language=language), ()
    except BankErrors as error:
        return None, tuple(Finding.of(fault, "variant").at_seed(seed) for fault in error.errors)


STANDS_BACK = 10
"""The niceness of the process for authors' texts, which makes variants ahead, too: judging goes first."""


class Workshop:
    """A child process for the texts of authors, apart from those that judge; it starts when it is first needed."""

    def __init__(self, limits: Limits) -> None:
        self._isolation = Isolation(replace(limits, workers=1, niceness=STANDS_BACK))
        self._lock = Lock()
        self._is_over = False

    def isolation(self) -> Isolation:
        """The process, running; once the workshop is left, one that raises JudgeStopped."""
        with self._lock:
            return self._isolation if self._is_over else self._isolation.open()

    def __enter__(self) -> Self:
        """Nothing runs yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the process, whatever it is doing."""
        with self._lock:
            self._is_over = True
            self._isolation.close()


def _refused(message: str, repair: str) -> Examination:
    return Examination(None, (Finding.of(BankError(message, repair=repair), "limits"),))
