"""A university's load on one machine: gunicorn, PostgreSQL, Redis and two workers, beside a route that only commits.

    .venv/bin/python bench/load.py                        # 2,000 students, about five minutes
    .venv/bin/python bench/load.py --students 100 --seconds 5
    .venv/bin/python bench/load.py --growth               # cost per submission from 10,000 to 1,000,000 stored

The students start an assignment within a minute; then submissions are sent as fast as they are taken, then at 70 %
of that rate. The bare route is measured before and after, by the same generator, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from growth import STEPS, fill
from sqlalchemy import Engine, text
from stack import REDIS, ROOT, Place, Stack, database, free_port, make_place, wait_for

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant
from grader.services.policies import Policy
from grader.store.database import open_engine

PROBLEM = "derivative-chain-power"
LATE = 0.7
ANSWERS_EACH = 6
WARMING = 20
"""Students who come before anything is measured, while judging processes start."""


@dataclass(frozen=True)
class Figures:
    """One line of the report; times in milliseconds."""

    name: str
    rate: float
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int]
    bodies: dict[str, str]

    @property
    def errors(self) -> int:
        """Requests that did not succeed."""
        return sum(number for status, number in self.statuses.items() if not status.startswith("2"))

    def __str__(self) -> str:
        times = f"{self.p50:9.1f} {self.p95:9.1f} {self.p99:9.1f}"
        return f"{self.name:<34} {self.rate:8.1f} {times} {self.errors:7d}   {self.statuses}"


HEAD = f"{'':<34} {'per s':>8} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9} {'errors':>7}"


def measure(
    name: str, port: int, requests: Sequence[Sequence[str]], connections: int, seconds: float, **options: Any
) -> Figures:
    """Run a plan in a process of its own."""
    plan = {"port": port, "connections": connections, "seconds": seconds, "rate": 0, "again": False, **options}
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "plan.json", Path(folder) / "report.json"
        given.write_text(json.dumps({**plan, "requests": requests}), encoding="utf-8")
        generator = [sys.executable, str(ROOT / "bench" / "generating.py"), str(given), str(found)]
        subprocess.run(generator, check=True)
        report = json.loads(found.read_text(encoding="utf-8"))
    times = sorted(report["latencies"]) or [0.0]
    p50, p95, p99 = (1000 * times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.95, 0.99))
    return Figures(name, len(times) / report["seconds"], p50, p95, p99, report["statuses"], report["bodies"])


def start_requests(place: Place) -> list[list[str]]:
    """Each student opens the assignment."""
    path = f"/api/v1/assignments/{place.assignment_id}/students/{{}}/attempts"
    return [["POST", path.format(student), token, "{}"] for student, token in place.students]


def submit_requests(engine: Engine, place: Place, each: int) -> list[list[str]]:
    """Answers of all students to their own variants, right and wrong, in an order as in earnest: mixed."""
    tokens = dict(place.students)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT a.id, a.student_id, v.seed FROM attempts a JOIN variants v ON v.id = a.variant_id")
        ).all()
    problem, rng, found = load_problem(place.source), Random(1), []
    for attempt_id, student_id, seed in rows:
        if student_id not in tokens:
            continue
        variant = make_variant(problem, seed)
        for number in range(each):
            texts = {part.id: _written(part.answer_text, number) for part in variant.parts}
            body = json.dumps({"responses": texts})
            found.append(["POST", f"/api/v1/attempts/{attempt_id}/submissions", tokens[student_id], body])
    rng.shuffle(found)
    return found


def _written(answer: str, number: int) -> str:
    """The right answer written in several ways, and wrong ones."""
    return (answer, f"{answer} + 1", f"2*({answer})", f"({answer})*1", f"({answer}) + {number} - {number}", "x")[
        number % 6
    ]


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


def run_growth(requests: int, most: int) -> bool:
    """Cost per submission with ever more stored; whether it stays within 10 %."""
    costs = []
    steps = [step for step in STEPS if step <= most]
    with database("grader_growth") as url, closing(Stack(url)) as stack:
        engine = open_engine(url)
        place = make_place(engine, PROBLEM, requests, Policy())
        port = free_port()
        stack.serve(port, 1)
        measure("start", port, start_requests(place), 4, 3600)
        answers = sorted(submit_requests(engine, place, len(steps) + 1), key=lambda one: one[1])
        rounds = [answers[number :: len(steps) + 1] for number in range(len(steps) + 1)]
        measure("warm up", port, rounds.pop(), 1, 3600)
        print(HEAD)
        for stored, one_each in zip(steps, rounds, strict=True):
            fill(engine, place.assignment_id, stored)
            figures = measure(f"{stored:,} stored", port, one_each, 1, 3600)
            print(figures)
            costs.append(figures.p50)
        engine.dispose()
    spread = max(costs) / min(costs) - 1
    print(f"cost per submission, median of {median(costs):.1f} ms, differs by {spread:.1%} (wanted: 10 % or less)")
    return spread <= 0.1


def main() -> None:
    """Measure and print; exit 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--starting", type=float, default=60, help="seconds within which all students start")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--requests", type=int, default=300, help="submissions for each step of --growth")
    parser.add_argument("--most", type=int, default=STEPS[-1], help="stored submissions at which --growth ends")
    given = parser.parse_args()
    if given.growth:
        is_good = run_growth(given.requests, given.most)
    else:
        is_good = run(given.students, given.seconds, given.starting, given.processes, given.workers, given.connections)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
