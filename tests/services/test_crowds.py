"""The large course: as much as was asked for, and marks that follow from the judged answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.bank.loading import load_bank
from grader.services import reviews, users
from grader.services.crowds import INSTRUCTOR_LOGIN, RULES, Size, create_crowd, has_crowd
from grader.services.problems import source_of
from grader.services.standings import Mark, reckon
from grader.store import enrolments, gradings
from grader.store.attempts import Attempt
from grader.store.submissions import Submission
from grader.store.waiting import UNDECIDED, WRITTEN, WaitingPart
from tests.factories import SteadyClock

PROBLEMS = Path(__file__).parents[2] / "problems" / "descent"
SIZE = Size(students=12, problems=2, tries=2, seeds=2)
PASSWORD = "a long password"


@pytest.fixture
def course_id(session: Session, clock: SteadyClock) -> int:
    sources = [source_of(problem) for problem in load_bank((PROBLEMS,)).problems.values()]
    return create_crowd(session, clock, sources, SIZE, PASSWORD).course_id


def test_it_is_as_large_as_asked(session: Session, clock: SteadyClock, course_id: int) -> None:
    assert has_crowd(session)
    assert users.authenticate(session, clock, INSTRUCTOR_LOGIN, PASSWORD)
    assert len(enrolments.students(session, course_id)) == SIZE.students
    assert session.scalar(select(func.count()).select_from(Attempt)) == SIZE.students * SIZE.problems
    sent = session.scalar(select(func.count()).select_from(Submission)) or 0
    assert SIZE.students * SIZE.problems <= sent <= SIZE.students * SIZE.problems * (2 * SIZE.tries - 1)


def test_the_marks_follow_from_the_answers(session: Session, course_id: int) -> None:
    assert course_id
    solved = 0
    for row in session.scalars(select(Attempt)):
        judged = gradings.latest_marks(session, row.id)
        standing = reckon(([Mark.from_json(each) for each in marks] for _, _, marks in judged), RULES.penalty)
        assert (row.score, row.tries_used, row.is_solved) == (standing.score, standing.tries_used, standing.is_solved)
        assert [counted for _, counted, _ in judged] == list(standing.counted)
        solved += row.is_solved
    assert 0 < solved < SIZE.students * SIZE.problems


def test_some_answers_wait_for_a_person(session: Session, clock: SteadyClock) -> None:
    files = (PROBLEMS.parent / "understanding" / "explain-two-modes.yaml", PROBLEMS / "descent-on-parabola.yaml")
    sources = [source_of(problem) for problem in load_bank(files).problems.values()]
    made = create_crowd(session, clock, sources, replace(SIZE, undecided=0.5), PASSWORD)
    waiting = session.scalars(select(WaitingPart)).all()
    assert {row.kind for row in waiting} == {WRITTEN, UNDECIDED}
    assert {row.course_id for row in waiting} == {made.course_id}
    teacher = users.authenticate(session, clock, INSTRUCTOR_LOGIN, PASSWORD)
    assert reviews.list_reviews(session, teacher, made.course_id, None).total == len(waiting)
    for row in waiting:
        (*_, (_, _, marks)) = gradings.latest_marks(session, row.attempt_id)
        assert next(Mark.from_json(each) for each in marks if each[0] == row.part).outcome == "undecided"
