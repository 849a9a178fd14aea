"""The teacher's tables, CSV, and the demo course."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from grader.errors import NotFound
from grader.services import assignments, attempts, courses, results, spreadsheets, submissions, users
from grader.services.access import Actor
from grader.services.assignments import ChosenProblem
from grader.services.demo import DEMO_PASSWORD, create_demo
from grader.services.policies import Policy, Progress
from tests.factories import Scene, SteadyClock, grade_words, make_problem


@pytest.fixture
def scene(session: Session, clock: SteadyClock) -> Scene:
    return Scene(session, clock)


def test_table(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    ada, ben, chen = (scene.add_person() for _ in range(3))
    policy = Policy(tries=2)
    chosen = [ChosenProblem(make_problem("one"), Fraction(10)), ChosenProblem(make_problem("two"))]
    view = assignments.create_assignment(session, clock, scene.teacher, scene.course_id, "Week 1", chosen, policy)
    first, second = attempts.open_attempts(session, clock, ada, view.id)
    submissions.submit(session, clock, grade_words, ada, first.id, {"a": "right"})
    for _ in range(2):
        submissions.submit(session, clock, grade_words, ada, second.id, {"a": "wrong"})
    attempts.open_attempt(session, clock, ben, view.id, "one")
    attempts.open_attempt(session, clock, scene.teacher, view.id, "one")
    other = scene.add_assignment()
    table = results.assignment_results(session, scene.teacher, view.id)
    assert [(column.problem_id, column.max_points) for column in table.columns] == [("one", 10), ("two", 3)]
    assert [row.student.id for row in table.rows] == [ada.user_id, ben.user_id, chen.user_id]
    seen = [[(cell.progress, cell.points, cell.tries_used) for cell in row.cells] for row in table.rows]
    assert seen == [
        [(Progress.TRIED, Fraction(20, 3), 1), (Progress.SPENT, 0, 2)],
        [(Progress.STARTED, 0, 0), (Progress.NEW, 0, 0)],
        [(Progress.NEW, 0, 0), (Progress.NEW, 0, 0)],
    ]
    assert table.rows[0].cells[0].attempt_id == first.id
    whole = results.course_results(session, scene.teacher, scene.course_id)
    assert [column.assignment_id for column in whole.columns] == [view.id, view.id, other.id]
    assert (whole.max_points, whole.rows[0].points) == (16, Fraction(20, 3))
    mine = results.student_results(session, clock, ada, scene.course_id, ada.user_id)
    assert [one.points for one in mine.assignments] == [Fraction(20, 3), 0]
    with pytest.raises(NotFound):
        results.student_results(session, clock, ben, scene.course_id, ada.user_id)


def test_detail_of_a_submission(scene: Scene) -> None:
    ada = scene.add_person()
    attempt = scene.open(ada)
    sent = submissions.submit(scene.session, scene.clock, grade_words, ada, attempt.id, {"a": "half"})
    detail = results.submission_detail(scene.session, scene.clock, scene.teacher, sent.id)
    assert (detail.submission, detail.attempt.id, detail.attempt.role) == (sent, attempt.id, "instructor")


def test_csv_says_zero_and_nothing_apart_and_runs_no_formula(scene: Scene) -> None:
    session, clock = scene.session, scene.clock
    evil = users.register(session, clock, "evil", '=HYPERLINK(1), "quoted"', None)
    courses.enrol(session, clock, scene.teacher, scene.course_id, "evil")
    view = assignments.create_assignment(
        session, clock, scene.teacher, scene.course_id, "+W", [ChosenProblem(make_problem()) for _ in range(3)]
    )
    opened = attempts.open_attempts(session, clock, Actor(evil.id), view.id)
    submissions.submit(session, clock, grade_words, Actor(evil.id), opened[0].id, {"a": "wrong"})
    submissions.submit(session, clock, grade_words, Actor(evil.id), opened[1].id, {"a": "half"})
    text = spreadsheets.as_csv(results.assignment_results(session, scene.teacher, view.id))
    head, most, row = csv.reader(io.StringIO(text, newline=""))
    assert head[:2] == ["Log-in", "Name"]
    assert head[2].startswith("'+W: Title of")
    assert most == ["", "Maximum", "3", "3", "3", "9"]
    assert row == ["evil", '\'=HYPERLINK(1), "quoted"', "0", "1", "", "1"]


@pytest.mark.parametrize(
    ("number", "text"),
    [("0", "0"), ("10", "10"), ("7/2", "3.5"), ("2/3", "0.6667"), ("1/20000", "0"), ("-1/4", "-0.25"), ("100", "100")],
)
def test_decimals(number: str, text: str) -> None:
    assert spreadsheets.decimal(Fraction(number)) == text


def test_demo_is_made_once(session: Session, clock: SteadyClock) -> None:
    topics = ("jacobians", "derivatives", "descent", "something-else")
    problems = [make_problem(f"{topic}-{number}", topic) for topic in topics for number in range(8)]
    made = create_demo(session, clock, problems)
    assert create_demo(session, clock, problems) == made
    teacher = users.authenticate(session, clock, "instructor", DEMO_PASSWORD)
    ada = users.authenticate(session, clock, "ada", DEMO_PASSWORD)
    assert len(courses.list_students(session, teacher, made.course_id)) == 3
    (course,) = courses.list_courses(session, ada)
    assert course.title == "Calculus for Machine Learning"
    listed = assignments.list_assignments(session, clock, ada, course.id)
    assert [one.problems for one in listed] == [6, 6, 6, 6]
    assert [one.policy.practice for one in listed].count(True) == 1
    assert len({one.title for one in listed}) == 4
    opened = attempts.open_attempts(session, clock, ada, listed[0].id)
    assert not any(one.refusal for one in opened)


def test_demo_survives_a_start_that_was_cut_off(session: Session, clock: SteadyClock) -> None:
    """People may be there already, from before or from an earlier try."""
    users.register(session, clock, "ada", "Another Ada", None)
    made = create_demo(session, clock, [make_problem()])
    assert create_demo(session, clock, [make_problem()]) == made
