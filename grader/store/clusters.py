"""Clusters of wrong answers as they were worked out last, and the rules that teachers have made of some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Index,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.assignments import Assignment, AssignmentProblem
from grader.store.attempts import Attempt
from grader.store.base import Base, Id, reference
from grader.store.database import insert
from grader.store.gradings import COUNTS, Grading
from grader.store.problems import Problem, ProblemVersion
from grader.store.submissions import Submission
from grader.store.variants import Variant

PRESENT = text("ended IS NULL")


class ClusterSet(Base):
    """The clusters of one part of a problem version in a course, as of the grading `newest_grading_id`.

    `left_out` is how many distinct answers were too many to look at.
    """

    __tablename__ = "cluster_sets"
    __table_args__ = (UniqueConstraint("course_id", "problem_version_id", "part"),)

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"))
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    part: Mapped[str]
    newest_grading_id: Mapped[int]
    engine: Mapped[str]
    clusters: Mapped[list[Any]]
    left_out: Mapped[int]
    computed: Mapped[datetime]


class ClusterRule(Base):
    """What teachers have decided about a cluster, for answers that are in it now and later.

    `rule` says which answers are in it, `mark` is its hash. `feedback` is shown to the students; with
    `share` the answers earn that share of the part's points. One that is `ended` has no effect any more.
    """

    __tablename__ = "cluster_rules"
    __table_args__ = (
        Index(
            "ix_cluster_rules_present",
            "course_id",
            "problem_version_id",
            sqlite_where=PRESENT,
            postgresql_where=PRESENT,
        ),
    )

    id: Mapped[Id]
    course_id: Mapped[int] = mapped_column(reference("courses"))
    problem_version_id: Mapped[int] = mapped_column(reference("problem_versions"))
    part: Mapped[str]
    mark: Mapped[str]
    rule: Mapped[dict[str, Any]]
    feedback: Mapped[str | None]
    share: Mapped[Fraction | None]
    author_id: Mapped[int] = mapped_column(reference("users"))
    created: Mapped[datetime]
    ended: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(reference("users"))


class Sent(NamedTuple):
    """One judged submission to a version of a problem."""

    submission_id: int
    grading_id: int
    assignment_id: int
    student_id: int
    seed: int
    responses: dict[str, str]
    result: dict[str, Any]


class Tally(NamedTuple):
    """How many judged submissions to an assignment have these marks, and the newest of their gradings."""

    assignment_id: int
    marks: list[Any]
    submissions: int
    newest_grading_id: int


def _of_version(course_id: int, problem_version_id: int) -> ColumnElement[bool]:
    """Of this version in a course; that its problem is named, too, spares looking at attempts at all others."""
    problem_id = select(ProblemVersion.problem_id).where(ProblemVersion.id == problem_version_id)
    return and_(
        Assignment.course_id == course_id,
        AssignmentProblem.problem_id == problem_id.scalar_subquery(),
        Variant.problem_version_id == problem_version_id,
        Attempt.preview.is_(False),
    )


def _is_wrong() -> ColumnElement[bool]:
    """Whether a grading has a part that is wrong."""
    return type_coerce(Grading.marks, Text()).contains('"different"', autoescape=True)


def newest_grading(session: Session, course_id: int, problem_version_id: int) -> int:
    """The id of the newest grading of a submission to this version in a course; 0: there is none."""
    newest = (
        select(func.max(Grading.id))
        .join(Submission, Submission.id == Grading.submission_id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of_version(course_id, problem_version_id))
    )
    return session.scalar(newest) or 0


def tallies(session: Session, course_id: int, problem_version_id: int) -> Sequence[Tally]:
    """The judged submissions to this version in a course, counted by assignment and marks."""
    rows = session.execute(
        select(AssignmentProblem.assignment_id, Grading.marks, func.count(), func.max(Grading.id))
        .select_from(Grading)
        .join(Submission, Submission.id == Grading.submission_id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of_version(course_id, problem_version_id), COUNTS)
        .group_by(AssignmentProblem.assignment_id, Grading.marks)
    )
    return [Tally(*row) for row in rows]


def students(session: Session, course_id: int, problem_version_id: int, assignment_id: int | None) -> int:
    """How many students have a judged submission to this version in a course, or in one assignment of it."""
    is_judged = exists().where(Submission.attempt_id == Attempt.id, Submission.state == "judged")
    query = (
        select(func.count(Attempt.student_id.distinct()))
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of_version(course_id, problem_version_id), is_judged)
    )
    if assignment_id is not None:
        query = query.where(AssignmentProblem.assignment_id == assignment_id)
    return session.scalar(query) or 0


def sent(session: Session, course_id: int, problem_version_id: int, most: int) -> Sequence[Sent]:
    """The judged submissions to this version in a course that have a wrong part, the newest first."""
    rows = session.execute(
        select(
            Submission.id,
            Grading.id,
            AssignmentProblem.assignment_id,
            Attempt.student_id,
            Variant.seed,
            Submission.responses,
            Grading.result,
        )
        .join(Grading, Grading.submission_id == Submission.id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(Variant, Variant.id == Attempt.variant_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Assignment, Assignment.id == AssignmentProblem.assignment_id)
        .where(_of_version(course_id, problem_version_id), _is_wrong(), COUNTS)
        .order_by(Submission.id.desc())
        .limit(most)
    )
    return [Sent(*row) for row in rows]


def versions_in(session: Session, assignment_problem_id: int) -> Sequence[tuple[int, int]]:
    """The versions of a problem that students of an assignment have, with how many students."""
    rows = session.execute(
        select(Variant.problem_version_id, func.count(Attempt.student_id.distinct()))
        .join(Variant, Variant.id == Attempt.variant_id)
        .where(Attempt.assignment_problem_id == assignment_problem_id, Attempt.preview.is_(False))
        .group_by(Variant.problem_version_id)
        .order_by(Variant.problem_version_id.desc())
    )
    return rows.all()


def wrong_counts(session: Session, assignment_id: int) -> dict[str, int]:
    """How many submissions to each problem of an assignment have a part that is wrong, by the problem's id."""
    rows = session.execute(
        select(Problem.key, func.count())
        .select_from(Grading)
        .join(Submission, Submission.id == Grading.submission_id)
        .join(Attempt, Attempt.id == Submission.attempt_id)
        .join(AssignmentProblem, AssignmentProblem.id == Attempt.assignment_problem_id)
        .join(Problem, Problem.id == AssignmentProblem.problem_id)
        .where(
            AssignmentProblem.assignment_id == assignment_id,
            Attempt.preview.is_(False),
            COUNTS,
            _is_wrong(),
        )
        .group_by(Problem.key)
    )
    return dict(rows.all())


