"""Clusters of wrong answers: what teachers see of them, and what they decide about one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from grader import queue
from grader.engine import present_engine
from grader.errors import Conflict, InvalidRequest, NotFound
from grader.services import clustering
from grader.services.access import Actor, Clock, Membership, enter_assignment
from grader.services.cluster_effects import EXPLAIN
from grader.services.cluster_views import ClusterPage, ClusterView, PartTab, cluster_view
from grader.services.clustering import distinct, source_of_version
from grader.services.standings import WRONG, Mark
from grader.store import assignments, audit, clusters
from grader.store.clusters import ClusterRule, ClusterSet, Tally
from grader.store.database import writing

INLINE = 24
"""So few distinct answers are worked out while the teacher waits; more are left to the worker."""
INLINE_SENT = 500
"""And of so few wrong submissions it is looked at how many distinct answers they hold."""
LONGEST_FEEDBACK = 500
NO_CLUSTERS = "There is no such problem in this assignment."
GONE = "This cluster is not there any more: answers came in meanwhile. Look at the clusters again."


@dataclass(frozen=True, slots=True)
class Place:
    """Which clusters are meant: of a part of a problem of an assignment, in a version (None: the newest there)."""

    assignment_id: int
    problem_id: str
    part: str = ""
    version: int | None = None
    whole_course: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The problem that is meant, as plain values: what is worked out in between ends transactions."""

    set_id: int
    course_id: int
    assignment_id: int
    assignment_title: str
    key: str
    owner_id: int | None
    title: str
    version_id: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided about a cluster; None leaves it as it is, and an empty `feedback` takes the words away."""

    feedback: str | None = None
    share: Fraction | None = None


def clusters_of(session: Session, clock: Clock, actor: Actor, place: Place) -> ClusterPage:
    """The clusters of a part (teachers); a few answers are worked out at once, more by the worker."""
    membership, chosen = _enter(session, actor, place)
    versions = clusters.versions_in(session, chosen.set_id)
    version_id = _version(place, chosen, versions)
    only = None if place.whole_course else chosen.assignment_id
    tallies = clusters.tallies(session, chosen.course_id, version_id)
    tabs = _tabs(chosen.parts, [each for each in tallies if only in {None, each.assignment_id}])
    part = place.part or next((tab.id for tab in tabs if tab.wrong), tabs[0].id if tabs else "")
    if part not in [tab.id for tab in tabs]:
        raise NotFound("There is no such part in this problem.", "part")
    source = source_of_version(session, version_id)
    kept, state = _present(session, clock, chosen.course_id, version_id, part, tallies)
    decided = {row.mark: row for row in clusters.rules(session, chosen.course_id, version_id) if row.part == part}
    students = clusters.students(session, chosen.course_id, version_id, only)
    found = [cluster_view(data, only, students, decided) for data in (kept.clusters if kept else ())]
    return ClusterPage(
        course_id=chosen.course_id,
        course_title=membership.course_title,
        assignment_id=chosen.assignment_id,
        assignment_title=chosen.assignment_title,
        problem_id=chosen.key,
        problem_title=chosen.title,
        problem_course_id=chosen.owner_id,
        problem_version_id=version_id,
        versions=tuple((each, count) for each, count in versions),
        source=source,
        parts=tabs,
        part=part,
        clusters=_in_order(found),
        students=students,
        whole_course=place.whole_course,
        state=state,
        computed=kept.computed if kept else None,
        left_out=kept.left_out if kept else 0,
        may_accept=membership.role == "instructor",
    )


def decide(session: Session, clock: Clock, actor: Actor, place: Place, mark: str, decision: Decision) -> int:
    """Attach words to a cluster (teachers) or accept it (instructors); the rule that has an effect from now on.

    Answers that come in later are treated so at once. Words reach earlier answers by the worker;
    marks of earlier answers are changed by a regrade only.
    """
    membership, chosen = _enter(session, actor, place)
    if decision.share is not None:
        membership.require_instructor()
        if not 0 < decision.share <= 1:
            raise InvalidRequest("A share of the points is more than 0 and at most 100 %.", "share")
    words = _words(decision.feedback)
    version_id = _version(place, chosen, clusters.versions_in(session, chosen.set_id))
    now = clock()
    with writing(session):
        clusters.lock(session, chosen.course_id, version_id, place.part)
        data = _data(session, chosen.course_id, version_id, place.part, mark)
        before = [row for row in _rules(session, chosen.course_id, version_id, place.part) if row.mark == mark]
        old = before[-1] if before else None
        feedback = (old.feedback if old else None) if words is None else (words or None)
        share = old.share if decision.share is None and old else decision.share
        for each in before:
            each.ended, each.ended_by = now, actor.user_id
        row = ClusterRule(
            course_id=chosen.course_id,
            problem_version_id=version_id,
            part=place.part,
            mark=mark,
            rule={"rule": data["rule"], "answers": [[each["seed"], each["text"]] for each in data["answers"]]},
            feedback=feedback,
            share=share,
            author_id=actor.user_id,
            created=now,
        )
        session.add(row)
        session.flush()
        action = "cluster.accepted" if decision.share is not None else "cluster.explained"
        about = {"part": place.part, "problem": chosen.key, "share": str(share or ""), "feedback": feedback}
        audit.note(session, now, actor.user_id, chosen.course_id, action, row.id, **about)
        if words and decision.share is None:
            queue.put(session, now, EXPLAIN, {"rule": row.id}, key=str(row.id))
        return row.id


def withdraw(session: Session, clock: Clock, actor: Actor, place: Place, mark: str) -> None:
    """End what was decided about a cluster; what it has given stays until a regrade says otherwise."""
    membership, chosen = _enter(session, actor, place)
    version_id = _version(place, chosen, clusters.versions_in(session, chosen.set_id))
    now = clock()
    with writing(session):
        clusters.lock(session, chosen.course_id, version_id, place.part)
        rows = [row for row in _rules(session, chosen.course_id, version_id, place.part) if row.mark == mark]
        if any(row.share is not None for row in rows):
            membership.require_instructor()
        for row in rows:
            row.ended, row.ended_by = now, actor.user_id
            audit.note(session, now, actor.user_id, chosen.course_id, "cluster.withdrawn", row.id, part=place.part)


def wrong_in(session: Session, actor: Actor, assignment_id: int) -> dict[str, int]:
    """How many wrong submissions there are to each problem of an assignment, by its id (teachers)."""
    assignment, membership = enter_assignment(session, actor, assignment_id, "results:read")
    membership.require_teacher()
    return clusters.wrong_counts(session, assignment.id)


def _enter(session: Session, actor: Actor, place: Place) -> tuple[Membership, Chosen]:
    """The actor's membership of the course, and the problem in the assignment; teachers only."""
    assignment, membership = enter_assignment(session, actor, place.assignment_id, "results:read")
    membership.require_teacher()
    rows = assignments.every_problem_of(session, assignment.id)
    row = next((row for row in rows if row.problem.key == place.problem_id), None)
    if row is None:
        raise NotFound(NO_CLUSTERS)
    chosen = Chosen(
        set_id=row.id,
        course_id=assignment.course_id,
        assignment_id=assignment.id,
        assignment_title=assignment.title,
        key=row.problem.key,
        owner_id=row.problem.course_id,
        title=row.problem_version.title,
        version_id=row.problem_version_id,
        parts=tuple(row.problem_version.parts or ()),
    )
    return membership, chosen


