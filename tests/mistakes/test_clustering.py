"""Wrong answers put together across variants: by formula, by a quantity taken for another, by equality."""

from __future__ import annotations

import pytest

from grader.bank.cluster_rules import Rule, ground, is_in
from grader.bank.cluster_snippets import inserted, own_mistake_of
from grader.bank.loading import load_problem
from grader.bank.relating import relate
from grader.bank.variants import make_variant
from grader.grading import grade_part, read_part
from grader.mistakes.cases import Case, Group
from grader.mistakes.clustering import group
from grader.mistakes.leaves import leaves_of
from grader.reading.printing import to_text

PROBLEM = """
id: clustered
title: Clustered
topic: gradients
family: "3.1"
level: drill
variables:
  x: {}
  y: {}
parameters:
  a: {integer: [2, 9]}
  b: {integer: [2, 9]}
  c: {integer: [2, 9]}
where: ["a != b", "b != c", "a != c"]
derived:
  g: {gradient: "a*x^2*y + b*y + c*x", by: [x, y], layout: column}
prompt: "{{ g }}"
parts:
  - id: gradient
    ask: gradient
    type: vector
    answer: g
  - id: line
    ask: line
    type: expression
    answer: "a*x + b*y"
  - id: number
    ask: number
    type: number
    answer: "a*b + c"
"""
SEEDS = range(1, 13)


def grouped(part_id: str, *kinds: str) -> tuple[list[str], list[Group]]:
    """Each kind of answer in every variant, and the groups; answers are told by the kind."""
    problem = load_problem(PROBLEM)
    variants = [make_variant(problem, seed) for seed in SEEDS]
    related = relate(problem, part_id, variants)
    assert related is not None
    cases, labels = [], []
    for place, variant in enumerate(variants):
        part = variant.part(part_id)
        assert part is not None
        for kind in kinds:
            text = kind.format(**variant.parameters, p=place + 1)
            tree = read_part(part, text).tree
            result = grade_part(part, text)
            if result.outcome != "different":
                continue
            where = tuple(entry.index for entry in result.entries if entry.outcome != "equal")
            cases.append(Case(place, tree, leaves_of(tree, related.situations[place].points), None, where))
            labels.append(kind)
    return labels, group(cases, related.situations, related.domain, related.changed)


def formulas(each: Group) -> list[str]:
    assert each.pattern is not None
    return [to_text(tree) for tree in each.pattern.entries]


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        ("line", ("{a}*x - {b}*y", "{b}*x + {a}*y", "sin({a}*x) + {b}", "{a}*x*y*{b}", "({a}*x + {b}*y)*{c}")),
        ("gradient", ("[{a}*x*y + {c}, {a}*x^2 + {b}]", "[{a}*x^2 + {b}, 2*{a}*x*y + {c}]", "[2*{a}*x*y, {a}*x^2]")),
        ("number", ("{a}*{b}", "{a}+{b}+{c}", "{a}*{b} - {c}", "{a}*{b}*{c}")),
    ],
)
def test_each_kind_is_one_group(part: str, kinds: tuple[str, ...]) -> None:
    labels, groups = grouped(part, *kinds)
    for kind in kinds:
        home = max(groups, key=lambda each: sum(labels[place] == kind for place in each.members))
        inside = [labels[place] for place in home.members]
        assert inside.count(kind) >= 0.9 * labels.count(kind), kind
        assert inside.count(kind) >= 0.9 * len(inside), kind


def test_what_an_entry_is_called() -> None:
    _, (found, *_) = grouped("gradient", "[2*{a}*x*y + {c}, {a}*{a}*x^2 + {b}]")
    assert formulas(found)[0] == "key_1"
    _, (found, *_) = grouped("line", "{a}*x + {b}*y + {c}")
    assert formulas(found) == ["key_1 + c"]


def test_numbers_without_rhyme_or_reason_stand_alone() -> None:
    problem = load_problem(PROBLEM)
    noise = {1: 31, 2: 7, 3: 55, 4: 90, 5: 18, 6: 43, 7: 61, 8: 3, 9: 77, 10: 26, 11: 94, 12: 12}
    variants = [make_variant(problem, seed) for seed in SEEDS]
    related = relate(problem, "number", variants)
    assert related is not None
    cases = []
    for place, variant in enumerate(variants):
        part = variant.part("number")
        assert part is not None
        tree = read_part(part, str(noise[place + 1])).tree
        cases.append(Case(place, tree, leaves_of(tree, related.situations[place].points)))
    assert max(len(each.members) for each in group(cases, related.situations, related.domain, related.changed)) <= 3


def test_equal_answers_to_one_variant() -> None:
    problem = load_problem(PROBLEM)
    variant = make_variant(problem, 1)
    related = relate(problem, "line", [variant])
    part = variant.part("line")
    assert related is not None
    assert part is not None
    trees = [read_part(part, text).tree for text in ("x^2 - y^2", "(x+y)*(x-y)", "x^2 + y^2", "sin(x)")]
    cases = [Case(0, tree, leaves_of(tree, related.situations[0].points)) for tree in trees]
    groups = group(cases, related.situations, related.domain)
    assert sorted(each.members for each in groups) == [(0, 1), (2,), (3,)]


def test_a_rule_knows_later_answers_and_no_right_ones() -> None:
    _, (found, *_) = grouped("line", "{a}*x - {b}*y")
    rule = Rule.from_json(Rule(pattern=found.pattern).to_json())
    assert rule == Rule(pattern=found.pattern)
    on = ground(PROBLEM, 99, "line")
    assert on is not None
    numbers = make_variant(load_problem(PROBLEM), 99).parameters
    for text, expected in (("-{b}*y + x*{a}", True), ("{a}*x + {b}*y", False), ("{a}*x - {b}*y + 1/10^9", False)):
        tree = read_part(on.variant, text.format(**numbers)).tree
        assert is_in(rule, on, tree, None, ()) is expected, text


@pytest.mark.parametrize(
    ("part", "kind", "answer"),
    [
        ("line", "sin({a}*x) + {b}", "sin(a*x) + b"),
        ("gradient", "[2*{a}*x*y + {c}, {a}*x + {b}]", "[key_1; a*x + b]"),
    ],
)
def test_a_cluster_becomes_a_mistake_of_the_problem(part: str, kind: str, answer: str) -> None:
    _, (found, *_) = grouped(part, kind)
    on = ground(PROBLEM, 99, part)
    assert on is not None
    text = own_mistake_of(Rule(pattern=found.pattern), on, "our-own", "Say so: it is wrong.")
    assert text is not None
    assert text.answer == answer
    problem = load_problem(inserted(PROBLEM, part, text))
    variant = make_variant(problem, 99)
    asked = variant.part(part)
    assert asked is not None
    result = grade_part(asked, kind.format(**variant.parameters))
    assert result.mistake == "our-own"
    assert "Say so: it is wrong." in result.feedback
    assert "our-own" in text.to_yaml(part)
