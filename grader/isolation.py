"""Judging in warm, killable child processes with limits on time and memory.

A child that is killed, runs out of memory or dies makes the part it was judging undecided, never
wrong; other parts are judged in fresh children. Children are replaced after some thousand tasks.
The clock is looked at here alone: what judging itself gives up on depends on the texts only.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from grader.bank.keeping import pack
from grader.bank.loading import load_problem
from grader.bank.problem import Problem
from grader.bank.variant import Variant, VariantPart
from grader.bank.variants import draw, make_variant, variant_of
from grader.checking.equality import Budget
from grader.checking.verdict import Outcome, OutOfBudget
from grader.child_limits import prepare_child, within_processor_time
from grader.errors import BankError, GraderError, Unavailable
from grader.grading import PartResult, Result, follow, followers, grade_part, require_known_parts, undecided
from grader.pairs import Judgement, Pair, judge
from grader.remembering import Remembered

T = TypeVar("T")
LOG = logging.getLogger(__name__)
Ready = Callable[[str, int], Variant | None]
"""(problem source, seed) -> the variant, where it was made before and kept."""
_BUDGET = Budget()
MOST_KILLED = 3
"""So often a task is begun whose child is killed from outside, as by the kernel for want of memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use for one task, and how many tasks it lives for.

    `proving_seconds` is for a part that is judged again in the background, where nobody waits.
    `mebibytes` counts all memory of a child, libraries included. `waiting_seconds` is how long a task may wait
    for a free child. `niceness` above 0 lets all else on the machine go first.
    """

    seconds: float = 10.0
    proving_seconds: float = 30.0
    preparing_seconds: float = 30.0
    mebibytes: int = 300
    workers: int = 1
    tasks: int = 10_000
    waiting_seconds: float = 60.0
    niceness: int = 0


class GivenUp(GraderError):
    """A task went past its limits; `limit` says past which, in the words of `OutOfBudget`."""

    def __init__(self, message: str, limit: str = "") -> None:
        super().__init__(message)
        self.limit = limit

    def evidence(self) -> OutOfBudget:
        """The evidence that there is none."""
        return OutOfBudget(str(self), self.limit)


class _Killed(GivenUp):
    """The child was killed from outside."""


class JudgeStopped(Unavailable):
    """The judge is not running, or stops just now: what was to be judged waits for another, and is no verdict."""


class Isolation:
    """Child processes that judge, started by `open` or `with` and stopped by `close`.

    The children are started anew, not forked from a server with threads, and have judged once before
    they are given a task, so that no student waits for imports.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._pool: ProcessPool | None = None
        self._is_closing = False
        self._renewing = Lock()
        self._running: set[Future[Any]] = set()
        self._ended = 0
        self.remembered = Remembered()

    def open(self) -> Self:
        """Start the children; they warm up while the caller goes on."""
        if self._pool is None:
            self._is_closing = False
            self._pool = ProcessPool(
                max_workers=self.limits.workers,
                max_tasks=self.limits.tasks,
                initializer=prepare_child,
                initargs=(self.limits.mebibytes, self.limits.niceness),
                context=multiprocessing.get_context("spawn"),
            )
            for _ in range(self.limits.workers):
                self._pool.schedule(_nothing)
        return self

    def close(self) -> None:
        """Stop the children, whatever they are doing; who waits for one gets JudgeStopped."""
        self._is_closing = True
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without types
            self._pool.join()
            self._pool = None
        self._give_up_waiting()

    @property
    def is_running(self) -> bool:
        """Whether there are children that can be given something to judge."""
        pool = self._pool
        return pool is not None and bool(pool.active)

    def __enter__(self) -> Self:
        """Open it."""
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def start(self, task: Callable[..., T], *args: Any, seconds: float | None = None) -> Callable[[], T]:
        """Begin the task in a child; calling what is returned waits for it, and raises GivenUp or its error.

        A child that somebody killed from outside says nothing about the task, which is begun again.
        """
        if self._pool is None:
            return _not_running
        limit = seconds or self.limits.seconds
        first = self._begin(limit, task, *args)

        def wait() -> T:
            running = first
            for _ in range(MOST_KILLED - 1):
                try:
                    return self._outcome(running, limit)
                except _Killed:
                    running = self._begin(limit, task, *args)
            try:
                return self._outcome(running, limit)
            except _Killed as killed:
                raise GivenUp(str(killed), "process") from None

        return wait

    def _begin(self, limit: float, task: Callable[..., T], *args: Any) -> Future[T]:
        pool = self._pool
        if pool is None:
            _not_running()
        try:
            future: Future[T] = pool.schedule(within_processor_time, args=(limit, task, *args), timeout=limit)
        except RuntimeError:  # it was stopped, or is broken: its children cannot be told anything any more
            self._renew(pool)
            _not_running()
        self._running.add(future)
        future.add_done_callback(self._note_end)
        return future

    def _note_end(self, future: Future[Any]) -> None:
        """Count what the children have come to an end with, as a sign that they can be reached."""
        self._running.discard(future)
        if not future.cancelled():
            self._ended += 1

    def _outcome(self, future: Future[T], limit: float) -> T:
        """What a child has found; JudgeStopped where none will find anything."""
        pool, ended = self._pool, self._ended
        try:
            return future.result(limit + self.limits.waiting_seconds)
        except TimeoutError:
            if not future.done():
                if self._ended == ended:  # a child that was killed while it took a task leaves the others waiting
                    self._renew(pool)
                raise JudgeStopped("no process has taken it on") from None
            raise GivenUp(f"it took longer than {limit:g} seconds", "time") from None
        except MemoryError:
            raise GivenUp(f"it needed more than {self.limits.mebibytes} MiB of memory", "memory") from None
        except ProcessExpired as ended:
            if self._is_closing:
                raise JudgeStopped("the judge was stopped") from None
            message = "the process that judged it ended"
            raise (_Killed(message) if ended.exitcode == -signal.SIGKILL else GivenUp(message, "process")) from None
        except (CancelledError, BrokenProcessPool):
            self._renew(pool)
            raise JudgeStopped("the judge was stopped") from None

    def _give_up_waiting(self) -> None:
        """Tell those who wait for a pool that is no more; it leaves them without an answer."""
        for future in tuple(self._running):
            future.cancel()

    def _renew(self, broken: ProcessPool | None) -> None:
        """Put new children in the place of ones that cannot be reached any more."""
        with self._renewing:
            if self._is_closing or broken is None or self._pool is not broken:
                return
            LOG.error("the judging processes cannot be reached; others are started")
            broken.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without types
            self._pool = None
            self._give_up_waiting()
            self.open()


