"""Right answers rewritten at random stay right, and with a slip they are wrong.

    python bench/rewriting.py [--cases 20000] [--seed 1] [--jobs 2]

Half of the answers are keys of `bench/pairs`, half are random trees. Each case is rewritten by one to four random
steps, and half of them get a slip as well. What is true is found by evaluating both sides with mpmath. Prints the
counts and every wrong verdict; exit 1 on any.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from mpmath import mp, mpf

from bench.casual import casual_text
from bench.labelled import Line, lines, reading_of
from bench.labels import NotChecked, compared, draw
from bench.rewrites import random_answer, rewritten, slipped
from bench.values import NoValue, TooLarge, value
from grader import Verdict, check
from grader.errors import AnswerError
from grader.reading.printing import to_text
from grader.reading.tree import Tree, walk

DIGITS, MOST_DIGITS, QUICK_POINTS, LONGEST = 60, 5_000, 10, 900
APART_DIGITS = (1_000, 1_500)
DOMAINS: tuple[Mapping[str, Any], ...] = (
    {"x": {}},
    {"x": {}, "y": {}},
    {"x": {"in": "(0, oo)"}},
    {"x": {"in": "(0, oo)"}, "y": {}},
    {"x": {"in": "(0, 1)"}},
)
SLOW = frozenset({"erf", "Phi", "phi", "gelu"})  # mpmath takes minutes for these to thousands of digits
NOT_WRONG = frozenset({"undecided", "ambiguous"})


@dataclass(frozen=True)
class Case:
    """One rewritten answer with what is true about it and what the judge says."""

    response: str
    answer: str
    variables: Mapping[str, Any]
    expected: str
    said: str
    evidence: str

    @property
    def is_wrong(self) -> bool:
        """Whether the verdict contradicts the evaluation."""
        if self.expected == "invalid":
            return self.said == "equal"
        return self.said != self.expected and self.said not in NOT_WRONG


@lru_cache(maxsize=1)
def keys() -> tuple[Line, ...]:
    """The scalar keys of the labelled pairs, each once."""
    found = {}
    for line in lines():
        plain = line.type == "expression" and line.answer_notation == "text" and line.variables
        if plain and not any(set(how) & {"function", "shape"} for how in line.variables.values()):
            found.setdefault((line.answer, str(line.variables)), line)
    return tuple(found.values())


def drawn(random: Random) -> tuple[Tree, Mapping[str, Any]]:
    """A right answer and its domain."""
    if random.random() < 0.5:
        line = random.choice(keys())
        tree, _ = reading_of(line, line.answer, line.answer_notation)
        return tree, line.variables or {}
    variables = random.choice(DOMAINS)
    return random_answer(random, tuple(variables)), variables


def case(seed: int) -> Case | None:
    """The case of a seed; None where evaluation cannot tell, or the answer has too few values."""
    random = Random(seed)
    answer, variables = drawn(random)
    names = tuple(variables)
    response = rewritten(answer, random, names, random.randint(1, 4))
    if random.random() < 0.5:
        response = slipped(response, random, names)
    written = casual_text(response, str(seed)) if random.random() < 0.3 else to_text(response)
    key = to_text(answer)
    if len(written) > LONGEST or any(node.value == "oo" for node in walk(response)):
        return None
    line = Line(str(seed), written, key, "equal", "rewriting", variables=variables)
    mp.dps = DIGITS
    try:
        expected = _truth(line, response, answer, random)
    except NotChecked:
        return None
    verdict = check(written, key, variables=variables)
    found = _case(line, expected, verdict)
    if found.is_wrong:  # a region that few points meet may have been overlooked
        found = _case(line, _closer(line, response, answer, verdict), verdict)
    return found


def _case(line: Line, expected: str, verdict: Verdict) -> Case:
    said, evidence = str(verdict.outcome), str(verdict.evidence)
    return Case(line.response, line.answer, line.variables or {}, expected, said, evidence)


def _truth(line: Line, response: Tree, answer: Tree, random: Random) -> str:
    """Equal or different at a few points; where nothing can be seen there, at many."""
    names, met = sorted(line.variables or {}), 0
    for _ in range(3 * QUICK_POINTS):
        point = draw(line.variables or {}, names, random)
        try:
            right = value(answer, point)
            left = value(response, point)
        except (NoValue, TooLarge):
            continue
        met += 1
        difference = abs(left - right) / max(1, abs(left), abs(right))
        if difference > mp.mpf(10) ** -40:
            return "different"
        if met == QUICK_POINTS:
            break
    return compared(line, response, answer)


def _closer(line: Line, response: Tree, answer: Tree, verdict: Verdict) -> str:
    """What is true at many more points and at the point that the judge names."""
    point = getattr(verdict.evidence, "point", ())
    if verdict.outcome == "different" and _is_apart(response, answer, dict(point)):
        return "different"
    at = (dict(point),) if point else ()
    for attempt in range(4):
        again = replace(line, id=f"{line.id}-{attempt}", at=at)
        is_slow = any(node.value in SLOW for tree in (response, answer) for node in walk(tree))
        precisions = (3 * DIGITS, 7 * DIGITS) if is_slow else (3 * DIGITS, 7 * DIGITS, MOST_DIGITS)
        if all(_compared_to(digits, again, response, answer) != "equal" for digits in precisions):
            return "different"
    return "equal"


def _is_apart(response: Tree, answer: Tree, named: Mapping[str, str]) -> bool:
    """Whether both differ at the point by an amount that stays the same with more digits, as rounding does not."""
    found = []
    for digits in APART_DIGITS:
        mp.dps = digits
        try:
            point = {name: mpf(Fraction(text).numerator) / Fraction(text).denominator for name, text in named.items()}
            found.append(value(response, point) - value(answer, point))
        except (NoValue, TooLarge, ValueError):
            return False
    few, many = found
    return bool(few and many and abs(few / many - 1) < mpf(10) ** -20)


def _compared_to(digits: int, line: Line, response: Tree, answer: Tree) -> str:
    """The outcome with so many digits; what is too small to tell from zero with some is not with others."""
    mp.dps = digits
    try:
        return compared(line, response, answer)
    except NotChecked:
        return "equal"


def judged(seeds: range) -> list[Case]:
    """The cases of some seeds."""
    return [found for seed in seeds if (found := _quietly(seed)) is not None]


def _quietly(seed: int) -> Case | None:
    try:
        return case(seed)
    except (AnswerError, OverflowError):
        return None


def main() -> None:
    """Judge so many cases and print what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000, help="how many seeds")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    last = options.seed + options.cases
    blocks = [range(first, min(first + 100, last)) for first in range(options.seed, last, 100)]
    with ProcessPoolExecutor(options.jobs) as pool:
        found = []
        for done, block in enumerate(pool.map(judged, blocks), 1):
            found += block
            print(f"\r{done} of {len(blocks)} hundreds", end="", file=sys.stderr)
        print(file=sys.stderr)
    counts = Counter((each.expected, each.said) for each in found)
    print(f"{len(found)} cases; {options.cases - len(found)} seeds gave none that can be evaluated")
    for (expected, said), number in sorted(counts.items()):
        print(f"  {expected:10} judged {said:10} {number:6}")
    for each in found:
        if each.is_wrong or each.said == "undecided":
            word = "WRONG" if each.is_wrong else "open "
            shown = f"{each.response!r} against {each.answer!r} {each.variables}"
            print(f"{word} {each.expected}, judged {each.said}: {shown}: {each.evidence}")
    sys.exit(1 if any(each.is_wrong for each in found) else 0)


if __name__ == "__main__":
    main()
