"""How long one check takes: ours, SymPy's simplify and math-verify on the same pairs, in one run.

    python bench/check.py [--seconds 10] [--json]

Every pair is judged once by each, SymPy's cache cleared before each. Ours counts reading both
texts and deciding. SymPy gets ready-made expressions (reading is not counted for it), with the
assumptions of the domain. math-verify gets both sides as LaTeX and counts parsing and verifying.
A peer that takes longer than `--seconds` is stopped and counted with that time.
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
import sympy
from sympy.core.cache import clear_cache

sys.path.insert(0, str(Path(__file__).parent))

from pairs import LabelledPair, scalar_pairs

from grader import Outcome, Verdict, check
from grader.checking.domain import Domain
from grader.checking.equality import decide
from grader.checking.symbolic import NotConverted, to_sympy
from grader.reading.printing import to_latex
from grader.reading.text import read
from grader.reading.tree import Tree


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
    """Run one judgement with a cold SymPy and a limit."""
    clear_cache()
    started = perf_counter()
    try:
        with within(seconds):
            said = judge()
    except OverTime:
        said = None
    except Exception:  # noqa: BLE001 (a peer may fail in any way; that is no judgement)
        said = None
    tally.times.append((perf_counter() - started) * 1000)
    tally.count(said=said, truth=truth)


def our_judgement(pair: LabelledPair) -> bool | None:
    """What our judge says."""
    return _said(check(pair.response, pair.answer, variables=pair.variables))


def _said(verdict: Verdict) -> bool | None:
    return {Outcome.EQUAL: True, Outcome.DIFFERENT: False}.get(verdict.outcome)


def run(seconds: int) -> list[dict[str, object]]:
    """The table, one row a judge."""
    ready = [prepared for pair in scalar_pairs() if (prepared := _prepared(pair))]
    our_judgement(ready[0][0])  # the first call loads modules; start-up is measured elsewhere
    ours, decided = Tally("grader check"), Tally("grader, deciding alone")
    simplify, verify = Tally("sympy.simplify(a - b) == 0"), Tally("math-verify")
    for pair, _, _ in ready:
        timed(ours, pair.equal, lambda pair=pair: our_judgement(pair), seconds)
    for pair, _, _ in ready:
        response, answer, domain = _trees(pair)
        timed(decided, pair.equal, lambda r=response, a=answer, d=domain: _said(decide(r, a, d)), seconds)
    for pair, (left, right), _ in ready:
        timed(simplify, pair.equal, lambda a=left, b=right: bool(sympy.simplify(a - b) == 0), seconds)
    for pair, _, (response, answer) in ready:
        timed(verify, pair.equal, lambda r=response, a=answer: _verified(r, a, seconds), seconds + 5)
    return [tally.row() for tally in (ours, decided, simplify, verify)]


def _trees(pair: LabelledPair) -> tuple[Tree, Tree, Domain]:
    """Both sides as read, and the domain."""
    domain = Domain.of(pair.variables)
    response, answer = (read(text, domain.vocabulary()).tree for text in (pair.response, pair.answer))
    return response, answer, domain


def _prepared(pair: LabelledPair) -> tuple[LabelledPair, list[Any], list[str]] | None:
    """The pair with both sides as SymPy expressions and as LaTeX; None where SymPy has no counterpart."""
    *trees, domain = _trees(pair)
    try:
        return pair, [to_sympy(tree, domain) for tree in trees], [f"${to_latex(tree)}$" for tree in trees]
    except NotConverted:
        return None  # only what every judge can be asked is compared


def _verified(response: str, answer: str, seconds: int) -> bool:
    gold = math_verify.parse(answer, parsing_timeout=seconds)
    target = math_verify.parse(response, parsing_timeout=seconds)
    return bool(math_verify.verify(gold, target, timeout_seconds=seconds))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="limit for a peer on one pair")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    table = run(options.seconds)
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