def _none_ready(_source: str, _seed: int) -> Variant | None:
    """Nothing was made before."""
    return None


def grade_within(
    isolation: Isolation, source: str, seed: int, responses: Mapping[str, str], *, ready: Ready = _none_ready
) -> Result:
    """The result of the responses to a problem file at a seed, made (unless it is ready) and judged in children."""
    return grade_variant_within(isolation, ready(source, seed) or variant_within(isolation, source, seed), responses)


def prove_within(
    isolation: Isolation, source: str, seed: int, responses: Mapping[str, str], *, ready: Ready = _none_ready
) -> Result:
    """The same in the background: with time for slow proofs, and one part after the other.

    So it never takes more than one child from the students who wait.
    """
    variant = ready(source, seed) or variant_within(isolation, source, seed)
    require_known_parts([part.id for part in variant.parts], responses)
    budget, seconds = Budget(prove=True), isolation.limits.proving_seconds
    found = []
    for part in variant.parts:
        wait = _start_part(isolation, part, responses.get(part.id, ""), budget, seconds)
        found.append(_finish_part(part, wait))
    return Result.of(_followed(isolation, variant, responses, found, budget, seconds))


def variant_within(isolation: Isolation, source: str, seed: int) -> Variant:
    """The variant of a problem file; BankError where preparing it goes past the limits."""
    return _prepared(isolation, _variant, source, seed)


def pack_within(isolation: Isolation, source: str, seed: int) -> Mapping[str, bytes]:
    """The variant of a problem file in each of its languages, packed to be kept; errors as in `variant_within`."""
    return _prepared(isolation, _packed, source, seed)


