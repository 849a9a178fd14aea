"""How well wrong answers are put together: made-up submissions over 50 variants, ten kinds of wrong answer and more.

    python bench/clusters.py [PROBLEM…] [--variants 50] [--students 6] [--list]

For each problem below a few students of each variant give an answer: right in one of several writings, or wrong in
one of ten or more known kinds, each a formula in the parameters, written in one of several ways. All are judged as
submissions are; those that come out wrong are put in clusters. An answer is in the right cluster when that cluster
is the one that holds most of its kind, and holds more of this kind than of any other. Where two kinds are one and
the same answer to a variant, either cluster counts, and how many those are is printed.
A kind that most variants make right, or that one variant alone has, is no kind.

Prints, by problem, how many answers are in the right cluster, how many clusters there are for how many kinds,
and how long it took. Exit 1 below 95 %, or if a cluster holds a right answer. `--list` shows what went wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from grader.bank.loading import load_file
from grader.bank.relating import relate
from grader.bank.variant import Variant, VariantPart
from grader.bank.variants import make_variant
from grader.checking.verdict import Outcome
from grader.grading import grade_part, read_part
from grader.mistakes.cases import Case, Group
from grader.mistakes.clustering import group
from grader.mistakes.leaves import leaves_of
from grader.mistakes.patterns import Situation

ROOT = Path(__file__).parents[1] / "problems"
LEAST = 0.95
Numbers = Mapping[str, Fraction]
Points = Sequence[Mapping[str, Fraction]]
Writer = Callable[[Numbers], str]


def f(template: str) -> Writer:
    """A text with the parameters put in: `{a}` in brackets where it is negative or a fraction."""

    def write(numbers: Numbers) -> str:
        return template.format(**{name: _typed(value) for name, value in numbers.items()})

    return write


def _typed(value: Fraction) -> str:
    return f"({value})" if value < 0 or value.denominator != 1 else str(value)


def table(rows: Callable[[Numbers], Sequence[Sequence[float]]], digits: int = 3) -> Writer:
    """Rows of numbers, rounded."""

    def write(numbers: Numbers) -> str:
        return "[" + ", ".join("[" + ", ".join(f"{x:.{digits}f}" for x in row) + "]" for row in rows(numbers)) + "]"

    return write


def descent(
    slope: Callable[[Numbers, float, float], tuple[float, float]] | None = None,
    rate: Callable[[Numbers], float] = lambda n: float(n["eta"]),
    loss: Callable[[Numbers, float, float], float] | None = None,
    norm: Callable[[float, float], float] = lambda u, v: sqrt(u * u + v * v),
    start: Callable[[Numbers], tuple[float, float]] = lambda _: (0.0, 0.0),
    stale: bool = False,
) -> Writer:
    """The table of a descent, with one thing done otherwise."""

    def rows(n: Numbers) -> list[list[float]]:
        c, d, m = float(n["c"]), float(n["d"]), float(n["m"])
        gradient = slope or (lambda _, x, y: (2 * (x - c), 2 * m * (y - d)))
        value = loss or (lambda _, x, y: (x - c) ** 2 + m * (y - d) ** 2)
        x, y = start(n)
        found = []
        first = gradient(n, x, y)
        for _ in range(3):
            u, v = gradient(n, x, y)
            found.append([x, y, value(n, x, y), norm(u, v)])
            u, v = first if stale else (u, v)
            x, y = x - rate(n) * u, y - rate(n) * v
        return found

    return table(rows)


@dataclass(frozen=True)
class Question:
    """A part of a problem, ways to write the right answer, and kinds of wrong ones, each with its writings."""

    file: str
    part: str
    right: Sequence[Writer]
    wrong: Mapping[str, Sequence[Writer]]


def kinds(**templates: str | tuple[str, ...]) -> dict[str, list[Writer]]:
    """Kinds of wrong answer by their templates."""
    return {kind: [f(each) for each in ([t] if isinstance(t, str) else t)] for kind, t in templates.items()}


QUESTIONS = (
    Question(
        "derivatives/derivative-chain-power",
        "derivative",
        [f("{n}*{a}*({a}x + {b})^({n}-1)"), f("{a}({a}x+{b})^({n}-1)*{n}")],
        kinds(
            inner_missing=("{n}({a}x + {b})^({n}-1)", "{n}*({b} + {a}x)^({n}-1)"),
            exponent_kept="{n}*{a}*({a}x + {b})^{n}",
            wrong_inner=("{n}*{b}*({a}x + {b})^({n}-1)", "({a}x+{b})^({n}-1)*{b}*{n}"),
            exponent_forgotten=("{a}*({a}x + {b})^({n}-1)", "({a}x + {b})^({n}-1)*{a}"),
            inner_added=("{n}*({a}x + {b})^({n}-1) + {a}", "{a} + {n}({b}+{a}x)^({n}-1)"),
            inner_summed="{n}*({a} + {b})*({a}x + {b})^({n}-1)",
            not_differentiated="({a}x + {b})^{n}",
            derivative_inside="{n}*{a}^({n}-1)",
            sign_inside=("{n}*{a}*({a}x - {b})^({n}-1)", "{a}*{n}*(-{b}+{a}x)^({n}-1)"),
            constant_dropped=("{n}*{a}*({a}x)^({n}-1)", "{n}*{a}^{n}*x^({n}-1)"),
            exponent_as_inner="{n}*{n}*({a}x + {b})^({n}-1)",
            integrated="({a}x + {b})^({n}+1)/({a}*({n}+1))",
        ),
    ),
    Question(
        "derivatives/derivative-chain-power",
        "slope",
        [f("{n}*{a}*({a}*{p} + {b})^({n}-1)")],
        kinds(
            inner_missing="{n}*({a}*{p} + {b})^({n}-1)",
            value_of_f="({a}*{p} + {b})^{n}",
            exponent_kept="{n}*{a}*({a}*{p} + {b})^{n}",
            at_zero="{n}*{a}*({b})^({n}-1)",
            exponent_forgotten="{a}*({a}*{p} + {b})^({n}-1)",
            wrong_inner="{n}*{b}*({a}*{p} + {b})^({n}-1)",
            bracket_only="{a}*{p} + {b}",
            inner_added="{n}*({a}*{p} + {b})^({n}-1) + {a}",
            multiplied_by_point="{n}*{a}*({a}*{p} + {b})*({n}-1)",
            sign_lost="-{n}*{a}*({a}*{p} + {b})^({n}-1)",
            doubled="2*{n}*{a}*({a}*{p} + {b})^({n}-1)",
        ),
    ),
    Question(
        "gradients/gradient-mixed-cubic",
        "gradient",
        [f("[2*{a}*x*y + {b}*y^2, {a}*x^2 + 2*{b}*x*y]"), f("[y(2*{a}x + {b}y), x({a}x + 2*{b}*y)]")],
        kinds(
            swapped=("[{a}*x^2 + 2*{b}*x*y, 2*{a}*x*y + {b}*y^2]", "[x({a}x + 2*{b}y), y(2*{a}x + {b}y)]"),
            first_factor_lost=("[{a}*x*y + {b}*y^2, {a}*x^2 + 2*{b}*x*y]", "[y({a}x+{b}y), x({a}x + 2*{b}y)]"),
            both_factors_lost=("[{a}*x*y + {b}*y^2, {a}*x^2 + {b}*x*y]", "[y({a}x + {b}y), x({a}x+{b}y)]"),
            other_held_as_one="[2*{a}*x, 2*{b}*y]",
            all_differentiated="[2*{a}*x + {b}, {a} + 2*{b}*y]",
            square_dropped="[2*{a}*x*y + {b}*y, {a}*x + 2*{b}*x*y]",
            second_term_lost="[2*{a}*x*y, 2*{b}*x*y]",
            minus_between=("[2*{a}*x*y - {b}*y^2, {a}*x^2 - 2*{b}*x*y]", "[-{b}*y^2 + 2*{a}*x*y, -2*{b}*x*y+{a}*x^2]"),
            letters_swapped="[2*{b}*x*y + {a}*y^2, {b}*x^2 + 2*{a}*x*y]",
            second_sign=("[2*{a}*x*y + {b}*y^2, -{a}*x^2 - 2*{b}*x*y]", "[y(2*{a}x + {b}y), -x({a}x + 2*{b}y)]"),
            multiplied_together="[2*{a}*{b}*x*y + y^2, {a}*{b}*x^2 + 2*x*y]",
        ),
    ),
    Question(
        "gradients/gradient-mixed-cubic",
        "value",
        [f("[2*{a}*{p}*{q} + {b}*{q}^2, {a}*{p}^2 + 2*{b}*{p}*{q}]")],
        kinds(
            swapped="[{a}*{p}^2 + 2*{b}*{p}*{q}, 2*{a}*{p}*{q} + {b}*{q}^2]",
            other_held_as_one="[2*{a}*{p}, 2*{b}*{q}]",
            points_swapped="[2*{a}*{p}*{q} + {b}*{p}^2, {a}*{q}^2 + 2*{b}*{p}*{q}]",
            first_sign="[-(2*{a}*{p}*{q} + {b}*{q}^2), {a}*{p}^2 + 2*{b}*{p}*{q}]",
            second_sign="[2*{a}*{p}*{q} + {b}*{q}^2, -({a}*{p}^2 + 2*{b}*{p}*{q})]",
            second_term_lost="[2*{a}*{p}*{q}, 2*{b}*{p}*{q}]",
            letters_swapped="[2*{b}*{p}*{q} + {a}*{q}^2, {b}*{p}^2 + 2*{a}*{p}*{q}]",
            halved="[({a}*{p}*{q} + {b}*{q}^2/2), ({a}*{p}^2/2 + {b}*{p}*{q})]",
            first_doubled="[4*{a}*{p}*{q} + 2*{b}*{q}^2, {a}*{p}^2 + 2*{b}*{p}*{q}]",
            same_twice="[2*{a}*{p}*{q} + {b}*{q}^2, 2*{a}*{p}*{q} + {b}*{q}^2]",
            second_zero="[2*{a}*{p}*{q} + {b}*{q}^2, 0]",
        ),
    ),
    Question(
        "jacobians/jacobian-polynomial-map",
        "jacobian",
        [f("[[{a}*y, {a}*x], [{b}, 2*{c}*y]]")],
        kinds(
            transposed=("[[{a}*y, {b}], [{a}*x, 2*{c}*y]]", "[{a}y, {b}; x*{a}, {c}*2y]"),
            rows_swapped="[[{b}, 2*{c}*y], [{a}*y, {a}*x]]",
            first_row_swapped=("[[{a}*x, {a}*y], [{b}, 2*{c}*y]]", "[{a}x, y*{a}; {b}, 2*{c}*y]"),
            factor_two_lost="[[{a}*y, {a}*x], [{b}, {c}*y]]",
            x_kept="[[{a}*y, {a}*x], [{b}*x, 2*{c}*y]]",
            product_as_number=("[[{a}, {a}], [{b}, 2*{c}*y]]", "[{a}, {a}; {b}, {c}*y*2]"),
            second_term_constant="[[{a}*y, {a}*x], [{b}, 2*{c}]]",
            sum_kept="[[{a}*y, {a}*x], [{b} + {c}*y^2, {b}*x + 2*{c}*y]]",
            letters_swapped=("[[{a}*y, {a}*x], [{c}, 2*{b}*y]]", "[y*{a}, x*{a}; {c}, {b}*2*y]"),
            last_sign="[[{a}*y, {a}*x], [{b}, -2*{c}*y]]",
            coefficient_lost="[[y, x], [{b}, 2*{c}*y]]",
        ),
    ),
    Question(
        "descent/descent-on-bowl-table",
        "table",
        [descent()],
        {
            "uphill": [descent(rate=lambda n: -float(n["eta"]))],
            "rate_forgotten": [descent(rate=lambda _: 1.0)],
            "slope_not_updated": [descent(stale=True)],
            "rate_doubled": [descent(rate=lambda n: 2 * float(n["eta"]))],
            "rate_halved": [descent(rate=lambda n: float(n["eta"]) / 2)],
            "curvature_lost": [
                descent(slope=lambda n, x, y: (2 * (x - float(n["c"])), 2 * (y - float(n["d"])))),
            ],
            "norm_not_rooted": [descent(norm=lambda u, v: u * u + v * v)],
            "signs_of_goal": [
                descent(
                    slope=lambda n, x, y: (2 * (x + float(n["c"])), 2 * float(n["m"]) * (y + float(n["d"]))),
                    loss=lambda n, x, y: (x + float(n["c"])) ** 2 + float(n["m"]) * (y + float(n["d"])) ** 2,
                )
            ],
            "goals_swapped": [
                descent(
                    slope=lambda n, x, y: (2 * (x - float(n["d"])), 2 * float(n["m"]) * (y - float(n["c"]))),
                    loss=lambda n, x, y: (x - float(n["d"])) ** 2 + float(n["m"]) * (y - float(n["c"])) ** 2,
                )
            ],
            "loss_doubled": [
                descent(loss=lambda n, x, y: 2 * ((x - float(n["c"])) ** 2 + float(n["m"]) * (y - float(n["d"])) ** 2))
            ],
            "started_at_one": [descent(start=lambda _: (1.0, 1.0))],
        },
    ),
)


@dataclass(frozen=True)
class Given:
    """One answer: what kind it is of, and how it was judged."""

    variant: int
    kind: str
    text: str
    is_right: bool
    mistake: str | None
    where: tuple[tuple[int, ...], ...]


def judged(part: VariantPart, place: int, kind: str, text: str) -> Given | None:
    """The answer as judged; None where it is neither right nor wrong."""
    result = grade_part(part, text)
    if result.outcome not in {Outcome.EQUAL, Outcome.DIFFERENT}:
        return None
    where = tuple(entry.index for entry in result.entries if entry.outcome != Outcome.EQUAL)
    return Given(place, kind, text, result.outcome == Outcome.EQUAL, result.mistake, where)


def answers_to(question: Question, variants: Sequence[Variant], students: int) -> list[Given]:
    """What the students of each variant give."""
    found = []
    for place, variant in enumerate(variants):
        draw = random.Random(f"{question.file} {question.part} {place}")
        numbers = {name: Fraction(value) for name, value in variant.parameters.items()}
        part = variant.part(question.part)
        assert part is not None
        wanted = draw.sample(sorted(question.wrong), min(students, len(question.wrong)))
        for kind in [*wanted, "right"]:
            writings = question.right if kind == "right" else question.wrong[kind]
            answer = judged(part, place, kind, draw.choice(writings)(numbers))
            if answer is not None:
                found.append(answer)
    return found


def score(question: Question, variants: Sequence[Variant], students: int, *, shown: bool) -> tuple[int, int, int]:
    """How many wrong answers there are, how many are in the right cluster, and how many right ones are in one."""
    path = ROOT / f"{question.file}.yaml"
    related = relate(load_file(path), question.part, variants)
    assert related is not None
    given = answers_to(question, variants, students)
    wrong = [each for each in given if not each.is_right]
    began = time.perf_counter()
    cases = []
    for each in wrong:
        part = variants[each.variant].part(question.part)
        assert part is not None
        tree = read_part(part, each.text).tree
        leaves = leaves_of(tree, related.situations[each.variant].points)
        cases.append(Case(each.variant, tree, leaves, each.mistake, each.where))
    groups = group(cases, related.situations, related.domain, related.changed)
    seconds = time.perf_counter() - began
    right, twins = _counted(question, variants, related.situations, wrong, groups, shown=shown)
    spoiled = sum(1 for each in groups for member in each.members if wrong[member].is_right)
    many = sum(1 for each in groups if len(each.members) > 1)
    named = sum(1 for each in wrong if each.mistake)
    print(
        f"{question.file} {question.part}: {right} of {len(wrong)} ({right / len(wrong):.1%}) in the right cluster; "
        f"{many} clusters and {len(groups) - many} alone for {len(question.wrong)} kinds; "
        f"{named} had a mistake id; {twins} are two kinds at once; {seconds:.1f} s"
    )
    return len(wrong), right, spoiled


def _counted(
    question: Question,
    variants: Sequence[Variant],
    situations: Sequence[Situation],
    wrong: Sequence[Given],
    groups: Sequence[Group],
    *,
    shown: bool,
) -> tuple[int, int]:
    where = {member: number for number, each in enumerate(groups) for member in each.members}
    holding: dict[str, Counter[int]] = defaultdict(Counter)
    for place, each in enumerate(wrong):
        holding[each.kind][where[place]] += 1
    majority = {
        number: Counter(wrong[member].kind for member in each.members).most_common(1)[0][0]
        for number, each in enumerate(groups)
    }
    home = {kind: counts.most_common(1)[0][0] for kind, counts in holding.items()}
    right = twins = 0
    for place, each in enumerate(wrong):
        same = _same_here(question, variants[each.variant], situations[each.variant].points, each)
        twins += len(same) > 1
        is_right = any(where[place] == home.get(kind) and majority[where[place]] == kind for kind in same)
        right += is_right
        if shown and not is_right:
            print(
                "   ",
                each.kind,
                variants[each.variant].parameters,
                each.text,
                each.mistake,
                each.where,
                "in",
                majority[where[place]],
                groups[where[place]].pattern,
            )
    return right, twins


def _same_here(question: Question, variant: Variant, points: Points, given: Given) -> list[str]:
    """The kinds that are this very answer with these numbers."""
    part = variant.part(question.part)
    assert part is not None
    own = leaves_of(read_part(part, given.text).tree, points)
    numbers = {name: Fraction(value) for name, value in variant.parameters.items()}
    found = [given.kind]
    for kind, writings in question.wrong.items():
        other = leaves_of(read_part(part, writings[0](numbers)).tree, points)
        alike = len(own.leaves) == len(other.leaves) and own.frame == other.frame
        if (
            kind != given.kind
            and alike
            and all(one.agrees(two.values) for one, two in zip(own.leaves, other.leaves, strict=True))
        ):
            found.append(kind)
    return found


def main() -> int:
    """All questions, or those whose file or part is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--variants", type=int, default=50)
    parser.add_argument("--students", type=int, default=6)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    total = right = spoiled = 0
    for question in QUESTIONS:
        if options.names and not any(name in f"{question.file} {question.part}" for name in options.names):
            continue
        problem = load_file(ROOT / f"{question.file}.yaml")
        variants = [make_variant(problem, seed, verify=False) for seed in range(1, options.variants + 1)]
        wrong, good, bad = score(question, variants, options.students, shown=options.list)
        total, right, spoiled = total + wrong, right + good, spoiled + bad
    print(
        f"together: {right} of {total} ({right / total:.1%}) in the right cluster, {spoiled} right answers in a cluster"
    )
    return 0 if right >= LEAST * total and not spoiled else 1


if __name__ == "__main__":
    sys.exit(main())
