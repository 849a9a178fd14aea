"""What a submission costs with ever more stored: processor time of the server and of PostgreSQL.

    .venv/bin/python bench/growth.py                      # 10,000, 100,000 and 1,000,000 stored, about seven minutes
    .venv/bin/python bench/growth.py --steps 10000 100000

Each number of stored submissions is a database of its own, filled by statements, with a server of its own.
They are measured in turn, round after round with the same answers of the same students, so that whatever else the
machine does bears on all alike; the cost with so many stored is compared round by round.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from subprocess import Popen
from time import perf_counter

from filling import fill
from measuring import PROBLEM, measure, start_requests, submit_requests
from sqlalchemy import Engine, text
from stack import Stack, database, descendants_of, free_port, heed_termination, make_place

from grader.services.policies import Policy
from grader.store.database import open_engine

STEPS = (10_000, 100_000, 1_000_000)
MOST_DIFFERENT = 0.1
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 3600
WARMING = 2
"""Rounds that are not counted, in which caches fill."""


@dataclass
class Installation:
    """A database with so many stored submissions, and its server."""

    stored: int
    engine: Engine
    server: Popen[bytes]
    port: int
    rounds: Sequence[Sequence[Sequence[str]]]
    costs: list[tuple[float, float]] = field(default_factory=list)

    def play(self, number: int) -> None:
        """One round of submissions; milliseconds of the server and of the database for each are noted."""
        requests = self.rounds[number]
        server, backends = tree_seconds(self.server.pid), self.backends()
        before = {pid: seconds_of(pid) for pid in backends}
        figures = measure(f"{self.stored:,} stored", self.port, requests, 1, PATIENCE)
        if figures.errors:
            raise SystemExit(f"Answers were not taken: {figures.statuses}")
        in_database = sum(seconds_of(pid) - before.get(pid, 0.0) for pid in {*backends, *self.backends()})
        share = 1000 / len(requests)
        if number >= WARMING:
            self.costs.append((share * (tree_seconds(self.server.pid) - server), share * in_database))

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that serve this database."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
        with self.engine.connect() as connection:
            return list(connection.scalars(text(query)))


def seconds_of(number: int) -> float:
    """The processor time that a process and its ended children have used."""
    try:
        times = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:15]
    except OSError:
        return 0.0
    return sum(map(int, times)) / TICKS


def tree_seconds(number: int) -> float:
    """The same of a process with all that it has started."""
    return sum(map(seconds_of, (number, *descendants_of(number))))


def install(opened: ExitStack, stored: int, requests: int, rounds: int) -> Installation:
    """A filled database with its server; the first answers are sent before it is filled, and are copied."""
    url = opened.enter_context(database(f"grader_growth_{stored}"))
    engine = open_engine(url)
    opened.callback(engine.dispose)
    stack = Stack(url)
    opened.callback(stack.close)
    place = make_place(engine, PROBLEM, requests, Policy())
    with engine.begin() as connection:
        connection.execute(text("UPDATE courses SET secret = repeat('5eed', 16)"))
    port = free_port()
    server = stack.serve(port, 1)
    print(measure("start", port, start_requests(place), 4, PATIENCE))
    answers = sorted(submit_requests(engine, place, rounds + 1), key=lambda one: one[1])
    parts = [answers[number :: rounds + 1] for number in range(rounds + 1)]
    measure("first answers", port, parts.pop(), 1, PATIENCE)
    begun = perf_counter()
    fill(engine, place.course_id, stored)
    print(f"{stored:,} stored in {perf_counter() - begun:.0f} s", flush=True)
    return Installation(stored, engine, server, port, parts)


def scans(engine: Engine) -> list[str]:
    """Large tables that were read from end to end since they were filled, in words."""
    query = (
        "SELECT relname, seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE n_live_tup > 1000 AND seq_tup_read > 0"
    )
    with engine.connect() as connection:
        return [f"{name}: {number} times, {rows:,} rows" for name, number, rows in connection.execute(text(query))]


def run(steps: Sequence[int], requests: int, rounds: int) -> bool:
    """The whole measurement; whether the cost stays within the limit."""
    with ExitStack() as opened:
        installations = [install(opened, stored, requests, rounds + WARMING) for stored in steps]
        for number in range(rounds + WARMING):
            for installation in installations if number % 2 else installations[::-1]:
                installation.play(number)
        read_whole = scans(installations[-1].engine)
    print(f"{'stored':>12} {'server ms':>10} {'database ms':>12} {'together':>9} {'to the first':>13}")
    first, grown = installations[0], []
    for one in installations:
        totals = [sum(cost) for cost in one.costs]
        ratio = median(total / sum(base) for total, base in zip(totals, first.costs, strict=True))
        server, in_database = (median(cost[which] for cost in one.costs) for which in (0, 1))
        print(f"{one.stored:12,} {server:10.2f} {in_database:12.2f} {median(totals):9.2f} {ratio:13.3f}")
        grown.append(ratio)
    for sentence in read_whole:
        print(f"read from end to end with {steps[-1]:,} stored: {sentence}")
    spread = max(grown) / min(grown) - 1
    print(f"the cost of a submission differs by {spread:.1%} (wanted: {MOST_DIFFERENT:.0%} or less)")
    return spread <= MOST_DIFFERENT


def main() -> None:
    """Measure and print; exit 1 where the cost grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="how many submissions are stored")
    parser.add_argument("--requests", type=int, default=200, help="submissions for each round")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    heed_termination()
    sys.exit(0 if run(given.steps, given.requests, given.rounds) else 1)


if __name__ == "__main__":
    main()
