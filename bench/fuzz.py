"""Whether every text gets a verdict or a clear error, in time, whatever it is.

    python bench/fuzz.py [--minutes 10 | --cases 300] [--seed 1] [--drawn] [--engine grammar|atheris] [--json]

Pairs from a grammar, mutated texts and known poison are judged in a child process, as a line of
`grader check --batch` would be. Reported are crashes, texts that take too long to read (100 ms) or
to decide (2 s), messages that speak of the inside of the program, and the most memory used.
Exit code 1 if anything was found. `--engine atheris` lets coverage choose the mutations instead
(`pip install '.[fuzz]'`).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import NonInteractiveExampleWarning

sys.path.insert(0, str(Path(__file__).parent))

from hostile import LONGEST, TYPES, VARIABLES, Case, cases, poison

from grader.errors import GraderError
from grader.pairs import judge, pair_from_json

READING_SECONDS = 0.1
DECIDING_SECONDS = 2.0
MEMORY_MEBIBYTES = 300
HOPELESS_SECONDS = 20.0  # a case that takes longer is killed
BATCH = 100
INSIDE = re.compile(
    r"Traceback|NoneType|object at 0x|<class|Tree\(|\bsympy\b|\bflint\b|KeyError|IndexError|TypeError|list index|"
    r"unsupported operand|recursion depth|positional argument|has no attribute|fmpz|fmpq|\barb\b|dataclass|"
    r"Exceeds the limit|int_max_str_digits|codec can't",
)


@dataclass
class Report:
    """What was tried and what was found; each finding once for each kind and place."""

    cases: int = 0
    seconds: float = 0.0
    slowest_reading: float = 0.0
    slowest_deciding: float = 0.0
    slowest_case: Case = field(default_factory=dict)
    mebibytes: int = 0
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: str, place: str, case: Case, **more: Any) -> None:
        """A finding, kept with the shortest case that shows it."""
        key = f"{kind} {place}"
        known = self.findings.get(key)
        size = len(json.dumps(case))
        if known is None or size < len(json.dumps(known["case"])):
            count = known["count"] if known else 0
            self.findings[key] = {"kind": kind, "place": place, "case": dict(case), **more, "count": count}
        self.findings[key]["count"] += 1


def serve_cases(pipe: Connection) -> None:
    """Judge what comes through the pipe until nothing comes; runs in the child."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    judge(pair_from_json({"response": "erf(x)+x", "answer": "x+erf(x)*1"}), prove=True)
    while (case := pipe.recv()) is not None:
        pipe.send(judged(case))


