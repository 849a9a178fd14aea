"""A university's load on one machine: gunicorn, PostgreSQL, Redis and two workers, beside a route that only commits.

    .venv/bin/python bench/load.py                        # 2,000 students, about five minutes
    .venv/bin/python bench/load.py --students 100 --seconds 5

The variants are made before the assignment opens, as in earnest. The students start it within a minute; then
submissions are sent as fast as they are taken, then at 70 % of that rate. Two bare routes are measured before and
after, by the same generator, in a process of its own: one in our application, which knows who asks, and one in an
application that has nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from time import monotonic, sleep

from measuring import HEAD, PROBLEM, Figures, measure, start_requests, submit_requests
from sqlalchemy import Engine, text
from stack import REDIS, Place, Stack, database, free_port, heed_termination, make_place, wait_for

from grader.services.policies import Policy
from grader.store.database import open_engine

LATE = 0.7
ANSWERS_EACH = 6
MAKING_SECONDS = 900
WARMING = 20
"""Students who come before anything is measured, while judging processes start."""


@dataclass(frozen=True)
class Bare:
    """A route that only commits."""

    name: str
    factory: str
    requests: Sequence[Sequence[str]]


def bare_routes(place: Place) -> tuple[Bare, Bare]:
    """In our application, and in one with nothing else."""
    ours = [["POST", "/api/v1/commit", token, "{}"] for _, token in place.students]
    return Bare("commit in our application", "bare:in_place()", ours), Bare(
        "commit alone", "bare:app()", [["POST", "/commit", "", "{}"]]
    )


def start_bare(stack: Stack, engine: Engine, bare: Bare, processes: int) -> int:
    """A bare route with the same server, threads and processes; its port."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bench_rows (id bigserial PRIMARY KEY, word text)"))
    port = free_port()
    options = ["--chdir", "bench", "-k", "gthread", "--threads", "16", "-w", str(processes), "--log-level", "warning"]
    stack.start(sys.executable, "-m", "gunicorn", *options, "-b", f"127.0.0.1:{port}", bare.factory)
    wait_for(f"http://127.0.0.1:{port}/readyz")
    return port


def wait_for_variants(engine: Engine, many: int) -> None:
    """Return once the variants of all students are made."""
    until = monotonic() + MAKING_SECONDS
    while monotonic() < until:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT count(DISTINCT seed) FROM ready_variants")) >= many:
                return
        sleep(1)
    raise SystemExit(f"The variants were not ready after {MAKING_SECONDS} s.")


def run(students: int, seconds: float, starting: float, processes: int, workers: int, connections: int) -> bool:
    """The whole story; whether it is as it should be."""
    with database("grader_load") as url, closing(Stack(url, REDIS, {"GRADER_ANSWERS_AT_ONCE": "16"})) as stack:
        engine = open_engine(url)
        place = make_place(engine, PROBLEM, students + WARMING, Policy())
        port = free_port()
        stack.serve(port, processes)
        for _ in range(workers):
            stack.work()
        wait_for_variants(engine, students + WARMING)
        first, place = (replace(place, students=some) for some in (place.students[:WARMING], place.students[WARMING:]))
        measure("first students", port, start_requests(first), 8, 600)
        measure("first answers", port, submit_requests(engine, first, ANSWERS_EACH), 8, 600)
        print(HEAD)
        rate = students / starting
        begun = measure(f"{students} students start", port, start_requests(place), 64, 4 * starting, rate=rate)
        print(begun)
        bare = [(each, start_bare(stack, engine, each, processes)) for each in bare_routes(place)]
        before = [_commits(each, port, "before", connections, seconds) for each, port in bare]
        answers = submit_requests(engine, place, ANSWERS_EACH)
        top = measure("submissions, as fast as they go", port, answers, connections, seconds, again=True)
        print(top)
        answers = answers[::-1]
        steady = measure(
            f"submissions at {LATE:.0%} of that", port, answers, 64, seconds, again=True, rate=LATE * top.rate
        )
        print(steady)
        after = [_commits(each, port, "after", connections, seconds) for each, port in bare]
        engine.dispose()
    ours, alone = ((one.rate + two.rate) / 2 for one, two in zip(before, after, strict=True))
    errors = begun.errors + top.errors + steady.errors
    print(f"submissions / commits in our application: {top.rate / ours:.2f} (wanted: 0.5 or more)")
    print(f"submissions / commits alone: {top.rate / alone:.2f}")
    print(f"p99 at {LATE:.0%}: {steady.p99:.0f} ms (wanted: under 1000); errors: {errors} (wanted: 0)")
    return top.rate >= ours / 2 and steady.p99 < 1000 and not errors


def _commits(bare: Bare, port: int, when: str, connections: int, seconds: float) -> Figures:
    figures = measure(f"{bare.name}, {when}", port, bare.requests, connections, seconds, again=True)
    print(figures)
    return figures


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
