"""A university's load on one machine: gunicorn, PostgreSQL, Redis and two workers, beside a route that only commits.

    .venv/bin/python bench/load.py                        # 2,000 students, about five minutes
    .venv/bin/python bench/load.py --students 100 --seconds 5

The students start an assignment within a minute; then submissions are sent as fast as they are taken, then at 70 %
of that rate. The bare route is measured before and after, by the same generator, in a process of its own.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from dataclasses import replace

from measuring import HEAD, PROBLEM, measure, start_requests, submit_requests
from sqlalchemy import Engine, text
from stack import REDIS, Stack, database, free_port, heed_termination, make_place, wait_for

from grader.services.policies import Policy
from grader.store.database import open_engine

LATE = 0.7
ANSWERS_EACH = 6
WARMING = 20
"""Students who come before anything is measured, while judging processes start."""


def bare_requests() -> list[list[str]]:
    """One commit after the other."""
    return [["POST", "/commit", "", "{}"]]


def start_bare(stack: Stack, engine: Engine, processes: int) -> int:
    """The bare route with the same server, threads and processes; its port."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bench_rows (id bigserial PRIMARY KEY, word text)"))
    port = free_port()
    options = ["--chdir", "bench", "-k", "gthread", "--threads", "16", "-w", str(processes), "--log-level", "warning"]
    stack.start(sys.executable, "-m", "gunicorn", *options, "-b", f"127.0.0.1:{port}", "bare:app()")
    wait_for(f"http://127.0.0.1:{port}/readyz")
    return port


def run(students: int, seconds: float, starting: float, processes: int, workers: int, connections: int) -> bool:
    """The whole story; whether it is as it should be."""
    with database("grader_load") as url, closing(Stack(url, REDIS, {"GRADER_ANSWERS_AT_ONCE": "16"})) as stack:
        engine = open_engine(url)
        place = make_place(engine, PROBLEM, students + WARMING, Policy())
        port = free_port()
        stack.serve(port, processes)
        for _ in range(workers):
            stack.work()
        first, place = (replace(place, students=some) for some in (place.students[:WARMING], place.students[WARMING:]))
        measure("first students", port, start_requests(first), 8, 600)
        measure("first answers", port, submit_requests(engine, first, ANSWERS_EACH), 8, 600)
        print(HEAD)
        rate = students / starting
        begun = measure(f"{students} students start", port, start_requests(place), 64, 4 * starting, rate=rate)
        print(begun)
        bare_port = start_bare(stack, engine, processes)
        before = measure("bare commit, before", bare_port, bare_requests(), connections, seconds, again=True)
        print(before)
        answers = submit_requests(engine, place, ANSWERS_EACH)
        top = measure("submissions, as fast as they go", port, answers, connections, seconds, again=True)
        print(top)
        answers = answers[::-1]
        steady = measure(
            f"submissions at {LATE:.0%} of that", port, answers, 64, seconds, again=True, rate=LATE * top.rate
        )
        print(steady)
        after = measure("bare commit, after", bare_port, bare_requests(), connections, seconds, again=True)
        print(after)
        engine.dispose()
    bare = (before.rate + after.rate) / 2
    errors = begun.errors + top.errors + steady.errors
    print(f"submissions / bare commits: {top.rate / bare:.2f} (wanted: 0.5 or more)")
    print(f"p99 at {LATE:.0%}: {steady.p99:.0f} ms (wanted: under 1000); errors: {errors} (wanted: 0)")
    return top.rate >= bare / 2 and steady.p99 < 1000 and not errors


def main() -> None:
    """Measure and print; exit 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--starting", type=float, default=60, help="seconds within which all students start")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    heed_termination()
    is_good = run(given.students, given.seconds, given.starting, given.processes, given.workers, given.connections)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