def judged(case: Case) -> dict[str, Any]:
    """What reading and judging the case took and said."""
    said: dict[str, Any] = {"error": "", "words": "", "reading": 0.0, "deciding": 0.0}
    started = time.perf_counter()
    try:
        pair = pair_from_json({**case, "answer": None})
        said["words"] = judge(pair).message
        said["reading"] = time.perf_counter() - started
        started = time.perf_counter()
        judgement = judge(pair_from_json(case))
        said["words"] += judgement.message
        said["outcome"] = str(judgement.outcome)
        json.dumps(judgement.to_json(), allow_nan=False)
    except GraderError as error:
        said["words"] += str(error)
    except BaseException as error:  # noqa: BLE001 - finding these is what this program is for
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/grader/" in f.filename]
        last = frames[-1] if frames else None
        said["error"] = f"{type(error).__name__} {Path(last.filename).name}:{last.name}" if last else repr(error)
    if said["reading"]:
        said["deciding"] = time.perf_counter() - started
    said["mebibytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return said


class Child:
    """A process that judges, started anew whenever it is lost."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=serve_cases, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, case: Case) -> dict[str, Any]:
        """What the child says, or how it was lost."""
        try:
            self._pipe.send(case)
            if self._pipe.poll(HOPELESS_SECONDS):
                found: dict[str, Any] = self._pipe.recv()
                if found["mebibytes"] > MEMORY_MEBIBYTES:
                    self.renew()
                return found
            lost = {"lost": "hang"}
        except (EOFError, OSError):
            lost = {"lost": "crash"}
        self.renew()
        return lost

    def renew(self) -> None:
        """Another process in place of this one."""
        self._process.kill()
        self._process.join()
        self._pipe.close()
        self._start()


def examine(child: Child, case: Case, report: Report) -> None:
    """Judge the case and note what is wrong."""
    report.cases += 1
    said = child.ask(case)
    if "lost" in said:
        report.add(said["lost"], str(case["type"]), case)
        return
    report.slowest_reading = max(report.slowest_reading, said["reading"])
    if said["deciding"] > report.slowest_deciding:
        report.slowest_deciding, report.slowest_case = said["deciding"], case
    report.mebibytes = max(report.mebibytes, said["mebibytes"])
    if said["error"]:
        report.add("crash", said["error"], case)
    if said["reading"] > READING_SECONDS and not slow_only_once(child, case, "reading", READING_SECONDS):
        report.add("slow reading", str(case["type"]), case, seconds=round(said["reading"], 3))
    if said["deciding"] > DECIDING_SECONDS:
        report.add("slow deciding", str(case["type"]), case, seconds=round(said["deciding"], 3))
    if said["mebibytes"] > MEMORY_MEBIBYTES:
        report.add("memory", str(case["type"]), case, mebibytes=said["mebibytes"])
    if shown := INSIDE.search(said["words"]):
        report.add("inside shown", shown.group(), case, words=said["words"][:300])


def slow_only_once(child: Child, case: Case, phase: str, limit: float) -> bool:
    """Whether a second try is fast: a busy machine, not the text, was slow."""
    return float(child.ask(case).get(phase, limit + 1)) <= limit


def known_cases() -> Iterator[dict[str, Any]]:
    """Every poison for every type of answer and two sets of variables, against itself and against a rewriting."""
    for kind, variables, text in product(TYPES, VARIABLES[:2], poison()):
        answer = f"({text})+0" if kind == "expression" else text
        case = {"id": "poison", "response": text, "answer": answer, "type": kind}
        yield case if variables is None else {**case, "variables": variables}


def run_grammar(report: Report, minutes: float, most: int, first_seed: int, *, is_drawn: bool) -> None:
    """Known poison, then the grammar, until the time or the cases are used up; `is_drawn`: the grammar alone."""
    child, until = Child(), time.monotonic() + 60 * minutes

    def is_over() -> bool:
        return report.cases >= most or time.monotonic() >= until

    for case in () if is_drawn else known_cases():
        if is_over():
            break
        examine(child, case, report)
    number = first_seed
    while not is_over():

        @seed(number)
        @settings(
            max_examples=BATCH,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases())
        def try_batch(case: dict[str, Any]) -> None:
            if not is_over():
                examine(child, case, report)

        try_batch()
        number += 1


def run_atheris(report: Report, minutes: float) -> None:
    """Mutations that coverage chooses, in this process; ends at the first finding."""
    import atheris  # noqa: PLC0415 - an optional extra

    judged({"response": "sin(x)", "answer": "x + 1", "type": "expression"})  # loads what is loaded late
    atheris.instrument_all()

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "replace")[:LONGEST]
        report.cases += 1
        said = judged({"response": text, "answer": "x + 1", "type": "expression"})
        if said["error"]:
            raise RuntimeError(said["error"] + " " + json.dumps(text))

    options = (f"-max_total_time={int(60 * minutes)}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=400")
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


def main() -> int:
    """Run for so long or so many cases; print what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--cases", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drawn", action="store_true", help="leave out the known poison")
    parser.add_argument("--engine", choices=["grammar", "atheris"], default="grammar")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore", NonInteractiveExampleWarning)
    report, started = Report(), time.monotonic()
    if args.engine == "atheris":
        run_atheris(report, args.minutes)
    else:
        run_grammar(report, args.minutes, args.cases, args.seed, is_drawn=args.drawn)
    report.seconds = round(time.monotonic() - started, 1)
    print(json.dumps(vars(report)) if args.json else told(report))
    return 1 if report.findings else 0


def told(report: Report) -> str:
    """The report for a person."""
    slowest = (
        f"slowest reading {1000 * report.slowest_reading:.0f} ms, deciding {1000 * report.slowest_deciding:.0f} ms"
    )
    lines = [f"{report.cases} cases in {report.seconds:g} s; {slowest}; {report.mebibytes} MiB"]
    lines.append(f"slowest to decide: {json.dumps(report.slowest_case)}")
    for found in report.findings.values():
        more = {key: value for key, value in found.items() if key not in {"kind", "place", "case"}}
        lines.append(f"{found['kind']} ({found['place']}): {more} {json.dumps(found['case'])}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
