"""How often a mistake is recognised rightly, on the labelled responses of `bench/mistakes`.

    python bench/mistakes.py [TOPIC…] [--list] [--labels] [--jobs 2]

A line is a response with the mistake that it shows: to a part of a variant of the bank (`problem`, `parameters`,
`part`) or to a task of its own (`task`, with the other fields of a line of `check --batch`). `mistake` is an id,
null for a wrong response that shows no single mistake, or `right` for a right one, of which no mistake may be said;
`also` are other ids that name the same slip truly. These labels were written from the prompts and the list of
mistakes alone, before the program ran. `reviewed` are ids that were accepted afterwards, with the answers in sight,
because they explain the response as well; they count only with `--reviewed`, and the figures are printed both ways.

Prints, by mistake and by topic, how many responses are explained rightly, wrongly, or not at all; a mistake that the
problem itself describes, under a name of its own, is counted apart, as its words are not in the list. `--list` shows
the lines that fail; `--labels` only checks that every wrong response is judged wrong and every right one right.
Exit 1 if less than 80 % of the labelled mistakes are explained rightly, more than 1 % of the lines wrongly, a right
response is called a mistake, or a label contradicts the verdict.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from grader.bank.loading import load_file
from grader.bank.problem import Problem
from grader.bank.variants import make_variant_with
from grader.checking.verdict import Outcome
from grader.errors import GraderError
from grader.grading import grade_part
from grader.pairs import judge, pair_from_json

ROOT = Path(__file__).parents[1]
LINES = Path(__file__).parent / "mistakes"
RIGHT = "right"
LEAST_RIGHT, MOST_WRONG = 0.80, 0.01
VERDICTS = ("rightly", "by the problem", "wrongly", "not explained", "left alone")
LISTED = frozenset(
    (
        "inner-derivative-missing",
        "product-rule-as-product",
        "quotient-as-quotient",
        "quotient-sign",
        "exponent-not-lowered",
        "exponent-factor-missing",
        "constant-kept",
        "trig-sign",
        "exp-as-power",
        "log-derivative-wrong",
        "term-missing",
        "integrated-instead",
        "not-differentiated",
        "wrong-variable",
        "not-evaluated",
        "wrong-point",
        "transposed",
        "sign-flipped",
        "constant-factor",
        "mean-factor-lost",
        "hessian-off-diagonal",
        "convex-concave-swapped",
        "critical-point-kind-wrong",
        "ascent",
        "rate-forgotten",
        "step-too-many",
        "step-too-few",
        "sequential-update",
        "momentum-sign",
        "not-normalised",
        "degrees",
        "matrix-transpose-lost",
        "matrix-order-swapped",
        "order-too-low",
        "denominator-not-squared",
        "base-factor-missing",
        "taylor-factorial-missing",
        "gradient-not-updated",
    )
)


@dataclass(frozen=True)
class Line:
    """One response with the mistake that it shows."""

    topic: str
    response: str
    mistake: str | None
    why: str = ""
    also: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    problem: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    task: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """What was asked, for a person."""
        if self.task:
            return json.dumps(self.task, ensure_ascii=False)
        return f"{self.problem} {self.part} {json.dumps(self.parameters)}"


@dataclass(frozen=True)
class Judged:
    """The outcome of one line and the mistake that was named; `fault` says why it could not be judged.

    `has_task` is whether the part says what is differentiated, so that mistakes can be worked out; `lenient` accepts
    the reviewed ids too.
    """

    line: Line
    outcome: str = ""
    named: str | None = None
    fault: str = ""
    has_task: bool = True
    lenient: bool = False

    @property
    def contradicts(self) -> bool:
        """Whether the verdict contradicts the label: wrong where it should be right, or otherwise."""
        expected = Outcome.EQUAL if self.line.mistake == RIGHT else Outcome.DIFFERENT
        return bool(self.fault) or self.outcome != expected

    @property
    def explained(self) -> str:
        """How the mistake was explained, one of `VERDICTS`."""
        line = self.line
        if self.named is None:
            return "left alone" if line.mistake in {None, RIGHT} else "not explained"
        reviewed = line.reviewed if self.lenient else ()
        if self.named in {line.mistake, *line.also, *reviewed} - {None, RIGHT}:
            return "rightly"
        return "wrongly" if self.named in LISTED or line.mistake == RIGHT else "by the problem"

    @property
    def fails(self) -> bool:
        """Whether this line is one to look at."""
        return self.contradicts or self.explained in {"wrongly", "not explained"}


def lines(topics: Sequence[str] = ()) -> Iterator[Line]:
    """The labelled lines of all topics, or of some."""
    known = set(Line.__dataclass_fields__) - {"more", "topic"}
    for path in sorted(LINES.glob("*.jsonl")):
        if topics and path.stem not in topics:
            continue
        for text in path.read_text(encoding="utf-8").splitlines():
            given = json.loads(text)
            own = {name: value for name, value in given.items() if name in known}
            own |= {name: tuple(own.get(name, ())) for name in ("also", "reviewed")}
            rest = {name: value for name, value in given.items() if name not in known}
            yield Line(topic=path.stem, **own, more=rest)


@cache
def _problem(id: str) -> Problem:
    found = next((ROOT / "problems").rglob(f"{id}.yaml"), None)
    if found is None:
        raise LookupError(f"there is no problem {id}")
    return load_file(found)


def judged(line: Line) -> Judged:
    """What the product says to one line."""
    try:
        if line.task:
            said = judge(pair_from_json({**line.more, "task": dict(line.task), "response": line.response}))
            return Judged(line, said.outcome, said.mistake)
        variant = make_variant_with(_problem(line.problem), line.parameters, verify=False)
        part = variant.part(line.part)
        if part is None:
            raise LookupError(f"there is no part {line.part} of {line.problem}")
        result = grade_part(part, line.response)
    except (GraderError, LookupError) as error:
        return Judged(line, fault=str(error))
    return Judged(line, result.outcome, result.mistake, has_task=part.task is not None)


def _table(title: str, found: Sequence[Judged], key: Callable[[Judged], str]) -> None:
    """Rows of how the lines were explained, by a key."""
    print(f"{title:30}{'lines':>8}" + "".join(f"{name:>16}" for name in VERDICTS))
    for name in [*sorted({key(each) for each in found}), "all"]:
        group = [each for each in found if name in {key(each), "all"}]
        counts = Counter(each.explained for each in group)
        print(f"{name:30}{len(group):>8}" + "".join(f"{counts[verdict]:>16}" for verdict in VERDICTS))
    print()


def _label(each: Judged) -> str:
    return each.line.mistake or "no single mistake"


def _describe(each: Judged) -> str:
    line = each.line
    said = each.fault or (f"{each.outcome}, {each.named}" if each.contradicts else f"{each.named}")
    also = f" (or {', '.join(line.also)})" if line.also else ""
    return f"{line.topic}: {line.where}: {line.response!r}: {_label(each)}{also}, said: {said}. {line.why}"


def check_labels(found: Iterable[Judged]) -> bool:
    """Print the labels that the verdicts contradict; whether there are none."""
    wrong = [each for each in found if each.contradicts]
    for each in wrong:
        expected = "right" if each.line.mistake == RIGHT else "wrong"
        text = each.fault or each.outcome
        print(f"LABEL {each.line.topic}: {each.line.where}: {each.line.response!r}: meant to be {expected}: {text}")
    return not wrong


def report(found: Sequence[Judged], *, listed: bool) -> None:
    """Print the lines that fail, if wanted, and the tables."""
    if listed:
        for each in sorted((each for each in found if each.fails), key=lambda each: (each.explained, _label(each))):
            print(f"{each.explained.upper()}: {_describe(each)}")
        print()
    _table("mistake", found, _label)
    _table("topic", found, lambda each: each.line.topic)


def is_good_enough(found: Sequence[Judged], words: str) -> bool:
    """Print the shares; whether they are within the limits."""
    shown = [each for each in found if each.line.mistake not in {None, RIGHT}]
    counts = Counter((each.has_task, each.explained) for each in shown)
    rightly = counts[True, "rightly"] + counts[False, "rightly"]
    wrongly = [each for each in found if each.explained == "wrongly"]
    slandered = sum(each.line.mistake == RIGHT for each in wrongly)
    right_share, wrong_share = rightly / max(1, len(shown)), len(wrongly) / max(1, len(found))
    print(f"{words}:")
    print(f"  explained rightly: {rightly} of {len(shown)} labelled mistakes, {right_share:.1%}")
    for has_task, name in ((True, "with a task"), (False, "without a task")):
        group = sum(each.has_task == has_task for each in shown)
        own = counts[has_task, "by the problem"]
        print(f"    parts {name}: {counts[has_task, 'rightly']} of {group}, {own} more by the problem's own mistakes")
    print(f"  explained wrongly: {len(wrongly)} of {len(found)} lines, {wrong_share:.2%}")
    own = sum(each.explained == "by the problem" for each in found)
    print(f"  by the problem's own mistakes, whose truth is not checked here: {own}")
    rights = sum(each.line.mistake == RIGHT for each in found)
    print(f"  right responses called a mistake: {slandered} of {rights}")
    return right_share >= LEAST_RIGHT and wrong_share <= MOST_WRONG and not slandered


def main() -> None:
    """Judge every line and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", help="names of files, without .jsonl")
    parser.add_argument("--list", action="store_true", help="list the lines that fail")
    parser.add_argument("--labels", action="store_true", help="only check the labels against the verdicts")
    parser.add_argument("--reviewed", action="store_true", help="accept the reviewed ids too")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(pool.map(judged, lines(options.topics), chunksize=25))
    is_fine = check_labels(found)
    if not options.labels:
        loosely = [replace(each, lenient=True) for each in found]
        report(loosely if options.reviewed else found, listed=options.list)
        figures = is_good_enough(found, "labels as written"), is_good_enough(loosely, "with the reviewed ids")
        is_fine = figures[options.reviewed] and is_fine
    sys.exit(0 if is_fine else 1)


if __name__ == "__main__":
    main()
