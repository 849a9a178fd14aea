"""Judging many lines in several processes, with the lines out in the order of the lines in."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import TimeoutError as OutOfTimeError
from itertools import islice

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from grader.cli.batch import judge_line, lost_line

Numbered = tuple[int, bytes | None]

CHUNK_LINES = 32  # enough that handing lines over costs less than judging them
LINE_SECONDS = 60.0  # a line is judged in milliseconds; this is for one that never ends
AHEAD = 4  # chunks in flight for each process, so that none of them waits


def judge_chunk(chunk: tuple[Numbered, ...], prove: bool) -> list[str]:
    """The lines out for some lines in; this runs in a process of the pool."""
    return [judge_line(line, number, prove=prove) for number, line in chunk]


def judge_all(lines: Iterable[bytes | None], jobs: int, *, prove: bool) -> Iterator[str]:
    """One line out for each line in; a line that kills its process or never ends costs only itself."""
    numbered = enumerate(lines, start=1)
    context = multiprocessing.get_context("spawn")
    with ProcessPool(max_workers=jobs, context=context) as pool:
        waiting: deque[tuple[tuple[Numbered, ...], ProcessFuture[list[str]]]] = deque()
        while True:
            while len(waiting) < jobs * AHEAD and (chunk := tuple(islice(numbered, CHUNK_LINES))):
                waiting.append((chunk, pool.schedule(judge_chunk, args=(chunk, prove), timeout=LINE_SECONDS)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                yield from future.result()
            except (OutOfTimeError, ProcessExpired):
                yield from _one_by_one(pool, chunk, prove=prove)


def _one_by_one(pool: ProcessPool, chunk: tuple[Numbered, ...], *, prove: bool) -> Iterator[str]:
    """The lines of a chunk that was lost, each by itself, to find the one at fault."""
    for number, line in chunk:
        future = pool.schedule(judge_chunk, args=(((number, line),), prove), timeout=LINE_SECONDS)
        try:
            yield from future.result()
        except OutOfTimeError:
            yield lost_line(line, number, f"Judging took longer than {LINE_SECONDS:g} seconds and was stopped.")
        except ProcessExpired:
            yield lost_line(line, number, "The process that judged this line ended unexpectedly.")
