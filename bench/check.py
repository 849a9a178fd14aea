"""How long one check takes: ours and its peers on the same course pairs, in one run.

    python bench/check.py [--seconds 10] [--every 1] [--json]

The pairs are the scalar ones of the course topics in `bench/pairs`; as in a class, many responses
share a key. Each is judged once by each judge, SymPy's cache cleared before each of what SymPy does.
Ours counts reading both texts and deciding. SymPy (`simplify(a - b) == 0` and `a.equals(b)`) gets
ready-made expressions, with the assumptions of the
domain; reading is not counted for it. math-verify gets both sides as LaTeX and counts parsing and
verifying. symengine's `expand(a - b) == 0`, on ready-made expressions, is the floor: it proves
polynomial identities only, and says "different" of all else. A peer that takes longer than
`--seconds` is stopped and counted with that time.
"""

from __future__ import annotations

import argparse
import json
import logging
import platform
import signal
import statistics
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import math_verify
import symengine
import sympy
from sympy.core.cache import clear_cache

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.labelled import Line, lines
from grader import Outcome, Verdict, check
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.symbolic import NotConverted, to_sympy
from grader.reading.printing import to_latex
from grader.reading.text import read
from grader.reading.tree import Tree

COURSE = (
    "derivatives",
    "gradients-and-jacobians",
    "hessians-and-convexity",
    "losses-and-activations",
    "descent",
    "taylor-and-limits",
)


class OverTime(Exception):
    """A peer used up its seconds on one pair."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Stop what runs inside after so many seconds."""

    def stop(*_: object) -> None:
        raise OverTime

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@dataclass
class Tally:
    """Times in milliseconds and what was judged rightly, falsely accepted or falsely rejected."""

    name: str
    uses_sympy: bool = False
    times: list[float] = field(default_factory=list)
    right: int = 0
    accepted: int = 0
    rejected: int = 0
    undecided: int = 0

    def count(self, *, said: bool | None, truth: bool) -> None:
        """Add one judgement; None is no judgement."""
        if said is None:
            self.undecided += 1
        elif said == truth:
            self.right += 1
        elif said:
            self.accepted += 1
        else:
            self.rejected += 1

    def row(self) -> dict[str, object]:
        """The figures of one line."""
        ordered = sorted(self.times)
        return {
            "name": self.name,
            "pairs": len(self.times),
            "p50_ms": round(statistics.median(ordered), 4),
            "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
            "right": self.right,
            "false_accepts": self.accepted,
            "false_rejects": self.rejected,
            "undecided": self.undecided,
        }


def timed(tally: Tally, truth: bool, judge: Callable[[], bool | None], seconds: int) -> None:
    """Run one judgement with a limit, and with a cold SymPy where that is who judges.

    The clock starts when the limit is set: setting it takes about 10 µs, which no judge is charged for.
    """
    if tally.uses_sympy:
        clear_cache()
    said, started, ended = None, perf_counter(), None
    try:
        with within(seconds):
            started = perf_counter()
            said = judge()
            ended = perf_counter()
    except Exception:  # noqa: BLE001 (a peer may fail in any way, or be stopped; that is no judgement)
        said = None
    tally.times.append(((ended or perf_counter()) - started) * 1000)
    tally.count(said=said, truth=truth)


@dataclass(frozen=True)
class Prepared:
    """A pair in the forms that the judges take."""

    line: Line
    trees: tuple[Tree, Tree]
    domain: Domain
    expressions: tuple[Any, Any]
    floor: tuple[Any, Any]
    latex: tuple[str, str]

    @property
    def equal(self) -> bool:
        """The label."""
        return self.line.expected == "equal"


def our_judgement(line: Line) -> bool | None:
    """What our judge says."""
    return _said(check(line.response, line.answer, variables=line.variables))


def _said(verdict: Verdict) -> bool | None:
    if verdict.outcome is Outcome.EQUAL:
        return True
    return False if verdict.outcome is Outcome.DIFFERENT else None


def course_pairs(every: int) -> list[Prepared]:
    """The scalar pairs of the course that every judge can be asked about."""
    scalar = [
        line
        for line in lines(list(COURSE))
        if line.type == "expression" and line.notation == "text" and line.expected in {"equal", "different"}
    ]
    return [prepared for line in scalar[::every] if (prepared := _prepared(line)) is not None]


def _prepared(line: Line) -> Prepared | None:
    """The pair for all judges; None where one of them has no counterpart to something in it."""
    domain = Domain.of(line.variables)
    response, answer = (read(text, domain.vocabulary()).tree for text in (line.response, line.answer))
    trees = (response, answer)
    try:
        expressions = tuple(to_sympy(tree, domain) for tree in trees)
        floor = tuple(symengine.sympify(each) for each in expressions)
    except (NotConverted, symengine.SympifyError, RuntimeError, TypeError, ValueError):
        return None
    return Prepared(line, trees, domain, expressions, floor, tuple(f"${to_latex(tree)}$" for tree in trees))


def run(seconds: int, every: int) -> list[dict[str, object]]:
    """The table, one row a judge."""
    ready = course_pairs(every)
    our_judgement(ready[0].line)  # the first call loads modules; start-up is measured elsewhere
    judges: list[tuple[str, Callable[[Prepared], bool | None]]] = [
        ("grader check", lambda pair: our_judgement(pair.line)),
        ("grader, deciding alone", lambda pair: _said(decide(*pair.trees, pair.domain))),
        ("symengine expand (floor)", lambda pair: bool(symengine.expand(pair.floor[0] - pair.floor[1]) == 0)),
        ("sympy a.equals(b)", lambda pair: pair.expressions[0].equals(pair.expressions[1])),
        (
            "sympy simplify(a - b) == 0",
            lambda pair: bool(sympy.simplify(pair.expressions[0] - pair.expressions[1]) == 0),
        ),
        ("math-verify", lambda pair: _verified(*pair.latex, seconds)),
    ]
    tallies = []
    for name, judge in judges:
        tally = Tally(name, uses_sympy=not name.startswith(("grader", "symengine")))
        for pair in ready:
            timed(tally, pair.equal, lambda judge=judge, pair=pair: judge(pair), seconds)
        tallies.append(tally)
    return [tally.row() for tally in tallies]


def _verified(response: str, answer: str, seconds: int) -> bool:
    gold = math_verify.parse(answer, parsing_timeout=seconds)
    target = math_verify.parse(response, parsing_timeout=seconds)
    return bool(math_verify.verify(gold, target, timeout_seconds=seconds))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="limit for a peer on one pair")
    parser.add_argument("--every", type=int, default=1, help="take every n-th pair")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    table = run(options.seconds, options.every)
    if options.json:
        print(json.dumps(table, indent=2))
        return
    print(f"{table[0]['pairs']} pairs; Python {platform.python_version()}, SymPy {sympy.__version__}")
    for row in table:
        ratio = float(str(row["p50_ms"])) / float(str(table[0]["p50_ms"]))
        print(
            f"{row['name']!s:28} p50 {row['p50_ms']:>9} ms   p95 {row['p95_ms']:>9} ms   {ratio:8.1f}x   "
            f"right {row['right']}, false accepts {row['false_accepts']}, "
            f"false rejects {row['false_rejects']}, none {row['undecided']}"
        )


if __name__ == "__main__":
    main()
