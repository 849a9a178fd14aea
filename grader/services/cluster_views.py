"""Clusters of wrong answers as teachers see them: plain values, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from grader.bank.cluster_rules import Rule
from grader.mistakes.cases import Pattern
from grader.mistakes.patterns import KEY
from grader.reading.printing import to_mathml, to_text
from grader.reading.tree import Tree, name
from grader.store.clusters import ClusterRule

MOST_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One distinct answer: as typed, to the variant with this seed, and in which submissions."""

    seed: int
    text: str
    submissions: tuple[int, ...]
    students: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FormulaView:
    """What one entry of the answers is; `is_right` where it is that of the key. The index is empty for a lone one."""

    index: tuple[int, ...]
    text: str
    mathml: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Wrong answers that are one mistake.

    `kind` is that of the rule. `formulas` say what each entry is in terms of the problem's quantities,
    `changed` for which quantity something else was taken (both as MathML, and in text); `sentence` is
    what students are told of a recognised mistake. `feedback` and `share` are what teachers have decided,
    in the rule `rule_id`.
    """

    mark: str
    kind: str
    mistake: str
    sentence: str
    formulas: tuple[FormulaView, ...]
    changed: tuple[tuple[str, str, str], ...]
    where: tuple[tuple[int, ...], ...]
    answers: int
    submissions: int
    students: int
    share_of_students: Fraction
    samples: tuple[AnswerView, ...]
    rule_id: int | None = None
    feedback: str | None = None
    share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class PartTab:
    """One part of the problem, with how many wrong submissions there are to it."""

    id: str
    wrong: int


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """The clusters of one part in an assignment, or over the whole course.

    `state` is "fresh", or "waiting" while they are being worked out; `computed` says as of when they are.
    """

    course_id: int
    course_title: str
    assignment_id: int
    assignment_title: str
    problem_id: str
    problem_title: str
    problem_course_id: int | None
    problem_version_id: int
    versions: tuple[tuple[int, int], ...]
    source: str
    parts: tuple[PartTab, ...]
    part: str
    clusters: tuple[ClusterView, ...]
    students: int
    whole_course: bool
    state: str
    computed: datetime | None
    left_out: int
    may_accept: bool

    def cluster(self, mark: str) -> ClusterView | None:
        """The cluster with this mark."""
        return next((each for each in self.clusters if each.mark == mark), None)


def cluster_view(
    data: Mapping[str, Any], assignment_id: int | None, students: int, rules: Mapping[str, ClusterRule]
) -> ClusterView | None:
    """A kept cluster, as far as it is of this assignment (None: of all); None where nothing is."""
    rule = Rule.from_json(data["rule"])
    answers = [found for each in data["answers"] if (found := _answer(each, assignment_id)) is not None]
    if not answers:
        return None
    people = {student for each in answers for student in each.students}
    pattern = rule.pattern
    decided = rules.get(rule.mark)
    return ClusterView(
        mark=rule.mark,
        kind=rule.kind,
        mistake=rule.mistake or "",
        sentence=data["sentence"],
        formulas=_formulas(pattern) if pattern is not None else (),
        changed=tuple(_change(*each) for each in pattern.changed) if pattern is not None else (),
        where=rule.where,
        answers=len(answers),
        submissions=sum(len(each.submissions) for each in answers),
        students=len(people),
        share_of_students=Fraction(len(people), students) if students else Fraction(0),
        samples=samples(answers),
        rule_id=decided.id if decided else None,
        feedback=decided.feedback if decided else None,
        share=decided.share if decided else None,
    )


def _change(quantity: str, value: Tree) -> tuple[str, str, str]:
    """A quantity and what it was taken for, both as MathML, and both in a line of text."""
    return to_mathml(name(quantity)), to_mathml(value), f"{quantity} = {to_text(value)}"


def _formulas(pattern: Pattern) -> tuple[FormulaView, ...]:
    """The entries with their places, as the key has them."""
    kind, *sizes = pattern.frame or ("",)
    columns = int(str(sizes[1])) if kind == "matrix" else 0
    found = []
    for place, tree in enumerate(pattern.entries):
        index = (place // columns + 1, place % columns + 1) if columns else (place + 1,)
        is_right = tree == name(f"{KEY}{place + 1}")
        found.append(FormulaView(index if len(pattern.entries) > 1 else (), to_text(tree), to_mathml(tree), is_right))
    return tuple(found)


def samples(answers: Sequence[AnswerView]) -> tuple[AnswerView, ...]:
    """A few answers, of different variants first."""
    seen: set[int] = set()
    first: list[AnswerView] = []
    rest: list[AnswerView] = []
    for each in answers:
        (rest if each.seed in seen else first).append(each)
        seen.add(each.seed)
    return tuple([*first, *rest][:MOST_SAMPLES])


def _answer(data: Mapping[str, Any], assignment_id: int | None) -> AnswerView | None:
    given = [row for row in data["given"] if assignment_id in {None, row[1]}]
    if not given:
        return None
    return AnswerView(data["seed"], data["text"], tuple(row[0] for row in given), tuple(row[2] for row in given))
