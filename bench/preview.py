"""How long the server takes for the preview of an answer, asked as the problem page asks while one types.

Up to 200 problems of the bank, their right answers and the beginnings of them, through the whole application.
A machine that does other things too is slower on the clock; what the server itself takes is the processor's time.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from flask import Flask
from flask.testing import FlaskClient

from grader.bank.loading import load_bank
from grader.config import load_config
from grader.grading import Result, grade
from grader.services.access import Actor
from grader.services.assignments import MOST_PROBLEMS, ChosenProblem, create_assignment
from grader.services.attempts import attempt
from grader.services.demo import DEMO_PASSWORD, create_demo
from grader.services.problems import source_of
from grader.store import schema
from grader.store.database import open_engine, open_sessions
from grader.web.app import create_app, utc_now
from grader.web.fields import name_of
from grader.web.variants import variant_at

PROBLEMS = Path(__file__).parents[1] / "problems"
ADA, TEACHER = Actor(2), Actor(1)
LIMIT_MS = 50
SHARES = (1.0, 0.6)  # of an answer that is typed so far
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def demo_app(folder: Path) -> tuple[Flask, int]:
    """The application with one assignment of all problems, and the id of that."""
    bank = load_bank([PROBLEMS])
    engine = open_engine(f"sqlite:///{folder}/bench.sqlite3")
    schema.upgrade(engine)
    sessions = open_sessions(engine)
    sources = [source_of(problem) for problem in bank.problems.values()]
    with sessions() as session:
        course = create_demo(session, utc_now, sources).course_id
        chosen = [ChosenProblem(one) for one in sources[:MOST_PROBLEMS]]
        everything = create_assignment(session, utc_now, TEACHER, course, "All", chosen)
    config = load_config({"GRADER_DATABASE_URL": str(engine.url), "GRADER_SECRET_KEY": "b" * 40})

    def judge(source: str, seed: int, responses: dict[str, str]) -> Result:
        return grade(variant_at(source, seed), responses)

    app = create_app(config, sessions, bank, judge)  # type: ignore[arg-type]
    app.extensions["bench"] = (sessions, [one.id for one in sources[:MOST_PROBLEMS]])
    return app, everything.id


def main() -> int:
    """Measure and print; 1 where the limit is missed."""
    with tempfile.TemporaryDirectory() as folder:
        app, assignment_id = demo_app(Path(folder))
        times = measure(app, app.test_client(), assignment_id)
    for name, values in (
        ("on the clock", [wall for wall, _ in times]),
        ("of the processor", [cpu for _, cpu in times]),
    ):
        cuts = quantiles(values, n=100)
        print(f"{len(values)} previews, {name}: p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms")
    return int(quantiles([cpu for _, cpu in times], n=100)[94] > LIMIT_MS)


def measure(app: Flask, client: FlaskClient, assignment_id: int) -> list[tuple[float, float]]:
    """Milliseconds for each preview, on the clock and of the processor."""
    sessions, problems = app.extensions["bench"]
    token = _token(client.get("/login").text)
    client.post("/login", data={"csrf_token": token, "login": "ada", "password": DEMO_PASSWORD})
    token = _token(client.get("/help/notation").text)
    times = []
    for problem in problems:
        address = client.get(f"/assignments/{assignment_id}/problems/{problem}").location
        with sessions() as session:
            view = attempt(session, utc_now, ADA, int(address.rsplit("/", 1)[1]))
        for part in variant_at(view.problem_source, view.seed).parts:
            for share in SHARES:
                typed = part.answer_text[: max(1, round(share * len(part.answer_text)))]
                form = {"csrf_token": token, "part": part.id, name_of(part): typed}
                start, cpu = time.perf_counter(), time.process_time()
                reply = client.post(f"{address}/preview", data=form, headers={"Accept": "application/json"})
                times.append((1000 * (time.perf_counter() - start), 1000 * (time.process_time() - cpu)))
                assert reply.status_code == 200, (problem, part.id, reply.status_code)
    return times


def _token(page: str) -> str:
    found = TOKEN.search(page)
    assert found is not None
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