def kept(session: Session, course_id: int, problem_version_id: int, part: str) -> ClusterSet | None:
    """The clusters as they were worked out last."""
    query = select(ClusterSet).filter_by(course_id=course_id, problem_version_id=problem_version_id, part=part)
    return session.scalar(query, execution_options={"populate_existing": True})


def lock(session: Session, course_id: int, problem_version_id: int, part: str) -> None:
    """Keep others from deciding about clusters of this part until the transaction ends.

    What is read after this is present.
    """
    query = select(ClusterSet.id).filter_by(course_id=course_id, problem_version_id=problem_version_id, part=part)
    session.execute(query.with_for_update())


def keep(session: Session, values: dict[str, Any]) -> None:
    """Put these clusters in the place of those before."""
    statement = insert(session, ClusterSet).values(values)
    key = ["course_id", "problem_version_id", "part"]
    changed = {name: value for name, value in values.items() if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def forget(session: Session, course_id: int) -> None:
    """Drop the clusters of a course, which hold answers; they are worked out anew from those that are left."""
    session.execute(delete(ClusterSet).where(ClusterSet.course_id == course_id))


def has_effect(session: Session, rule_id: int) -> bool:
    """Whether a rule has not been ended."""
    query = select(ClusterRule.id).where(ClusterRule.id == rule_id, ClusterRule.ended.is_(None))
    return session.scalar(query) is not None


_RULES = (
    select(ClusterRule)
    .where(
        ClusterRule.course_id == bindparam("course_id"),
        ClusterRule.problem_version_id == bindparam("version_id"),
        ClusterRule.ended.is_(None),
    )
    .order_by(ClusterRule.id)
)


def rules(session: Session, course_id: int, problem_version_id: int) -> Sequence[ClusterRule]:
    """The rules that have an effect on this version in a course, the oldest first."""
    return session.scalars(_RULES, {"course_id": course_id, "version_id": problem_version_id}).all()
