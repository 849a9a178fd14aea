"""Plans of requests for bench/generating.py, and the figures that it brings back."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, text
from stack import ROOT, Place

from grader.bank.loading import load_problem
from grader.bank.variants import make_variant

PROBLEM = "derivative-chain-power"
HEAD = f"{'':<34} {'per s':>8} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9} {'errors':>7}"


@dataclass(frozen=True)
class Figures:
    """One line of the report; times in milliseconds."""

    name: str
    rate: float
    p50: float
    p95: float
    p99: float
    statuses: dict[str, int]

    @property
    def errors(self) -> int:
        """Requests that did not succeed."""
        return sum(number for status, number in self.statuses.items() if not status.startswith("2"))

    def __str__(self) -> str:
        times = f"{self.p50:9.1f} {self.p95:9.1f} {self.p99:9.1f}"
        return f"{self.name:<34} {self.rate:8.1f} {times} {self.errors:7d}   {self.statuses}"


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
    return Figures(name, len(times) / report["seconds"], p50, p95, p99, report["statuses"])


def start_requests(place: Place) -> list[list[str]]:
    """Each student opens the assignment."""
    path = f"/api/v1/assignments/{place.assignment_id}/students/{{}}/attempts"
    return [["POST", path.format(student), token, "{}"] for student, token in place.students]


def submit_requests(engine: Engine, place: Place, each: int) -> list[list[str]]:
    """Answers of all students to their own variants, right and wrong, in an order as in earnest: mixed."""
    tokens = dict(place.students)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT a.id, a.student_id, v.seed FROM attempts a JOIN variants v ON v.id = a.variant_id ORDER BY a.id"
            )
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
