"""Judging in warm, killable child processes with limits on time and memory.

A child that is killed, runs out of memory or dies makes the part it was judging undecided, never
wrong; other parts are judged in fresh children. Children are replaced after some hundred tasks.
"""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from grader.bank.loading import load_problem
from grader.bank.variant import Variant, VariantPart
from grader.bank.variants import make_variant
from grader.checking.verdict import Outcome, OutOfBudget
from grader.errors import BankError, GraderError
from grader.grading import PartResult, Result, grade_part, require_known_parts, undecided
from grader.pairs import Judgement, Pair, judge

T = TypeVar("T")
_MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use for one task, and how many tasks it lives for."""

    seconds: float = 10.0
    preparing_seconds: float = 30.0
    mebibytes: int = 2048
    workers: int = 1
    tasks: int = 500


class GivenUp(GraderError):
    """A task went past its limits; the text says past which."""


class Isolation:
    """Child processes that judge, started by `open` or `with` and stopped by `close`.

    The children are started anew, not forked from a server with threads, and have judged once before
    they are given a task, so that no student waits for imports.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._pool: ProcessPool | None = None

    def open(self) -> Self:
        """Start the children; they warm up while the caller goes on."""
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self.limits.workers,
                max_tasks=self.limits.tasks,
                initializer=_prepare_child,
                initargs=(self.limits.mebibytes,),
                context=multiprocessing.get_context("spawn"),
            )
            for _ in range(self.limits.workers):
                self._pool.schedule(_nothing)
        return self

    def close(self) -> None:
        """Stop the children, whatever they are doing."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without types
            self._pool.join()
            self._pool = None

    def __enter__(self) -> Self:
        """Open it."""
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def start(self, task: Callable[..., T], *args: Any, seconds: float | None = None) -> Callable[[], T]:
        """Begin the task in a child; calling what is returned waits for it, and raises GivenUp or its error."""
        if self._pool is None:
            return _not_running
        limit = seconds or self.limits.seconds
        future = self._pool.schedule(task, args=args, timeout=limit)

        def wait() -> T:
            try:
                return future.result()
            except TimeoutError:
                raise GivenUp(f"it took longer than {limit:g} seconds") from None
            except MemoryError:
                raise GivenUp(f"it needed more than {self.limits.mebibytes} MiB of memory") from None
            except (ProcessExpired, CancelledError):
                raise GivenUp("the process that judged it ended") from None

        return wait


def grade_within(isolation: Isolation, source: str, seed: int, responses: Mapping[str, str]) -> Result:
    """The result of the responses to a problem file at a seed, made and judged in child processes."""
    return grade_variant_within(isolation, variant_within(isolation, source, seed), responses)


def variant_within(isolation: Isolation, source: str, seed: int) -> Variant:
    """The variant of a problem file; BankError where preparing it goes past the limits."""
    wait = isolation.start(_variant, source, seed, seconds=isolation.limits.preparing_seconds)
    try:
        return wait()
    except GivenUp as error:
        raise BankError(f"The problem could not be prepared: {error}.") from None


def grade_variant_within(isolation: Isolation, variant: Variant, responses: Mapping[str, str]) -> Result:
    """The result of the responses, each part a task of its own: one slow part never touches the others."""
    require_known_parts([part.id for part in variant.parts], responses)
    waiting = [(part, _start_part(isolation, part, responses.get(part.id, ""))) for part in variant.parts]
    return Result.of(tuple(_finish_part(part, wait) for part, wait in waiting))


def judge_within(isolation: Isolation, pair: Pair, *, prove: bool = False) -> Judgement:
    """The judgement on a pair, made in a child process; undecided where it goes past the limits."""
    wait = isolation.start(_judge, pair, prove)
    try:
        return wait()
    except GivenUp as error:
        evidence = OutOfBudget(str(error))
        elapsed = 1000 * isolation.limits.seconds
        return Judgement(pair.id, Outcome.UNDECIDED, evidence, str(evidence), None, elapsed)


def _not_running() -> NoReturn:
    raise GivenUp("the judge is not running")


def _start_part(isolation: Isolation, part: VariantPart, text: str) -> Callable[[], PartResult]:
    if not text.strip():
        return lambda: grade_part(part, "")
    return isolation.start(grade_part, part, text)


def _finish_part(part: VariantPart, wait: Callable[[], PartResult]) -> PartResult:
    try:
        return wait()
    except GivenUp as error:
        return undecided(part, str(error))


def _judge(pair: Pair, prove: bool) -> Judgement:
    return judge(pair, prove=prove)


@lru_cache(maxsize=64)
def _variant(source: str, seed: int) -> Variant:
    return make_variant(load_problem(source, "problem.yaml"), seed)


def _nothing() -> None:
    """A task that only makes a child start."""


def _prepare_child(mebibytes: int) -> None:
    """Limit the memory of the child and judge once, so that everything is loaded."""
    limit = mebibytes * _MEBIBYTE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    for response, answer in (("2*x*cos(x^2)", "cos(x^2)*x*2"), ("erf(x) + sin(x)^2", "erf(x) + 1 - cos(x)^2")):
        judge(Pair(response, answer, variables={"x": {}}), prove=True)