def _version(place: Place, chosen: Chosen, versions: Sequence[tuple[int, int]]) -> int:
    """The version that is asked for, else the one that most students have."""
    known = [version for version, _ in versions]
    if place.version is not None:
        if place.version not in known:
            raise NotFound("No student of this assignment has this version.", "version")
        return place.version
    return max(versions, key=lambda each: each[1])[0] if versions else chosen.version_id


def _tabs(parts: Sequence[str] | None, tallies: Sequence[Tally]) -> tuple[PartTab, ...]:
    wrong = _wrong(tallies)
    return tuple(PartTab(part, wrong[part]) for part in (parts or sorted(wrong)))


def _wrong(tallies: Sequence[Tally]) -> Counter[str]:
    """How many submissions are wrong in each part."""
    found: Counter[str] = Counter()
    for each in tallies:
        marks = map(Mark.from_json, each.marks)
        found.update({mark.part: each.submissions for mark in marks if mark.outcome == WRONG})
    return found


def _present(
    session: Session, clock: Clock, course_id: int, version_id: int, part: str, tallies: Sequence[Tally]
) -> tuple[ClusterSet | None, str]:
    """The clusters as they are kept, worked out first where that is quick; whether they are up to date."""
    newest = max((each.newest_grading_id for each in tallies), default=0)
    kept = clusters.kept(session, course_id, version_id, part)
    if kept is not None and kept.newest_grading_id == newest and kept.engine == present_engine():
        return kept, "fresh"
    if _wrong(tallies).total() <= INLINE_SENT:
        rows = clusters.sent(session, course_id, version_id, INLINE_SENT)
        if len(distinct(rows, part)) <= INLINE:
            clustering.work_out(session, clock, course_id, version_id, part)
            return clusters.kept(session, course_id, version_id, part), "fresh"
    clustering.ask(session, clock, course_id, version_id, part)
    return kept, "waiting"


def _in_order(found: Sequence[ClusterView | None]) -> tuple[ClusterView, ...]:
    return tuple(
        sorted((each for each in found if each), key=lambda each: (-each.students, -each.submissions, each.mark))
    )


def _rules(session: Session, course_id: int, version_id: int, part: str) -> list[ClusterRule]:
    return [row for row in clusters.rules(session, course_id, version_id) if row.part == part]


def _data(session: Session, course_id: int, version_id: int, part: str, mark: str) -> dict[str, Any]:
    """The kept cluster with this mark; Conflict where it is gone."""
    kept = clusters.kept(session, course_id, version_id, part)
    for data in kept.clusters if kept else ():
        if clustering.mark_of(data) == mark:
            return dict(data)
    raise Conflict(GONE)


def _words(feedback: str | None) -> str | None:
    if feedback is None:
        return None
    words = " ".join(feedback.split())
    if len(words) > LONGEST_FEEDBACK:
        raise InvalidRequest(f"What students are told has at most {LONGEST_FEEDBACK} characters.", "feedback")
    return words
