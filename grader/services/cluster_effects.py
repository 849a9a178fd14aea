"""What teachers' decisions about clusters do to results: points for what is accepted, words for what is explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from grader.bank.cluster_rules import Rule, ground, is_in, is_same
from grader.checking.verdict import Outcome
from grader.errors import GraderError
from grader.grading import PartResult, Result, read_part
from grader.services import gradings
from grader.services.access import Clock
from grader.store import attempts, clusters, submissions
from grader.store.clusters import ClusterRule
from grader.store.database import writing
from grader.store.gradings import latest_judged
from grader.store.submissions import Work

EXPLAIN = "explain"
"""The kind of job that adds a teacher's words to what was judged before."""
EXPLAINED = "explained"
"""The cause of a grading with the same marks and more words."""
ACCEPTED = "Your teachers accept this answer."
PARTLY_ACCEPTED = "Your teachers accept this answer in part."
MOST_SENT = 20_000


@dataclass(frozen=True, slots=True)
class Effective:
    """A decision that has an effect: which answers to which part it speaks of, and what it does."""

    id: int
    part: str
    rule: Rule
    answers: frozenset[tuple[int, str]]
    row: ClusterRule


def effective(session: Session, course_id: int, problem_version_id: int) -> tuple[Effective, ...]:
    """The decisions about a version in a course."""
    return tuple(_effective(row) for row in clusters.rules(session, course_id, problem_version_id))


def _effective(row: ClusterRule) -> Effective:
    members = frozenset((int(seed), str(text)) for seed, text in row.rule["answers"])
    return Effective(row.id, row.part, Rule.from_json(row.rule["rule"]), members, row)


def applied(rules: Sequence[Effective], work: Work, result: Result) -> tuple[Result, Mapping[str, int]]:
    """The result with the decisions in it, and by part the one that gave points."""
    if not rules or not any(part.outcome == Outcome.DIFFERENT for part in result.parts):
        return result, {}
    parts, giving = [], {}
    for part in result.parts:
        found = [rule for rule in rules if rule.part == part.id and _speaks_of(rule, work, part)]
        new = part
        for rule in found:
            new = _with(rule.row, new)
            if rule.row.share is not None and new.score > part.score:
                giving[part.id] = rule.id
        parts.append(new)
    return replace(Result.of(tuple(parts)), engine=result.engine), giving


def _with(row: ClusterRule, part: PartResult) -> PartResult:
    """The part with one decision in it; points only go up."""
    words = tuple(dict.fromkeys((*part.feedback, *([row.feedback] if row.feedback else ()))))
    if row.share is None or row.share * part.max_score <= part.score:
        return replace(part, feedback=words)
    said = row.feedback or (ACCEPTED if row.share == 1 else PARTLY_ACCEPTED)
    outcome = Outcome.EQUAL if row.share == 1 else part.outcome
    entries = () if row.share == 1 else part.entries
    score = row.share * part.max_score
    evidence = None if row.share == 1 else part.evidence
    mistake = None if row.share == 1 else part.mistake
    return replace(
        part, score=score, outcome=outcome, entries=entries, evidence=evidence, mistake=mistake, feedback=(said,)
    )


def _speaks_of(effect: Effective, work: Work, part: PartResult) -> bool:
    """Whether a wrong answer is in the cluster; one that cannot be looked at again is not."""
    text = work.responses.get(part.id, "").strip()
    if part.outcome != Outcome.DIFFERENT or not text:
        return False
    if (work.seed, text) in effect.answers:
        return True
    rule = effect.rule
    where = tuple(entry.index for entry in part.entries if entry.outcome != Outcome.EQUAL)
    try:
        on = ground(work.source, work.seed, part.id)
        if on is None:
            return False
        tree = read_part(on.variant, text).tree
        if rule.kind == "same":
            return rule.seed == work.seed and is_same(on, tree, read_part(on.variant, rule.answer).tree)
        return is_in(rule, on, tree, part.mistake, where)
    except GraderError:
        return False


def with_effects(session: Session, work: Work, result: Result) -> Result:
    """The result of a submission with the decisions of its course in it; the transaction in progress is ended."""
    if not any(part.outcome == Outcome.DIFFERENT for part in result.parts):
        return result
    rules = effective(session, work.course_id, work.problem_version_id)
    session.commit()
    return applied(rules, work, result)[0]


def handler(clock: Clock) -> Callable[[Session, Mapping[str, Any]], None]:
    """What a worker does with a job of the kind `EXPLAIN`."""

    def do(session: Session, payload: Mapping[str, Any]) -> None:
        explain(session, clock, int(payload["rule"]))

    return do


def explain(session: Session, clock: Clock, rule_id: int) -> int:
    """Add the words of a decision to what was judged before it, one submission at a time; how many."""
    row = session.get(ClusterRule, rule_id)
    if row is None or row.ended is not None or not row.feedback:
        return 0
    effect, words = _effective(row), row.feedback
    sent = clusters.sent(session, row.course_id, row.problem_version_id, MOST_SENT)
    wanted = [one.submission_id for one in sent if _is_unexplained(one.result, effect.part, words)]
    session.commit()
    explained = 0
    for submission_id in wanted:
        if not clusters.has_effect(session, rule_id):
            break  # it was withdrawn meanwhile
        explained += _explain(session, clock, submission_id, effect, words)
    return explained


def _is_unexplained(result: Mapping[str, Any], part_id: str, words: str) -> bool:
    return any(
        part["id"] == part_id and part["outcome"] == Outcome.DIFFERENT and words not in part["feedback"]
        for part in result["parts"]
    )


def _explain(session: Session, clock: Clock, submission_id: int, effect: Effective, words: str) -> bool:
    """Add the words to one submission, if it is in the cluster; the marks stay as they are.

    What was judged anew while nothing was locked is looked at once more.
    """
    work = submissions.work(session, submission_id)
    judged = latest_judged(session, submission_id)
    if judged is None:
        return False
    judged_id, before = judged.id, Result.from_json(judged.result)
    session.commit()  # nothing is held while the answer is looked at
    parts = tuple(
        replace(part, feedback=(*part.feedback, words))
        if part.id == effect.part and words not in part.feedback and _speaks_of(effect, work, part)
        else part
        for part in before.parts
    )
    if parts == before.parts:
        return False
    with writing(session):
        attempts.lock(session, work.attempt_id)
        if not clusters.has_effect(session, effect.id):
            return False
        present = latest_judged(session, submission_id)
        if present is not None and present.id == judged_id:
            gradings.record(session, clock(), submission_id, work.attempt_id, EXPLAINED, replace(before, parts=parts))
            return True
    return _explain(session, clock, submission_id, effect, words)
