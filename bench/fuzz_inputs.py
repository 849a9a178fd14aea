"""Whether every problem file and every request of the API gets its data or a clear refusal, in time, whatever it is.

    python bench/fuzz_inputs.py yaml|api [--minutes 5 | --cases 300] [--seed 1] [--json]

`yaml`: the bank's own files, cut, doubled and mixed with known poison (alias bombs, tags, deep nesting), are loaded.
`api`: every route that takes a body is sent JSON with hostile values, and bytes that are no JSON.
Reported are errors that are none of ours, replies of 500 and above, words about the inside of the program, and
what takes longer than it may. Exit code 1 if anything was found.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzz import INSIDE, Report

from grader.bank.loading import load_bank, load_problem
from grader.bank.variants import make_variant
from grader.config import load_config
from grader.errors import BankErrors
from grader.grading import grade
from grader.services import courses, tokens, users
from grader.services.access import SCOPES, Actor
from grader.store import schema
from grader.store.database import open_engine, open_sessions
from grader.web.app import create_app

LOADING_SECONDS = 5.0
ANSWERING_SECONDS = 10.0
PROBLEMS = Path(__file__).parents[1] / "problems"
BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))])
YAML_POISON = (
    BOMB,
    "!!python/object/apply:os.system ['true']",
    "id: !!binary aGVsbG8=",
    "id: !!set {a, b}",
    "? [a, b]\n: c",
    "<<: {id: x}",
    "[" * 2_000,
    "{a: " * 2_000,
    "- " * 5_000,
    "id: " + "9" * 10_000,
    "id: 1e999999999",
    "id: .nan",
    "id: 0x" + "f" * 5_000,
    "id: 2001-12-14t21:59:43.10-05:00",
    "id: \x00",
    "id: \ud800",
    "id: \u202e",
    "%YAML 9.9\n---\nid: x",
    "---\nid: a\n---\nid: b",
    "id: |\n" + " x" * 50_000,
    "'" * 10_000,
    "\t\tid: x",
    "id: &x *x",
    "parameters: {a: {integer: [1, 1" + "0" * 400 + "]}}",
    "derived: {f: '" + "(" * 3_000 + "x" + ")" * 3_000 + "'}",
    "derived: {f: '" + "x^" * 2_000 + "x'}",
    "variables: {x: {in: '(0, " + "9" * 3_000 + ")'}}",
)
NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 1.5, -0.0, 1e308)
TEXTS = (
    "",
    "x",
    "\x00",
    "\ud800",
    "a" * 20_000,
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>",
    "٣",
    "\u202e",
    "{{7*7}}",
)


def yaml_cases(draw: random.Random) -> Iterator[str]:
    """Texts of problem files: poison first, then files of the bank that were tampered with."""
    yield from YAML_POISON
    files = [path.read_text(encoding="utf-8") for path in sorted(PROBLEMS.rglob("*.yaml"))]
    while True:
        lines = draw.choice(files).splitlines()
        for _ in range(draw.randint(1, 4)):
            _tamper(draw, lines)
        yield "\n".join(lines)


def _tamper(draw: random.Random, lines: list[str]) -> None:
    """Change a line or some."""
    place = draw.randrange(len(lines)) if lines else 0
    kind = draw.randrange(7)
    if kind == 0:
        lines.insert(place, draw.choice(YAML_POISON))
    elif kind == 1 and lines:
        del lines[place : place + draw.randint(1, 5)]
    elif kind == 2 and lines:
        lines.insert(draw.randrange(len(lines)), lines[place])
    elif kind == 3 and lines:
        lines[place] = " " * draw.randint(0, 6) + lines[place].strip()
    elif lines:
        text = lines[place]
        at = draw.randint(0, len(text))
        lines[place] = text[:at] + draw.choice([*"[]{}:&*!|>'\"%@`#,\\$^()-=", "\x85", "\u2028", "9" * 400]) + text[at:]


def load(text: str, report: Report) -> None:
    """Load one text; anything but a problem or its faults is a finding."""
    case = {"yaml": text}
    try:
        load_problem(text, "problem.yaml")
    except BankErrors as error:
        if INSIDE.search(str(error)):
            report.add("inside shown", "load_problem", case, words=str(error)[:300])
    except Exception as error:  # noqa: BLE001 - a defect, whatever it is, is what is looked for
        report.add("crash", type(error).__name__, case, error=repr(error)[:300])


def hostile(draw: random.Random, depth: int = 0) -> Any:
    """A JSON value."""
    kind = draw.randrange(9 if depth < 4 else 5)
    if kind < 3:
        return draw.choice(TEXTS)
    if kind < 5:
        return draw.choice((*NUMBERS, True, False, None))
    if kind < 7:
        return [hostile(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    names = [*FIELDS, *TEXTS]
    return {draw.choice(names): hostile(draw, depth + 1) for _ in range(draw.randint(0, 5))}


FIELDS = (
    *("id", "response", "answer", "task", "type", "variables", "tolerance", "form", "seed", "login", "name", "email"),
    *("role", "title", "problems", "opens", "due", "tries", "penalty", "policy", "basis", "reason", "responses", "url"),
    *("kinds", "checks", "student", "problem_id", "problem", "password", "notation", "shape", "in", "conditions"),
)


GOOD: dict[str, dict[str, Any]] = {
    "/checks": {"response": "2x", "answer": "2*x", "type": "expression", "variables": {"x": {}}},
    "/courses": {"title": "Course"},
    "/students": {"login": "zoe", "name": "Zoe"},
    "/variants": {"seed": 3},
    "/assignments": {"title": "First", "problems": [{"id": "x"}]},
    "/webhooks": {"url": "https://example.org/hook", "kinds": ["submission.graded"]},
}
"""Bodies that are right, by the end of the route that takes them."""


def body(draw: random.Random, rule: str) -> bytes:
    """The body of a request: JSON mostly, right except for one value where it can be."""
    good = GOOD.get(f"/{rule.rsplit('/', 1)[1]}")
    if good is not None and draw.random() < 0.6:
        changed = {draw.choice([*good, "surprise"]): hostile(draw)} if draw.random() < 0.8 else {}
        return json.dumps(good | changed).encode()
    kind = draw.randrange(8)
    if kind == 0:
        return draw.choice(
            (b"", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b'{"a": NaN}', b'{"a": 1' + b"0" * 9_000)
        )
    if kind == 1:
        return draw.randbytes(draw.randint(0, 200))
    data = {draw.choice(FIELDS): hostile(draw) for _ in range(draw.randint(0, 6))} if kind < 7 else hostile(draw)
    return json.dumps(data).encode()


@contextmanager
def api() -> Iterator[Callable[[random.Random, Report], None]]:
    """Sends one request to a real application on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/grader.sqlite3"
        engine = open_engine(url)
        schema.upgrade(engine)
        sessions = open_sessions(engine)
        with sessions() as session:
            person = users.register(session, now, "teacher", "Teacher", None, is_staff=True)
            courses.create_course(session, now, Actor(person.id), "Course")
            token, _ = tokens.create_token(session, now, Actor(person.id), "fuzz", SCOPES)
        config = load_config(
            {"GRADER_DATABASE_URL": url, "GRADER_SECRET_KEY": "f" * 40, "GRADER_API_REQUESTS_PER_MINUTE": "1000000"}
        )
        first = sorted(PROBLEMS.rglob("*.yaml"))[:3]
        app = create_app(config, sessions, load_bank(first), lambda s, n, r: grade(make_variant(load_problem(s), n), r))
        client = app.test_client()
        routes = [
            (method, rule.rule)
            for rule in app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"})
            if rule.rule.startswith("/api/v1/")
        ]

        def send(draw: random.Random, report: Report) -> None:
            method, rule = draw.choice(routes)
            parts = (
                draw.choice(("1", "1", "2", "x", "%00", "99999999999")) if "<" in each else each
                for each in rule.split("/")
            )
            path, content = "/".join(parts), body(draw, rule)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            if draw.random() < 0.2:
                headers["Idempotency-Key"] = draw.choice(("k", "x" * 300, "ü"))
            case = {"request": f"{method} {path}", "body": content.decode("latin-1")}
            reply = client.open(path, method=method, data=content, headers=headers)
            if reply.status_code >= 500:
                report.add("failure", f"{method} {rule}", case, status=reply.status_code)
            elif reply.status_code >= 400 and "json" not in reply.mimetype:
                report.add("no problem details", f"{method} {rule}", case, status=reply.status_code)
            elif INSIDE.search(reply.text):
                report.add("inside shown", f"{method} {rule}", case, words=reply.text[:300])

        yield send
        engine.dispose()


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def run(what: str, seed: int, most: int, minutes: float) -> Report:
    """Try so many cases, or for so long."""
    draw, report, begun = random.Random(seed), Report(), time.monotonic()
    with api() as send:
        texts = yaml_cases(draw)
        while report.cases < most and time.monotonic() - begun < 60 * minutes:
            before = time.perf_counter()
            case: dict[str, Any] = {}
            if what == "yaml":
                case = {"yaml": next(texts)}
                load(case["yaml"], report)
            else:
                send(draw, report)
            took = time.perf_counter() - before
            report.cases += 1
            if took > (LOADING_SECONDS if what == "yaml" else ANSWERING_SECONDS):
                report.add("slow", what, case, seconds=round(took, 1))
            report.slowest_reading = max(report.slowest_reading, took)
    report.seconds = time.monotonic() - begun
    return report


def main() -> None:
    """Run it and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("yaml", "api"))
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = run(options.what, options.seed, options.cases, options.minutes)
    if options.json:
        print(json.dumps({"cases": report.cases, "findings": report.findings}))
    else:
        print(f"{report.cases} cases in {report.seconds:.0f} s, the slowest {report.slowest_reading:.2f} s")
        for key, found in report.findings.items():
            print(f"\n{key} ({found['count']} times)\n{json.dumps(found)[:1500]}")
    sys.exit(1 if report.findings else 0)


if __name__ == "__main__":
    main()
