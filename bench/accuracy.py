"""How often the judge is right on the labelled pairs of `bench/pairs`.

    python bench/accuracy.py [TOPIC…] [--casual | --latex] [--jobs 2] [--list]

Prints pairs, right verdicts, false accepts, false rejects, other wrong outcomes and undecided ones by topic, and the
share of equal pairs that are proved: within 5 ms, and with `prove`. `--casual` rewrites the responses as students type
them (`2x sin x`, brackets dropped after functions, `**` for `^`), `--latex` as our printer
writes them in LaTeX. Exit 1 on any wrong verdict, and on an undecided one
that its line does not allow with a reason in `undecided`. The labels themselves are checked by `bench/labels.py`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.casual import casual, latex
from bench.labelled import Line, lines
from grader.answers import BY_NAME
from grader.answers.base import READERS
from grader.errors import InvalidRequest
from grader.pairs import Judgement, judge, pair_from_json

QUICK_MS = 5.0
FIGURES = ("pairs", "right", "false accepts", "false rejects", "other wrong", "undecided")


@dataclass(frozen=True)
class Judged:
    """What the judge said about one line, without and with waiting for a proof."""

    line: Line
    said: str
    fault: str
    quick: bool
    proved: bool
    undecided: bool = False
    message: str = ""


def judged(line: Line) -> Judged:
    """The verdicts on one line."""
    given = {**line.given, "response": line.response}
    try:
        quick = judge(pair_from_json(given))
        patient = judge(pair_from_json(given), prove=True)
    except InvalidRequest as error:
        return Judged(line, "refused", "other wrong", quick=False, proved=False, message=str(error))
    first = quick if _fault(line, quick) else patient
    return Judged(
        line,
        first.outcome,
        _fault(line, first),
        quick=_is_proved(quick) and quick.elapsed_ms <= QUICK_MS,
        proved=_is_proved(patient),
        undecided=quick.outcome == "undecided",
        message=first.message,
    )


def _is_proved(judgement: Judgement) -> bool:
    return judgement.evidence is not None and judgement.evidence.kind == "proved"


def _fault(line: Line, judgement: Judgement) -> str:
    """Which kind of wrong verdict this is; empty where it is right or allowed."""
    said, expected = judgement.outcome, line.expected
    if said == expected:
        return ""
    if said == "undecided":
        return "" if line.undecided else "undecided"
    if said == "equal":
        return "false accepts"
    return "false rejects" if expected == "equal" else "other wrong"


def _can_be_asked(line: Line) -> bool:
    return line.type in BY_NAME and {line.notation, line.answer_notation} <= READERS.keys()


def report(found: list[Judged], *, listed: bool) -> bool:
    """Print the table and what is wrong; whether nothing is."""
    topics = sorted({each.line.topic for each in found})
    print(f"{'topic':28}" + "".join(f"{name:>15}" for name in FIGURES))
    for topic in [*topics, "all"]:
        group = [each for each in found if topic in {each.line.topic, "all"}]
        faults = Counter(each.fault for each in group)
        undecided = sum(each.undecided for each in group)
        row = (len(group), faults[""], *(faults[name] for name in FIGURES[2:5]), undecided)
        print(f"{topic:28}" + "".join(f"{number:>15}" for number in row))
    equal = [each for each in found if each.line.expected == "equal"]
    for words, number in (
        ("proved within 5 ms", sum(each.quick for each in equal)),
        ("proved with --prove", sum(each.proved for each in equal)),
    ):
        print(f"{words}: {number} of {len(equal)} equal pairs, {number / max(1, len(equal)):.1%}")
    for each in found:
        if each.fault:
            shown = f"{each.line.response!r} against {each.line.answer!r} {each.line.variables or ''}"
            print(f"WRONG {each.fault}: {each.line.id}: {shown}: {each.said}, not {each.line.expected}. {each.message}")
        elif each.undecided and each.line.undecided:
            print(
                f"allowed: {each.line.id}: {each.line.response!r} against {each.line.answer!r}: {each.line.undecided}"
            )
        elif listed and each.line.expected == "equal" and not each.proved:
            print(f"not proved: {each.line.id}: {each.line.response!r} against {each.line.answer!r}")
    return not any(each.fault for each in found)


def main() -> None:
    """Judge every line and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", help="names of files, without .jsonl")
    parser.add_argument("--casual", action="store_true", help="rewrite the responses in casual notation")
    parser.add_argument("--latex", action="store_true", help="rewrite the responses in LaTeX")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--list", action="store_true", help="list what is equal and not proved")
    options = parser.parse_args()
    chosen = list(lines(options.topics))
    if options.casual or options.latex:
        chosen = list((casual if options.casual else latex)(chosen))
    asked = [line for line in chosen if _can_be_asked(line)]
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(pool.map(judged, asked, chunksize=25))
    is_right = report(found, listed=options.list)
    if len(asked) < len(chosen):
        print(f"{len(chosen) - len(asked)} pairs of types or notations that this version does not have were left out")
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
