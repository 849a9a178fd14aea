"""The sweep of the file that is being written, in a process beside the page; a newer text ends it."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as OutOfTimeError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from threading import Lock
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from grader.bank.findings import Finding
from grader.bank.problem import Problem
from grader.sweep import Swept, chunks, joined, sweep_chunk

CHUNK_SECONDS = 120.0  # 25 seeds take a few seconds; this is for a problem that never ends


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sweep of one text is, and what it has found."""

    done: int = 0
    seeds: int = 0
    distinct: int = 0
    findings: tuple[Finding, ...] = ()
    failure: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be found."""
        return self.done >= self.seeds or bool(self.failure)


@dataclass
class _Running:
    """The sweep of one text; its parts come in from the pool's own thread."""

    problem: Problem
    seeds: int
    swept: list[Swept] = field(default_factory=list)
    futures: list[ProcessFuture[Swept]] = field(default_factory=list)
    failure: str = ""
    lock: Lock = field(default_factory=Lock)

    def take(self, future: Future[Swept]) -> None:
        """Note what a part has shown, or why it has shown nothing."""
        try:
            swept = future.result()
        except CancelledError:
            return
        except OutOfTimeError:
            self.fail(f"Some variants took longer than {CHUNK_SECONDS:g} seconds, so the sweep was given up.")
            return
        except (ProcessExpired, BrokenProcessPool):  # broken, too, when the page is stopped amid a sweep
            self.fail("The process that swept has ended unexpectedly.")
            return
        with self.lock:
            self.swept.append(swept)

    def fail(self, words: str) -> None:
        """Give up the rest."""
        with self.lock:
            self.failure = words

    def progress(self) -> Progress:
        """What is known now."""
        with self.lock:
            swept, failure = list(self.swept), self.failure
        done = sum(part.chunk.last - part.chunk.first for part in swept)
        if not swept:
            return Progress(seeds=self.seeds, failure=failure)
        whole = joined(self.problem, done, swept)
        return Progress(done, self.seeds, whole.distinct, whole.findings, failure)


class Sweeper:
    """Sweeps the newest text of each file over some seeds, one after the other."""

    def __init__(self, seeds: int) -> None:
        self.seeds = seeds
        self._pool = ProcessPool(max_workers=1, context=get_context("spawn"))
        self._running: dict[str, _Running] = {}
        self._lock = Lock()

    def progress(self, key: str, problem: Problem) -> Progress:
        """How far the sweep of this text is; it begins when it is first asked for."""
        if not self.seeds:
            return Progress()
        with self._lock:
            running = self._running.get(key)
            if running is None or running.problem.version != problem.version:
                for future in running.futures if running is not None else ():
                    future.cancel()  # type: ignore[no-untyped-call]  # pebble leaves it without types
                running = self._running[key] = self._begin(problem)
        return running.progress()

    def _begin(self, problem: Problem) -> _Running:
        running = _Running(problem, self.seeds)
        for chunk in chunks([problem], self.seeds):
            future = self._pool.schedule(sweep_chunk, args=(chunk,), timeout=CHUNK_SECONDS)
            running.futures.append(future)
            future.add_done_callback(running.take)
        return running

    def close(self) -> None:
        """Stop, whatever is being swept."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without types
        self._pool.join()

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
