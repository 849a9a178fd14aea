"""Judging many lines in several processes, with the lines out in the order of the lines in."""

from __future__ import annotations

import multiprocessing
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import TimeoutError as OutOfTimeError
from itertools import islice

from pebble import CONSTS, ProcessExpired, ProcessFuture, ProcessPool

from grader.cli.batch import judge_line, lost_line

Lines = tuple[bytes | None, ...]

CHUNK_LINES = 32  # enough that handing lines over costs less than judging them
LINE_SECONDS = 60.0  # a line is judged in milliseconds; this is for one that never ends
AHEAD = 4  # chunks in flight for each process, so that none of them waits
POLLING = 0.01  # seconds after which the pool sees that all is done; by itself it takes ten times as long
# Where it is safe, the processes are copies of this one, which has loaded everything: starting anew takes as long
# as judging some hundred lines. They are made before the pool has any thread.
START = "fork" if sys.platform == "linux" else "spawn"


def judge_chunk(chunk: Lines, first: int, prove: bool) -> str:
    """The lines out for some lines in, of which the first has this number; runs in a process of the pool."""
    return "\n".join([judge_line(line, number, prove=prove) for number, line in enumerate(chunk, start=first)])


def judge_all(lines: Iterator[bytes | None], jobs: int, *, prove: bool) -> Iterator[str]:
    """The lines out in their order, some in one text; a line that kills its process or never ends costs only itself."""
    CONSTS.sleep_unit = POLLING
    following = 1
    with ProcessPool(max_workers=jobs, context=multiprocessing.get_context(START)) as pool:
        waiting: deque[tuple[Lines, int, ProcessFuture[str]]] = deque()
        while True:
            while len(waiting) < jobs * AHEAD and (chunk := tuple(islice(lines, CHUNK_LINES))):
                future = pool.schedule(judge_chunk, args=(chunk, following, prove), timeout=LINE_SECONDS)
                waiting.append((chunk, following, future))
                following += len(chunk)
            if not waiting:
                return
            chunk, first, future = waiting.popleft()
            try:
                yield future.result()
            except (OutOfTimeError, ProcessExpired):
                yield from _one_by_one(pool, chunk, first, prove=prove)


def _one_by_one(pool: ProcessPool, chunk: Lines, first: int, *, prove: bool) -> Iterator[str]:
    """The lines of a chunk that was lost, each by itself, to find the one at fault."""
    for number, line in enumerate(chunk, start=first):
        future = pool.schedule(judge_chunk, args=((line,), number, prove), timeout=LINE_SECONDS)
        try:
            yield future.result()
        except OutOfTimeError:
            yield lost_line(line, number, f"Judging took longer than {LINE_SECONDS:g} seconds and was stopped.")
        except ProcessExpired:
            yield lost_line(line, number, "The process that judged this line ended unexpectedly.")
