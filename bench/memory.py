"""Whether a worker's memory grows: the worker and one judging process of it that is never replaced.

    .venv/bin/python bench/memory.py                      # 100,000 checks, about ten minutes
    .venv/bin/python bench/memory.py --checks 20000

Each check is an answer to a problem of the bank, right, wrong or unreadable, judged as submissions are. In earnest a
judging process ends after some thousand tasks; here it does not, so that whatever it keeps is seen.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from time import perf_counter

from stack import ROOT, descendants_of

from grader.bank.loading import load_bank
from grader.bank.variants import make_variant
from grader.errors import BankError
from grader.isolation import Isolation, Limits, grade_within

FIRST = 1_000
TOLD_OFTEN = 10_000
MOST_MORE = 0.1
EACH = 50
"""Answers to one variant, before the next comes."""
FIRST_EACH = 2
"""The same in the first round, so that every problem has come soon, with what it leaves in caches."""
FORMS = ("{0}", "{0} + 1", "2*({0})", "({0})*1", "({0}) + {1} - {1}", "x + {1}", "{0} +", "sin(x)^{1}")
WITHOUT_LIMIT = 0


def checks() -> Iterator[tuple[str, int, dict[str, str]]]:
    """Text of a problem, seed and responses, without end: never the same twice."""
    problems = list(load_bank((ROOT / "problems",)).problems.values())
    for seed in count(1):
        for problem in problems:
            try:
                parts = make_variant(problem, seed).parts
            except BankError:
                continue
            for number in range(EACH if seed > 1 else FIRST_EACH):
                form = FORMS[number % len(FORMS)]
                texts = {part.id: form.format(part.answer_text, seed + number) for part in parts}
                yield problem.source, seed, texts


def resident(process: int) -> float:
    """The memory that a process has in use, in MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(many: int) -> bool:
    """Check so many answers; whether the memory stays as it was after the first thousand."""
    limits, begun = Limits(tasks=WITHOUT_LIMIT), perf_counter()
    print(f"{'checks':>9} {'worker MiB':>11} {'judging MiB':>12} {'seconds':>8}")
    figures: list[tuple[float, float]] = []
    with Isolation(limits) as isolation:
        for number, (source, seed, responses) in enumerate(islice(checks(), many), start=1):
            grade_within(isolation, source, seed, responses)
            if number == many or number % (FIRST if number < TOLD_OFTEN else TOLD_OFTEN) == 0:
                judging = sum(resident(one) for one in descendants_of(os.getpid()) if is_judging(one))
                figures.append((resident(os.getpid()), judging))
                passed = perf_counter() - begun
                print(f"{number:9,} {figures[-1][0]:11.1f} {figures[-1][1]:12.1f} {passed:8.0f}", flush=True)
    more = [last / first - 1 for first, last in zip(figures[0], figures[-1], strict=True)]
    print(f"worker {more[0]:+.1%}, judging process {more[1]:+.1%} (wanted: {MOST_MORE:.0%} more at most)")
    return max(more) <= MOST_MORE


def is_judging(number: int) -> bool:
    """Whether it is a child of the judge, and not a helper of the interpreter's."""
    return b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes()


def main() -> None:
    """Run; exit 1 where the memory grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=100_000)
    given = parser.parse_args()
    sys.exit(0 if run(given.checks) else 1)


if __name__ == "__main__":
    main()