def _prepared(isolation: Isolation, task: Callable[[str, int], T], source: str, seed: int) -> T:
    wait = isolation.start(task, source, seed, seconds=isolation.limits.preparing_seconds)
    try:
        return wait()
    except GivenUp as error:
        raise BankError(f"The problem could not be prepared: {error}.") from None


def grade_variant_within(isolation: Isolation, variant: Variant, responses: Mapping[str, str]) -> Result:
    """The result of the responses, each part a task of its own: one slow part never touches the others."""
    require_known_parts([part.id for part in variant.parts], responses)
    waiting = [(part, _start_unless_known(isolation, part, responses.get(part.id, ""))) for part in variant.parts]
    found = [_finish_part(part, wait) for part, wait in waiting]
    return Result.of(_followed(isolation, variant, responses, found))


def _followed(
    isolation: Isolation,
    variant: Variant,
    responses: Mapping[str, str],
    found: Sequence[PartResult],
    budget: Budget = _BUDGET,
    seconds: float | None = None,
) -> tuple[PartResult, ...]:
    """The results, wrong parts judged once more from the student's own answers to those before."""
    results = list(found)
    for place, earlier in followers(variant, found):
        part = variant.parts[place]
        wait = isolation.start(
            follow, part, responses[part.id], results[place], earlier, responses[earlier.id], budget, seconds=seconds
        )
        results[place] = _finish_part(part, wait)
    return tuple(results)


def judge_within(isolation: Isolation, pair: Pair, *, prove: bool = False) -> Judgement:
    """The judgement on a pair, made in a child process; undecided where it goes past the limits."""
    wait = isolation.start(_judge, pair, prove)
    try:
        return wait()
    except GivenUp as error:
        evidence = error.evidence()
        elapsed = 1000 * isolation.limits.seconds
        return Judgement(pair.id, Outcome.UNDECIDED, evidence, str(evidence), None, elapsed)


def _not_running() -> NoReturn:
    raise JudgeStopped("the judge is not running")


def _start_unless_known(isolation: Isolation, part: VariantPart, text: str) -> Callable[[], PartResult]:
    """The result where the same answer to the same part was judged here before, else that of a child."""
    if not text.strip():
        return lambda: grade_part(part, "")
    known = isolation.remembered.find(part, text)
    if known is not None:
        return lambda: known
    wait = isolation.start(_grade_packed, part.packed, text)

    def judged() -> PartResult:
        result = wait()
        isolation.remembered.keep(part, text, result)
        return result

    return judged


def _start_part(
    isolation: Isolation, part: VariantPart, text: str, budget: Budget, seconds: float
) -> Callable[[], PartResult]:
    if not text.strip():
        return lambda: grade_part(part, "")
    return isolation.start(grade_part, part, text, budget, seconds=seconds)


def _finish_part(part: VariantPart, wait: Callable[[], PartResult]) -> PartResult:
    try:
        return wait()
    except GivenUp as error:
        return undecided(part.id, part.points, error.evidence())


def _judge(pair: Pair, prove: bool) -> Judgement:
    return judge(pair, prove=prove)


def _grade_packed(packed: bytes, text: str) -> PartResult:
    return grade_part(_part(packed), text)


@lru_cache(maxsize=64)
def _part(packed: bytes) -> VariantPart:
    part: VariantPart = pickle.loads(packed)  # noqa: S301 - our own process has sent it
    return part


@lru_cache(maxsize=64)
def _variant(source: str, seed: int) -> Variant:
    return make_variant(_problem(source), seed)


def _packed(source: str, seed: int) -> Mapping[str, bytes]:
    problem = _problem(source)
    values = draw(problem, seed)
    return {
        language: pack(variant_of(problem, values, seed, verify=place == 0, language=language))
        for place, language in enumerate(problem.languages)
    }


@lru_cache(maxsize=64)
def _problem(source: str) -> Problem:
    return load_problem(source, "problem.yaml")


def _nothing() -> None:
    """A task that only makes a child start."""
