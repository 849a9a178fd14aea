"""Working out the clusters of a part: what was sent in, grouped, and kept until something new comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from grader import queue
from grader.bank.cluster_rules import Rule
from grader.bank.loading import load_problem
from grader.bank.relating import Related, relate
from grader.bank.variants import make_variant
from grader.checking.verdict import Outcome
from grader.engine import present_engine
from grader.errors import GraderError
from grader.grading import read_part
from grader.mistakes.cases import Case, Group
from grader.mistakes.clustering import group
from grader.mistakes.leaves import leaves_of
from grader.services.access import Clock
from grader.store import clusters
from grader.store.clusters import Sent
from grader.store.database import writing
from grader.store.problems import ProblemVersion

CLUSTERS = "clusters"
"""The kind of job that works out clusters."""
MOST_SENT = 20_000
MOST_ANSWERS = 1_500
MOST_VARIANTS = 400
UNGROUPED = frozenset({"written", "choice"})


@dataclass
class Distinct:
    """One distinct wrong answer and the submissions that hold it."""

    seed: int
    text: str
    mistake: str | None
    where: tuple[tuple[int, ...], ...]
    sentence: str
    given: list[tuple[int, int, int]] = field(default_factory=list)


def handler(clock: Clock) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `CLUSTERS`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        place = (int(payload["course"]), int(payload["version"]), str(payload["part"]))
        if not _is_fresh(session, *place):
            work_out(session, clock, *place)

    return do


def _is_fresh(session: Session, course_id: int, problem_version_id: int, part: str) -> bool:
    """Whether nothing has come in since the clusters were worked out: a page asks again while that is going on."""
    kept = clusters.kept(session, course_id, problem_version_id, part)
    newest = clusters.newest_grading(session, course_id, problem_version_id)
    return kept is not None and (kept.newest_grading_id, kept.engine) == (newest, present_engine())


def ask(session: Session, clock: Clock, course_id: int, problem_version_id: int, part: str) -> None:
    """Have the clusters worked out by the worker; asking twice is asking once."""
    payload = {"course": course_id, "version": problem_version_id, "part": part}
    with writing(session):
        queue.put(session, clock(), CLUSTERS, payload, key=f"{course_id} {problem_version_id} {part}")


def work_out(session: Session, clock: Clock, course_id: int, problem_version_id: int, part: str) -> None:
    """Work the clusters out and keep them."""
    newest = clusters.newest_grading(session, course_id, problem_version_id)
    rows = clusters.sent(session, course_id, problem_version_id, MOST_SENT)
    source = source_of_version(session, problem_version_id)
    session.commit()  # nothing is held while working
    found = distinct(rows, part)
    taken = found[:MOST_ANSWERS]
    values = {
        "course_id": course_id,
        "problem_version_id": problem_version_id,
        "part": part,
        "newest_grading_id": newest,
        "engine": present_engine(),
        "clusters": list(_grouped(source, part, taken)),
        "left_out": len(found) - len(taken),
        "computed": clock(),
    }
    with writing(session):
        clusters.keep(session, values)


def source_of_version(session: Session, problem_version_id: int) -> str:
    """The text of a version."""
    return session.query(ProblemVersion.source).filter_by(id=problem_version_id).one()[0]


def distinct(rows: Sequence[Sent], part: str) -> list[Distinct]:
    """The wrong answers to a part, each once, those that most have given first."""
    found: dict[tuple[int, str], Distinct] = {}
    for row in rows:
        told = next((each for each in row.result["parts"] if each["id"] == part), None)
        if told is None or told["outcome"] != Outcome.DIFFERENT:
            continue
        text = row.responses.get(part, "").strip()
        where = tuple(tuple(each["index"]) for each in told["entries"] if each["outcome"] != Outcome.EQUAL)
        sentence = " ".join(told["feedback"]) if told["mistake"] else ""
        one = found.setdefault((row.seed, text), Distinct(row.seed, text, told["mistake"], where, sentence))
        one.given.append((row.submission_id, row.assignment_id, row.student_id))
    return sorted(found.values(), key=lambda one: (-len(one.given), one.seed, one.text))


def _grouped(source: str, part: str, answers: Sequence[Distinct]) -> Iterator[dict[str, Any]]:
    """The clusters as they are kept."""
    problem = load_problem(source, "problem")
    seeds = list(dict.fromkeys(one.seed for one in answers))[:MOST_VARIANTS]
    places = {seed: place for place, seed in enumerate(seeds)}
    variants = [make_variant(problem, seed, verify=False) for seed in seeds]
    related = relate(problem, part, variants)
    known = [one for one in answers if one.seed in places]
    if related is None or not known:
        return
    cases, kept = _cases(related, variants, known, places)
    groups = _alone(cases) if related.part.type in UNGROUPED else _groups(related, cases)
    for each in groups:
        members = [kept[place] for place in each.members]
        yield _to_json(rule_of(each, members), members)


def _groups(related: Related, cases: Sequence[Case]) -> Sequence[Group]:
    return group(cases, related.situations, related.domain, related.changed)


def _alone(cases: Sequence[Case]) -> Sequence[Group]:
    """Answers in words: the same mistake, or the same words to any variant."""
    found: dict[object, list[int]] = {}
    for place, case in enumerate(cases):
        key = case.mistake if case.mistake is not None else (case.variant, case.tree)
        found.setdefault(key, []).append(place)
    return [Group(tuple(members), cases[members[0]].mistake) for members in found.values()]


def _cases(
    related: Related, variants: Sequence[Any], answers: Sequence[Distinct], places: Mapping[int, int]
) -> tuple[list[Case], list[Distinct]]:
    """The answers as clustering takes them, without those that cannot be read any more."""
    cases, kept = [], []
    for one in answers:
        place = places[one.seed]
        part = variants[place].part(related.part.id)
        try:
            tree = read_part(part, one.text).tree
        except GraderError:
            continue
        leaves = leaves_of(tree, related.situations[place].points)
        cases.append(Case(place, tree, leaves, one.mistake, one.where))
        kept.append(one)
    return cases, kept


def rule_of(each: Group, members: Sequence[Distinct]) -> Rule:
    """The rule that says which answers are in the group."""
    if each.mistake is not None:
        return Rule(each.mistake, each.where, each.pattern)
    if each.pattern is not None:
        return Rule(pattern=each.pattern)
    return Rule(seed=members[0].seed, answer=members[0].text)


def _to_json(rule: Rule, members: Sequence[Distinct]) -> dict[str, Any]:
    said = next((one.sentence for one in members if one.mistake == rule.mistake and one.sentence), "")
    return {
        "rule": rule.to_json(),
        "sentence": said if rule.mistake else "",
        "answers": [{"seed": one.seed, "text": one.text, "given": [list(row) for row in one.given]} for one in members],
    }


def mark_of(data: Mapping[str, Any]) -> str:
    """What a kept cluster is called."""
    return Rule.from_json(data["rule"]).mark
